"""What is not known: stores that do not answer, unknown tenants, two people behind one address."""

from __future__ import annotations

from pathlib import Path

from servanda.kernel.errors import StoreUnreachable
from servanda.plan.find import Subject, find, text
from tests.plan.find.town import branch, fates, link, table, town

ADA, BEA = "ada@example.test", "bea@example.test"
PEOPLE = table("people", "email", "phone", identify={"email": ["email"], "phone": ["phone"]})


def test_a_store_that_does_not_answer_leaves_its_part_pending(tmp_path: Path) -> None:
    people = table("people", "email", identify={"email": ["email"]})
    notes = table(
        "notes",
        "person",
        "case_",
        "email",
        store="desk",
        identify={"email": ["email"]},
        links=[
            link("crm.people", "person", "id", "owned_by"),
            link("law.cases", "case_", "id", "owned_by"),
        ],
    )
    cases = table("cases", "email", store="law", identify={"email": ["email"]})
    rows = {
        "crm.people": [(1, ADA), (2, BEA)],
        "desk.notes": [(1, 1, None, ""), (2, 1, 5, ""), (3, 2, 5, "")],
        "law.cases": [(5, BEA)],
    }
    with town(tmp_path, [people, notes, cases], rows) as made:
        assert fates(made.find(ADA)[0]) == {
            ("crm.people", 1): "goes",
            ("desk.notes", 1): "goes",
            ("desk.notes", 2): "stays",
        }
        law = made.stores["law"]
        made.stores["law"] = StoreUnreachable("law", "no route")
        (tree,) = made.find(ADA)
        made.stores["law"] = law
    assert not tree.complete
    (pending,) = tree.pending
    assert (pending.store, pending.collections) == ("law", ("law.cases",))
    assert pending.behind == ("desk.notes",)
    assert fates(tree)["desk.notes", 1] == "goes"
    waiting = branch(tree, "desk.notes", 2)
    assert (waiting.goes, waiting.why, waiting.waits_for) == (False, ("waits",), ("law",))
    assert tree.searched == ("crm.people", "desk.notes")
    said = text(tree)
    assert "law did not answer, pending: law.cases" in said
    assert "desk.notes may be incomplete" in said
    assert ADA not in said


def test_a_store_that_fails_in_the_middle_is_told_and_the_rest_goes_on(tmp_path: Path) -> None:
    notes = table(
        "notes",
        "person",
        store="desk",
        links=[link("crm.people", "person", "id", "owned_by")],
    )
    with town(tmp_path, [PEOPLE, notes], {"crm.people": [(1, ADA, ""), (2, BEA, "")]}) as made:
        (tmp_path / "desk.sqlite").write_bytes(b"this is no database" * 100)
        (tree,) = made.find(ADA)
    assert fates(tree) == {("crm.people", 1): "goes"}
    assert [each.store for each in tree.pending] == ["desk"]


def test_rows_of_an_unknown_tenant_are_shown_and_not_touched(tmp_path: Path) -> None:
    people = table("people", "email", "firm", identify={"email": ["email"]}, tenant="firm")
    notes = table("notes", "person", links=[link("crm.people", "person", "id", "owned_by")])
    ours = table("ours", "email", identify={"email": ["email"]})
    rows = {
        "crm.people": [(1, ADA, "acme"), (2, ADA, ""), (3, ADA, "bolt"), (4, BEA, "acme")],
        "crm.notes": [(1, 1), (2, 2), (3, 3), (4, 4)],
        "crm.ours": [(1, ADA), (2, BEA)],
    }
    with town(tmp_path, [people, notes, ours], rows) as made:
        everywhere, acme = (made.one(("email", ADA), tenant=each) for each in (None, "acme"))
    assert fates(everywhere) == {
        ("crm.people", 1): "goes",
        ("crm.people", 2): "stays",
        ("crm.people", 3): "goes",
        ("crm.notes", 1): "goes",
        ("crm.notes", 2): "stays",
        ("crm.notes", 3): "goes",
        ("crm.ours", 1): "goes",
    }
    assert branch(everywhere, "crm.people", 3).tenant == "bolt"
    unknown = branch(everywhere, "crm.people", 2)
    assert (unknown.tenant, unknown.why) == (None, ("tenant",))
    assert "not touched: unknown tenant" in text(everywhere)
    assert fates(acme) == {
        ("crm.people", 1): "goes",
        ("crm.people", 2): "stays",
        ("crm.notes", 1): "goes",
        ("crm.notes", 2): "stays",
    }


def test_two_people_behind_one_address_are_told_and_never_merged(tmp_path: Path) -> None:
    both = "family@example.test"
    orders = table("orders", "person", links=[link("crm.people", "person", "id", "owned_by")])
    letters = table("letters", "email", identify={"email": ["email"]})
    rows = {
        "crm.people": [(1, both, "07700900001"), (2, both, "07700900002"), (3, BEA, "")],
        "crm.orders": [(1, 1), (2, 2), (3, 3)],
        "crm.letters": [(1, both), (2, BEA), (3, both)],
    }
    with town(tmp_path, [PEOPLE, orders, letters], rows) as made:
        unclear, bea = made.find(both, BEA)
        clear = made.one(("email", both), only=(("crm.people", (1,)),))
        other = made.one(("email", both), ("phone", "07700 900002"), only=(("crm.people", (2,)),))
    (ambiguity,) = unclear.ambiguities
    assert (ambiguity.collection, ambiguity.keys) == ("crm.people", ((1,), (2,)))
    assert (ambiguity.kinds, ambiguity.differ) == (("email",), ("id", "phone"))
    assert not unclear.complete
    assert bea.ambiguities == ()
    assert bea.complete
    assert "2 people of crm.people share the same email, told apart by id, phone" in text(unclear)
    assert clear.ambiguities == other.ambiguities == ()
    assert fates(clear) == {
        ("crm.people", 1): "goes",
        ("crm.orders", 1): "goes",
        ("crm.letters", 1): "stays",
        ("crm.letters", 3): "stays",
    }
    assert branch(clear, "crm.letters", 1).why == ("contested",)
    assert fates(other)["crm.orders", 2] == "goes"
    assert ("crm.orders", 1) not in fates(other)


def test_events_of_one_person_are_no_ambiguity_unless_the_mapping_says_so(tmp_path: Path) -> None:
    letters = table("letters", "email", identify={"email": ["email"]})
    cards = table("cards", "email", identify={"email": ["email"]}, one_per_person=True)
    rows = {"crm.letters": [(1, ADA), (2, ADA), (3, BEA)], "crm.cards": [(1, ADA), (2, ADA)]}
    with town(tmp_path, [letters, cards], rows) as made:
        (tree,) = made.find(ADA)
    assert [each.collection for each in tree.ambiguities] == ["crm.cards"]


def test_two_requests_by_one_address_both_find_it(tmp_path: Path) -> None:
    with town(tmp_path, [PEOPLE], {"crm.people": [(1, ADA, ""), (2, BEA, "")]}) as made:
        twice = [Subject("R-1", (("email", ADA),)), Subject("R-2", (("email", ADA),))]
        one, two = find(twice, made.collections, made.stores)
    assert fates(one) == fates(two) == {("crm.people", 1): "goes"}


def test_a_way_does_not_lead_from_one_customer_to_another(tmp_path: Path) -> None:
    people = table("people", "email", "firm", identify={"email": ["email"]}, tenant="firm")
    notes = table(
        "notes",
        "person",
        "firm",
        tenant="firm",
        links=[link("crm.people", "person", "id", "owned_by")],
    )
    rows = {
        "crm.people": [(1, ADA, "acme"), (2, BEA, "acme")],
        "crm.notes": [(1, 1, "acme"), (2, 1, "bolt"), (3, 1, None), (4, 2, "acme")],
    }
    with town(tmp_path, [people, notes], rows) as made:
        everywhere, acme = (made.one(("email", ADA), tenant=each) for each in (None, "acme"))
    assert fates(everywhere)["crm.notes", 2] == "goes"
    assert fates(acme) == {
        ("crm.people", 1): "goes",
        ("crm.notes", 1): "goes",
        ("crm.notes", 3): "stays",
    }
