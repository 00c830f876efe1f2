"""What goes, what stays and what is only seen: each rule by itself, always with a neighbour."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from servanda.plan.find import Subject, find, way_in_words
from servanda.stores.mapping import Collection
from tests.plan.find.town import branch, fates, link, table, town

ADA, BEA = "ada@example.test", "bea@example.test"
PEOPLE = table("people", "email", identify={"email": ["email"]})
TWO = {"crm.people": [(1, ADA), (2, BEA)]}


def test_a_record_goes_with_its_last_owner(tmp_path: Path) -> None:
    notes = table(
        "notes",
        "writer",
        "reader",
        links=[
            link("crm.people", "writer", "id", "owned_by"),
            link("crm.people", "reader", "id", "owned_by"),
        ],
    )
    rows = {**TWO, "crm.notes": [(1, 1, None), (2, 1, 2), (3, 2, 2), (4, None, "")]}
    with town(tmp_path, [PEOPLE, notes], rows) as made:
        ada, bea = made.find(ADA, BEA)
        assert fates(ada) == {
            ("crm.people", 1): "goes",
            ("crm.notes", 1): "goes",
            ("crm.notes", 2): "stays",
        }
        assert fates(bea) == {
            ("crm.people", 2): "goes",
            ("crm.notes", 3): "goes",
            ("crm.notes", 2): "stays",
        }
        shared = branch(ada, "crm.notes", 2)
        assert (shared.role, shared.others, shared.why) == ("co-owner", 1, ("others",))
        both = made.find(ADA, BEA, together=True)
        assert set(fates(both[0]).values()) | set(fates(both[1]).values()) == {"goes"}


def test_what_a_link_table_owns_is_shared_by_its_members(tmp_path: Path) -> None:
    members = table(
        "members",
        "person",
        "club",
        links=[
            link("crm.people", "person", "id", "owned_by"),
            link("crm.clubs", "club", "id", "owns"),
        ],
    )
    clubs = table("clubs", "name")
    posts = table("posts", "club", links=[link("crm.clubs", "club", "id", "owned_by")])
    rows = {
        **TWO,
        "crm.members": [(1, 1, 10), (2, 1, 11), (3, 2, 11), (4, None, 12)],
        "crm.clubs": [(10, "a"), (11, "b"), (12, "c")],
        "crm.posts": [(1, 10), (2, 11), (3, 12)],
    }
    with town(tmp_path, [PEOPLE, members, clubs, posts], rows) as made:
        (ada,) = made.find(ADA)
        assert fates(ada) == {
            ("crm.people", 1): "goes",
            ("crm.members", 1): "goes",
            ("crm.members", 2): "goes",
            ("crm.clubs", 10): "goes",
            ("crm.posts", 1): "goes",
            ("crm.clubs", 11): "stays",
            ("crm.posts", 2): "stays",  # a club that stays keeps what it owns
        }
        assert way_in_words(branch(ada, "crm.posts", 1).way) == (
            "found by email → owned through crm.people (person = id) → owned through crm.members "
            "(id = club) → owned through crm.clubs (club = id)"
        )


def test_who_only_sees_a_record_leaves_it(tmp_path: Path) -> None:
    tickets = table(
        "tickets",
        "client",
        "agent",
        links=[
            link("crm.people", "client", "id", "owned_by"),
            link(
                "crm.people",
                "agent",
                "id",
                "accessed_by",
                hide=("client",),
                redact=("agent",),
            ),
        ],
    )
    replies = table("replies", "ticket", links=[link("crm.tickets", "ticket", "id", "owned_by")])
    rows = {**TWO, "crm.tickets": [(1, 1, 2), (2, 2, 2), (3, 1, None)], "crm.replies": [(7, 1)]}
    with town(tmp_path, [PEOPLE, tickets, replies], rows) as made:
        ada, bea = made.find(ADA, BEA)
        assert fates(ada) == {
            ("crm.people", 1): "goes",
            ("crm.tickets", 1): "goes",
            ("crm.tickets", 3): "goes",
            ("crm.replies", 7): "goes",
        }
        assert fates(bea) == {
            ("crm.people", 2): "goes",
            ("crm.tickets", 2): "goes",
            ("crm.tickets", 1): "seen",
            ("crm.replies", 7): "seen",
        }
        seen, own = branch(bea, "crm.tickets", 1), branch(bea, "crm.tickets", 2)
        assert (seen.redact, seen.hide) == (("agent",), ("client",))
        assert (own.redact, own.hide) == ((), ())


def test_traces_of_an_owner_who_goes_are_erased_where_the_record_stays(tmp_path: Path) -> None:
    chats = table(
        "chats",
        "sender",
        "receiver",
        links=[
            link("crm.people", "sender", "id", "owned_by", redact=("sender",)),
            link(
                "crm.people", "receiver", "id", "owned_by", redact=("receiver",), hide=("sender",)
            ),
        ],
    )
    rows = {**TWO, "crm.chats": [(1, 1, 2), (2, 2, 1), (3, 1, 1)]}
    with town(tmp_path, [PEOPLE, chats], rows) as made:
        (ada,) = made.find(ADA)
        assert branch(ada, "crm.chats", 1).redact == ("sender",)
        assert branch(ada, "crm.chats", 1).hide == ()
        assert branch(ada, "crm.chats", 2).redact == ("receiver",)
        assert branch(ada, "crm.chats", 2).hide == ("sender",)
        assert branch(ada, "crm.chats", 3).goes
        assert branch(ada, "crm.chats", 3).hide == ()  # one of her ways shows it


def test_a_tie_that_takes_its_records_along(tmp_path: Path) -> None:
    albums = table(
        "albums",
        "owner",
        "guest",
        links=[
            link("crm.people", "owner", "id", "owned_by", goes=True),
            link("crm.people", "guest", "id", "owned_by"),
        ],
    )
    photos = table(
        "photos", "album", links=[link("crm.albums", "album", "id", "owned_by", goes=True)]
    )
    rows = {
        **TWO,
        "crm.albums": [(1, 1, 2), (2, 2, 1), (3, 2, None)],
        "crm.photos": [(1, 1), (2, 2), (3, 3)],
    }
    with town(tmp_path, [PEOPLE, albums, photos], rows) as made:
        (ada,) = made.find(ADA)
        assert fates(ada) == {
            ("crm.people", 1): "goes",
            ("crm.albums", 1): "goes",
            ("crm.photos", 1): "goes",
            ("crm.albums", 2): "stays",
            ("crm.photos", 2): "stays",
        }
        taken = branch(ada, "crm.albums", 1)
        assert (taken.role, taken.others) == ("co-owner", 1)


def test_circles_do_not_keep_themselves_alive(tmp_path: Path) -> None:
    legs = table(
        "legs",
        "call",
        "caller",
        identify={"email": ["caller"]},
        links=[link("crm.legs", "call", "call", "owns")],
    )
    rows = {
        "crm.legs": [
            *((1, "c1", ADA), (2, "c1", None), (3, "c1", "")),
            *((4, "c2", ADA), (5, "c2", BEA), (6, "c2", None)),
            *((7, None, BEA), (8, "", None)),
        ]
    }
    with town(tmp_path, [legs], rows) as made:
        (ada,) = made.find(ADA)
        found = fates(ada)
        assert {key for (_, key), fate in found.items() if fate == "goes"} == {1, 2, 3}
        assert {key for (_, key), fate in found.items() if fate == "stays"} == {4, 5, 6}
        assert len(branch(ada, "crm.legs", 2).way.steps) == 2


def test_a_chain_of_twelve_and_a_table_linked_to_itself(tmp_path: Path) -> None:
    chain = [PEOPLE] + [
        table(
            f"c{number}",
            "up",
            links=[
                link(f"crm.c{number - 1}" if number > 1 else "crm.people", "up", "id", "owned_by")
            ],
        )
        for number in range(1, 13)
    ]
    replies = table(
        "replies",
        "reply_to",
        "author",
        links=[
            link("crm.people", "author", "id", "owned_by"),
            link("crm.replies", "reply_to", "id", "owned_by"),
        ],
    )
    rows = {
        **TWO,
        **{f"crm.c{number}": [(1, 1), (2, 2)] for number in range(1, 13)},
        "crm.replies": [(1, None, 1), *((n, n - 1, None) for n in range(2, 30)), (30, 29, 2)],
    }
    with town(tmp_path, [*chain, replies], rows) as made:
        (ada,) = made.find(ADA)
        found = fates(ada)
        assert [found[f"crm.c{number}", 1] for number in range(1, 13)] == ["goes"] * 12
        assert not any(key == 2 and id_ != "crm.replies" for id_, key in found)
        assert len(branch(ada, "crm.c12", 1).way.steps) == 13
        assert [found["crm.replies", n] for n in range(1, 30)] == ["goes"] * 29
        assert found["crm.replies", 30] == "stays"
        assert len(branch(ada, "crm.replies", 29).way.steps) == 3  # going round is no new way


def test_composite_keys_and_keys_of_text(tmp_path: Path) -> None:
    accounts = table("accounts", "email", key=("branch", "number"), identify={"email": ["email"]})
    moves = table(
        "moves",
        "branch",
        "account",
        key=("ref",),
        links=[link("crm.accounts", "account branch", "number branch", "owned_by")],
    )
    rows = {
        "crm.accounts": [("N", "007", ADA), ("S", "7", ADA), ("S", "007", BEA), ("N", "7", BEA)],
        "crm.moves": [("a", "N", "007"), ("b", "S", "7"), ("c", "S", "007"), ("d", "N", "7"),
                      ("e", None, "007")],
    }  # fmt: skip
    with town(tmp_path, [accounts, moves], rows) as made:
        ada, bea = made.find(ADA, BEA)
        assert {key for id_, key in fates(ada) if id_ == "crm.moves"} == {"a", "b"}
        assert {key for id_, key in fates(bea) if id_ == "crm.moves"} == {"c", "d"}
        assert branch(ada, "crm.accounts", "N", "007").named_by == ("branch", "number")


def test_two_people_in_one_record(tmp_path: Path) -> None:
    plain = table("calls", "src", "dst", "note", identify={"email": ["src", "dst"]})
    named = replace(
        table(
            "named",
            "src",
            "dst",
            "note",
            identify={"email": ["src", "dst"]},
            parties={"caller": ["src", "note"], "callee": ["dst"]},
        )
    )
    one = table(
        "one", "mail", "mail2", identify={"email": ["mail", "mail2"]},
        parties={"client": ["mail", "mail2"]},
    )  # fmt: skip
    main = "office@example.test"
    rows = {
        "crm.calls": [(1, ADA, BEA, ""), (2, ADA, main, ""), (3, ADA, None, "")],
        "crm.named": [(1, ADA, BEA, "x"), (2, BEA, ADA, "x"), (3, BEA, BEA, "x")],
        "crm.one": [(1, ADA, BEA), (2, BEA, "")],
    }
    with town(tmp_path, [plain, named, one], rows) as made:
        (ada,) = made.find(ADA, own=[("email", main)])
        assert fates(ada) == {
            ("crm.calls", 1): "stays",
            ("crm.calls", 2): "goes",  # the office is nobody
            ("crm.calls", 3): "goes",
            ("crm.named", 1): "stays",
            ("crm.named", 2): "stays",
            ("crm.one", 1): "goes",  # both addresses are the client's
        }
        assert branch(ada, "crm.calls", 1).redact == ("src",)
        assert branch(ada, "crm.named", 1).redact == ("src", "note")
        assert branch(ada, "crm.named", 1).hide == ("dst",)
        assert branch(ada, "crm.named", 2).redact == ("dst",)
        (unsure,) = made.find(ADA)
        assert fates(unsure)["crm.calls", 2] == "stays"


def test_records_that_have_no_key(tmp_path: Path) -> None:
    lines = replace(
        table("lines", "who", "text", key=(), identify={"email": ["who"]}),
        links=(link("crm.people", "who", "email", "owned_by"),),
    )
    rows = {**TWO, "crm.lines": [(ADA, "x"), (ADA, "x"), (ADA, "y"), (BEA, "x")]}
    with town(tmp_path, [PEOPLE, lines], rows) as made:
        (ada,) = made.find(ADA)
        (found,) = [b for b in ada.branches if b.collection == "crm.lines"]
        assert (found.named_by, found.keys) == (("who", "text"), ((ADA, "x"), (ADA, "y")))
        assert found.goes


def test_nobody_is_found_where_nobody_is(tmp_path: Path) -> None:
    collections: list[Collection] = [PEOPLE]
    with town(tmp_path, collections, TWO) as made:
        for identity in [("email", "eve@example.test"), ("shoe", ADA), ("email", " ")]:
            tree = made.one(identity)
            assert (tree.branches, tree.records, tree.searched) == ((), 0, ("crm.people",))
        assert find([], collections, made.stores) == []
        assert find([Subject("R", ())], collections, made.stores)[0].records == 0
