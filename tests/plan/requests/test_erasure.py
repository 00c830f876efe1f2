"""What an erasure comes to, record by record: gone, gone in part, or kept with its reason.

Two people and three records at least in every case; what is another's is looked at each time.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from servanda.desk import holds
from servanda.plan.find import Key
from servanda.plan.requests import RequestPlan, Wish
from servanda.runtime import finding
from servanda.runtime.workspace import Workspace
from tests.apply.requests.house import ANN, BOB, CID, planned, wish
from tests.plan.requests.reading import acts, change, keys, opened, sql, stays

CLIENTS, ORDERS, CALLS, TAPES = "crm.clients", "crm.orders", "pbx.calls", "tapes.wav"
ALL_OF_ANN = {
    (CLIENTS, "delete", ()): keys(1),
    (ORDERS, "delete", ()): keys(12),
    (ORDERS, "redact", ("note",)): keys(11),
    (CALLS, "delete", ()): keys(1),
    (CALLS, "redact", ("src",)): keys(2),
    (TAPES, "delete", ()): keys("a1.wav"),
}


def test_what_goes_and_what_stays_of_ann(workspace: Workspace) -> None:
    plan = planned(workspace, [wish("1", ANN)])
    assert acts(plan) == ALL_OF_ANN
    assert stays(plan) == {
        (ORDERS, "floor", ("billed",)): keys(11),
        (CALLS, "others", ()): keys(2),
        (TAPES, "others", ()): keys("a2.wav"),
    }
    (floor,) = [each for each in plan.kept if each.reason == "floor"]
    assert floor.ground == "tax law"
    # six years to the end of the day after 1 June 2024, in Belfast
    assert floor.until == datetime(2030, 6, 1, 23, tzinfo=UTC)


def _asked_for(workspace: Workspace, wishes: list[Wish]) -> set[tuple[str, str, Key]]:
    subjects = [replace(each.subject, ref=each.ref) for each in wishes]
    return {
        (tree.subject.ref, branch.collection, key)
        for tree in finding.find(workspace, subjects, together=True)
        for branch in tree.branches
        for key in branch.keys
    }


def _told_once(plan: RequestPlan) -> set[tuple[str, str, Key]]:
    """Every record that the plan tells of; none stands in two lots."""
    acted = [(ref, lot.collection, key) for lot in plan.lots for ref, ks in lot.by for key in ks]
    assert len(acted) == len(set(acted))
    whole = [(k.ref, k.collection, key) for k in plan.kept if not k.fields for key in k.keys]
    deleted = {
        (ref, lot.collection, key)
        for lot in plan.lots
        if lot.deed == "delete"
        for ref, ks in lot.by
        for key in ks
    }
    assert not deleted & set(whole)
    return {*acted, *((k.ref, k.collection, key) for k in plan.kept for key in k.keys)}


_CASES = {
    "crm is only measured": ("  crm:\n", "  crm:\n    mode: verify\n"),
    "clients are emptied": ("key: [id]", "key: [id]\n        emptied: true"),
    "crm is of an unknown version": ("key: [id]", "key: [id]\n        expect: [vat]"),
}


@pytest.mark.parametrize("case", [None, *_CASES])
@pytest.mark.parametrize("held", [False, True])
def test_every_record_found_is_told(house: Path, case: str | None, held: bool) -> None:
    if case is not None:
        change(house, "stores.yaml", _CASES[case])
    wishes = [wish("1", ANN), wish("2", BOB), wish("3", CID, spare=(("orders", "exempt"),))]
    with opened(house) as workspace:
        if held:
            holds.add_person(workspace.master, BOB, reason="a claim", by="me")
        plan = planned(workspace, wishes)
        assert _told_once(plan) == _asked_for(workspace, wishes)
        assert {ref for ref, _, _ in _told_once(plan)} == {"1", "2", "3"}


def test_what_is_held_stays_whole(workspace: Workspace) -> None:
    holds.add_person(workspace.master, BOB, reason="a claim", by="me")
    plan = planned(workspace, [wish("1", BOB), wish("2", ANN)])
    assert stays(plan)[CLIENTS, "hold", ()] == keys(2)
    assert stays(plan)[CALLS, "hold", ()] == keys(3)
    assert not any(id_ in (CLIENTS, CALLS) for id_, _, _ in acts(plan))
    # and the other one's request is what it was
    assert acts(plan, "2") == ALL_OF_ANN


def test_when_both_go_nothing_is_left_to_share(workspace: Workspace) -> None:
    plan = planned(workspace, [wish("1", ANN), wish("2", CID)])
    assert acts(plan)[CALLS, "delete", ()] == keys(1, 2)
    assert acts(plan, "2")[CALLS, "delete", ()] == keys(2)
    (calls,) = [lot for lot in plan.lots if lot.collection == CALLS]
    assert sorted(calls.keys) == [(1,), (2,)]  # once, though both ask for it
    assert acts(plan)[TAPES, "delete", ()] == keys("a1.wav", "a2.wav")
    assert not any(kept.reason == "others" for kept in plan.kept)


def test_what_was_decided_to_be_kept_stays_with_its_ground(workspace: Workspace) -> None:
    spared = wish("1", ANN, spare=(("orders", "legal_claims"),))
    plan = planned(workspace, [spared, wish("2", BOB)])
    assert stays(plan)[ORDERS, "ground", ()] == keys(11, 12)
    assert [each.ground for each in plan.kept if each.reason == "ground"] == ["legal_claims"]
    assert not any(id_ == ORDERS for id_, _, _ in acts(plan))
    assert acts(plan)[CLIENTS, "delete", ()] == keys(1)
    assert acts(plan, "2")[ORDERS, "delete", ()] == keys(22)


def test_a_store_that_is_only_measured_is_told_and_left(house: Path) -> None:
    change(house, "stores.yaml", ("  crm:\n", "  crm:\n    mode: verify\n"))
    with opened(house) as workspace:
        plan = planned(workspace, [wish("1", ANN)])
    assert stays(plan)[CLIENTS, "verify", ()] == keys(1)
    assert stays(plan)[ORDERS, "verify", ()] == keys(11, 12)
    assert {id_ for id_, _, _ in acts(plan)} == {CALLS, TAPES}


def test_a_store_of_an_unknown_version_is_only_read(house: Path) -> None:
    change(house, "stores.yaml", ("key: [id]", "key: [id]\n        expect: [vat]"))
    with opened(house) as workspace:
        plan = planned(workspace, [wish("1", ANN)])
    assert stays(plan)[CLIENTS, "shape", ()] == keys(1)
    assert stays(plan)[ORDERS, "shape", ()] == keys(11, 12)
    assert {id_ for id_, _, _ in acts(plan)} == {CALLS, TAPES}


def test_what_a_product_needs_is_emptied_and_stays(house: Path) -> None:
    change(
        house,
        "stores.yaml",
        ("key: [id]", "key: [id]\n        emptied: true"),
        ("news: {is: [comms], erase: blank}", "news: comms"),
    )
    with opened(house) as workspace:
        plan = planned(workspace, [wish("1", ANN)])
    assert acts(plan)[CLIENTS, "redact", ("name", "email", "phone")] == keys(1)
    assert (CLIENTS, "delete", ()) not in acts(plan)
    # rules read the choice and the mapping does not say what it becomes, so it is told
    assert stays(plan)[CLIENTS, "fixed", ("news",)] == keys(1)
    assert acts(plan)[ORDERS, "delete", ()] == keys(12)


def test_what_only_goes_whole_and_may_not_is_kept_with_its_floor(house: Path) -> None:
    """A file cannot lose a part: while a law wants some of it, all of it stays."""
    old = "subjects: [caller]\n    data: [contact.phone, comms.call_recording]\n"
    floor = "at_least: [{period: 5 years, after: recorded, ground: telecom law, covers: [comms]}]"
    change(
        house,
        "policy.yaml",
        (
            old + "    retain: {at_most: 12 months, ",
            old + f"    retain: {{{floor}, at_most: 6 years, ",
        ),
    )
    with opened(house) as workspace:
        plan = planned(workspace, [wish("1", ANN)])
    assert stays(plan)[TAPES, "floor", ()] == keys("a1.wav")
    assert stays(plan)[CALLS, "floor", ("tape",)] == keys(1)
    assert acts(plan)[CALLS, "redact", ("src", "dst")] == keys(1)
    assert not any(id_ == TAPES for id_, _, _ in acts(plan))


def test_a_law_keeps_a_persons_part_of_what_stays_for_others(house: Path) -> None:
    old = "data: [contact.phone, comms.call_recording]\n"
    floor = "at_least: [{period: 5 years, after: recorded, ground: law, covers: [contact.phone]}]"
    change(
        house,
        "policy.yaml",
        (f"{old}    retain: {{at_most: 12 months", f"{old}    retain: {{{floor}, at_most: 6 years"),
    )
    change(
        house,
        "stores.yaml",
        ("tape: comms.call_recording", "tape: {is: comms.call_recording, erase: blank}"),
        ("path: comms.call_recording", "path: not_personal"),
    )
    sql(house, "pbx", "UPDATE calls SET made = '2015-01-01' WHERE id = 1")
    with opened(house) as workspace:
        plan = planned(workspace, [wish("1", ANN)])
    assert stays(plan)[CALLS, "others", ()] == keys(2)
    assert stays(plan)[CALLS, "floor", ("src",)] == keys(2)
    touched = {key for (id_, _, _), found in acts(plan).items() if id_ == CALLS for key in found}
    assert touched == keys(1)
