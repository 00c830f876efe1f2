"""A correction changes what is this person's, wherever it lies, and nothing of anybody else's."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from servanda.desk import holds
from servanda.plan.find import Subject
from servanda.plan.requests import RequestPlan, Wish
from servanda.runtime.workspace import Workspace
from tests.apply.requests.house import ANN, BOB, planned, wish
from tests.plan.requests.reading import acts, change, keys, opened, sql, stays

CLIENTS, ORDERS, CALLS, TAPES = "crm.clients", "crm.orders", "pbx.calls", "tapes.wav"
NUMBER = (("contact.phone", "028 9000 0099"),)


def _corrected(workspace: Workspace, *corrections: tuple[str, str]) -> RequestPlan:
    asked = wish("1", ANN, "rectification", corrections=corrections)
    return planned(workspace, [asked, wish("2", BOB, "rectification", corrections=corrections[:0])])


def test_a_name_is_set_right_wherever_it_lies(workspace: Workspace) -> None:
    plan = _corrected(workspace, ("name", "Anne"))
    assert acts(plan) == {
        (CLIENTS, "correct", ("name",)): keys(1),
        (ORDERS, "correct", ("billed",)): keys(11, 12),
    }
    assert {lot.correct for lot in plan.lots} == {(("name", "Anne"),), (("billed", "Anne"),)}
    assert not plan.kept
    assert not acts(plan, "2")


def test_one_field_may_be_named(workspace: Workspace) -> None:
    assert acts(_corrected(workspace, ("crm.orders.note", "a chest"))) == {
        (ORDERS, "correct", ("note",)): keys(11, 12)
    }


def test_what_is_right_already_is_not_outstanding(house: Path) -> None:
    """Else a request that was done would for ever be told as not finished."""
    sql(house, "crm", "UPDATE clients SET name = 'Anne', news = 'no' WHERE id = 1")
    sql(house, "crm", "UPDATE orders SET billed = NULL WHERE id = 12")
    with opened(house) as workspace:
        plan = _corrected(workspace, ("name", "Anne"))
        withdrawn = planned(workspace, [wish("1", ANN, "withdraw")])
    assert acts(plan) == {(ORDERS, "correct", ("billed",)): keys(11, 12)}
    assert not withdrawn.lots


def test_a_shared_call_loses_nothing_of_the_other_one(workspace: Workspace) -> None:
    """Call 2 is Ann's and Cid's: hers is `src`, and `dst` holds his number."""
    assert acts(_corrected(workspace, *NUMBER)) == {
        (CLIENTS, "correct", ("phone",)): keys(1),
        (CALLS, "correct", ("src",)): keys(1, 2),
    }


def test_names_of_the_others_in_a_call_stay(house: Path) -> None:
    """Call 1 is with the office, call 2 with Cid; in both only the caller's name is Ann's."""
    change(
        house,
        "stores.yaml",
        (
            "          tape: comms",
            "          caller: {is: name, erase: blank}\n"
            "          called: {is: name, erase: blank}\n          tape: comms",
        ),
        (
            "identify: {phone: [src, dst]}",
            "identify: {phone: [src, dst]}\n"
            "        parties: {caller: [src, caller], callee: [dst, called]}",
        ),
    )
    change(house, "policy.yaml", ("data: [contact.phone, ", "data: [name, contact.phone, "))
    sql(
        house,
        "pbx",
        "ALTER TABLE calls ADD COLUMN caller TEXT",
        "ALTER TABLE calls ADD COLUMN called TEXT",
        "UPDATE calls SET caller = 'Ann', called = iif(id = 2, 'Cid', 'Office')",
    )
    with opened(house) as workspace:
        plan = _corrected(workspace, ("name", "Anne"))
    assert acts(plan)[CALLS, "correct", ("caller",)] == keys(1, 2)
    assert (CALLS, "correct", ("called",)) not in acts(plan)


def test_a_second_number_of_the_same_person_stays(house: Path) -> None:
    change(
        house,
        "stores.yaml",
        (
            "          phone: contact.phone\n",
            "          phone: contact.phone\n          mobile: contact.phone\n",
        ),
        ("phone: [phone]}", "phone: [phone, mobile]}"),
    )
    sql(
        house,
        "crm",
        "ALTER TABLE clients ADD COLUMN mobile TEXT",
        "UPDATE clients SET mobile = '07700 90000' || id",
    )
    with opened(house) as workspace:
        plan = _corrected(workspace, *NUMBER)
        both = wish("1", (*ANN, ("phone", "07700 900001")), "rectification", corrections=NUMBER)
        named = planned(workspace, [both])
    assert acts(plan)[CLIENTS, "correct", ("phone",)] == keys(1)
    assert (CLIENTS, "correct", ("mobile",)) not in acts(plan)
    # who gives both numbers asks for both to be changed
    assert acts(named)[CLIENTS, "correct", ("mobile",)] == keys(1)


def test_a_text_that_only_names_somebody_is_not_replaced(house: Path) -> None:
    change(
        house,
        "stores.yaml",
        (
            "          note: {is: comms, erase: blank}",
            "          note: {is: [contact.email, comms], erase: blank}",
        ),
        (
            "        links:\n          - {to: clients",
            "        identify: {email: [{in: note}]}\n        links:\n          - {to: clients",
        ),
    )
    sql(
        house,
        "crm",
        "UPDATE orders SET note = 'bill ann@example.test please' WHERE id = 21",
        "UPDATE orders SET note = 'ann@example.test' WHERE id = 22",
    )
    with opened(house) as workspace:
        plan = _corrected(workspace, ("contact.email", "anne@example.test"))
    assert acts(plan) == {(CLIENTS, "correct", ("email",)): keys(1)}


def test_what_cannot_be_changed_where_it_lies_is_told(house: Path) -> None:
    """A key names its record, and a file's name its file."""
    change(house, "stores.yaml", ("key: [id]", "key: [id, name]"))
    with opened(house) as workspace:
        plan = _corrected(workspace, ("name", "Anne"), ("comms.call_recording", "z"))
    assert stays(plan) == {
        (CLIENTS, "fixed", ("name",)): {(1, "Ann")},
        (TAPES, "fixed", ("path",)): keys("a1.wav", "a2.wav"),
    }
    assert acts(plan) == {
        (ORDERS, "correct", ("billed",)): keys(11, 12),
        (CALLS, "correct", ("tape",)): keys(1, 2),
    }


def test_what_is_held_is_not_changed_and_told(workspace: Workspace) -> None:
    holds.add_person(workspace.master, (("phone", "02890000001"),), reason="a claim", by="me")
    plan = _corrected(workspace, ("name", "Anne"))
    assert stays(plan) == {
        (CLIENTS, "hold", ("name",)): keys(1),
        (ORDERS, "hold", ("billed",)): keys(11, 12),  # what is owned is held with its owner
    }
    assert not acts(plan)


def test_where_we_may_not_write_nothing_is_changed(house: Path) -> None:
    change(house, "stores.yaml", ("  crm:\n", "  crm:\n    mode: verify\n"))
    with opened(house) as workspace:
        plan = _corrected(workspace, ("name", "Anne"))
    assert not acts(plan)
    assert stays(plan) == {
        (CLIENTS, "verify", ()): keys(1),
        (ORDERS, "verify", ()): keys(11, 12),
    }


def test_a_store_that_is_away_is_told(workspace: Workspace, house: Path) -> None:
    (house / "pbx.sqlite").rename(house / "away")
    plan = _corrected(workspace, *NUMBER)
    assert [each.store for each in plan.silent] == ["pbx"]
    assert acts(plan) == {(CLIENTS, "correct", ("phone",)): keys(1)}


def test_a_withdrawn_consent_is_a_no(workspace: Workspace) -> None:
    plan = planned(workspace, [wish("1", ANN, "withdraw", purpose="marketing")])
    assert acts(plan) == {(CLIENTS, "correct", ("news",)): keys(1)}
    assert [lot.correct for lot in plan.lots] == [(("news", "no"),)]
    every = planned(workspace, [wish("1", ANN, "withdraw")])
    assert every.lots == plan.lots
    other = planned(workspace, [wish("1", ANN, "withdraw", purpose="support")])
    assert not other.lots
    assert not other.empty  # somebody was found; there was nothing to change


def test_of_two_people_under_one_address_neither_is_changed(workspace: Workspace) -> None:
    who = Subject("1", (("email", "office@example.test"),))
    asked = Wish("1", "rectification", who, corrections=(("name", "Ever"),))
    plan = planned(workspace, [asked])
    assert [each.ref for each in plan.unclear] == ["1"]
    assert not plan.lots
    chosen = replace(asked, subject=replace(who, only=((CLIENTS, (4,)),)))
    assert acts(planned(workspace, [chosen])) == {(CLIENTS, "correct", ("name",)): keys(4)}
