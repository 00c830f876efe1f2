"""People are found in whatever notation stores write them, and nobody is found in their place."""

from __future__ import annotations

from pathlib import Path

from servanda.plan.find import Subject, find, text
from servanda.plan.find.model import Tree
from tests.plan.find.town import branch, fates, table, town

ADA = Subject("ada", (("email", "ada@example.test"), ("phone", "+44 28 9018 0001")))
BEA = Subject("bea", (("email", "bea@example.test"), ("phone", "028 9018 0002")))


def _ids(tree: Tree) -> dict[str, list[object]]:
    found: dict[str, list[object]] = {}
    for each in tree.branches:
        found.setdefault(each.collection, []).extend(key[0] for key in each.keys)
    return {name: sorted(ids, key=str) for name, ids in found.items()}


def test_one_person_in_five_notations_over_two_stores(tmp_path: Path) -> None:
    calls = table("calls", "src", store="pbx", identify={"phone": ["src"]}, region="GB")
    mails = table("mails", "sender", identify={"email": ["sender"]}, region="GB")
    rows = {
        "pbx.calls": [
            (1, "+442890180001"), (2, "028 9018 0001"), (3, "0044 (28) 9018-0001"),
            (4, "sip:02890180001@pbx"), (5, '"Ada" <442890180001>'),
            (6, "028 9018 0002"), (7, "2890180003"), (8, "0001"),
        ],
        "crm.mails": [
            (1, "ADA@example.test"), (2, '"Ada" <ada@Example.Test>'), (3, " ada@example.test "),
            (4, "ada+shop@example.test"), (5, "mailto:ada@example.test"),
            (6, "bea@example.test"), (7, "xada@example.test"), (8, "a.da@example.test"),
        ],
    }  # fmt: skip
    with town(tmp_path, [calls, mails], rows) as made:
        ada, bea = find([ADA, BEA], [calls, mails], made.stores)
    assert _ids(ada) == {"pbx.calls": [1, 2, 3, 4, 5], "crm.mails": [1, 2, 3, 4, 5]}
    assert _ids(bea) == {"pbx.calls": [6], "crm.mails": [6]}


def test_an_alias_is_found_in_both_directions_and_told(tmp_path: Path) -> None:
    mails = table("mails", "sender", identify={"email": ["sender"]})
    rows = {"crm.mails": [(1, "ada@example.test"), (2, "ada+shop@example.test"), (3, "b@x.test")]}
    alias = Subject("alias", (("email", "ada+shop@example.test"),))
    with town(tmp_path, [mails], rows) as made:
        ada, shop = find([ADA, alias], [mails], made.stores)
    assert _ids(ada) == _ids(shop) == {"crm.mails": [1, 2]}
    assert branch(ada, "crm.mails", 2).way.kinds == ("email (an alias)",)
    assert branch(ada, "crm.mails", 1).way.kinds == ("email",)
    assert branch(shop, "crm.mails", 1).way.kinds == ("email (an alias)",)
    assert "found by email (an alias)" in text(ada)


def test_two_customers_behind_aliases_of_one_address_are_two_people(tmp_path: Path) -> None:
    people = table("people", "email", identify={"email": ["email"]}, one_per_person=True)
    rows = {"crm.people": [(1, "ada@example.test"), (2, "ada+b@example.test"), (3, "c@x.test")]}
    with town(tmp_path, [people], rows) as made:
        (ada,) = find([ADA], [people], made.stores)
    assert [each.keys for each in ada.ambiguities] == [((1,), (2,))]


def test_an_identity_inside_a_text(tmp_path: Path) -> None:
    log = table(
        "log", "line", identify={"phone": ["line"]}, texts=(("phone", "line"),), region="GB"
    )
    rows = {
        "crm.log": [
            (1, "1700000000.12 call from 028 9018-0001 answered"),
            (2, "+442890180001 spoke to 028 9018 0002"),
            (3, "+44 28 9018 0001 called us at 028 9018 0099"),
            (4, "028 9018 0003 left"),
            (5, "12028901800019 is no number"),
        ]
    }
    with town(tmp_path, [log], rows) as made:
        ours = [("phone", "028 9018 0099")]
        ada, bea = find([ADA, BEA], [log], made.stores, own=ours)
        (unsure, _) = find([ADA, BEA], [log], made.stores)
    assert fates(ada) == {("crm.log", 1): "goes", ("crm.log", 2): "stays", ("crm.log", 3): "goes"}
    assert fates(bea) == {("crm.log", 2): "stays"}
    assert fates(unsure)["crm.log", 3] == "stays"  # it may be somebody's number
    assert branch(ada, "crm.log", 2).redact == ("line",)
    assert branch(ada, "crm.log", 1).way.kinds == ("phone in a text",)


def test_our_own_addresses_make_nobody_an_owner(tmp_path: Path) -> None:
    mails = table("mails", "sender", "rcpt", identify={"email": ["sender", "rcpt"]})
    rows = {
        "crm.mails": [
            (1, "ada@example.test", "Support <SUPPORT+web@msp.test>"),
            (2, "ada@example.test", "bea@example.test"),
            (3, "bea@example.test", "support@msp.test"),
        ]
    }
    own = [("email", "support@msp.test")]
    everybody = [ADA, Subject("us", (("email", "support@msp.test"),))]
    with town(tmp_path, [mails], rows) as made:
        ada, us = find(everybody, [mails], made.stores, own=own)
        (unsaid,) = find([ADA], [mails], made.stores)
    assert fates(ada) == {("crm.mails", 1): "goes", ("crm.mails", 2): "stays"}
    assert us.branches == ()
    assert fates(unsaid) == {("crm.mails", 1): "stays", ("crm.mails", 2): "stays"}


def test_an_extension_is_found_and_is_no_other_owner(tmp_path: Path) -> None:
    calls = table("calls", "src", "dst", identify={"phone": ["src", "dst"]}, region="GB")
    rows = {"crm.calls": [(1, "02890180001", "201"), (2, "201", "202"), (3, "02890180002", "2010")]}
    desk = Subject("desk", (("phone", "201"),))
    with town(tmp_path, [calls], rows) as made:
        ada, found = find([ADA, desk], [calls], made.stores)
    assert fates(ada) == {("crm.calls", 1): "goes"}
    assert fates(found) == {("crm.calls", 1): "stays", ("crm.calls", 2): "goes"}
