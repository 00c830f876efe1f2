"""One person goes from every store; floors, holds, co-owners and neighbours stay what they are."""

from __future__ import annotations

from pathlib import Path

from servanda.apply.requests import act, done_for, kept_for
from servanda.runtime.workspace import Workspace
from tests.apply.requests.house import ANN, BOB, actor, planned, rows, tapes, wish


def test_one_person_goes_and_the_others_stay(workspace: Workspace, house: Path) -> None:
    with actor(workspace) as acting:
        done = act(planned(workspace, [wish("1", ANN)]), acting)
    assert done.complete
    assert rows(house, "crm", "SELECT id FROM clients ORDER BY id") == [(2,), (3,), (4,), (5,)]
    # the floor keeps the name of the newer order, and nothing else of it
    assert rows(house, "crm", "SELECT id, billed, note FROM orders ORDER BY id") == [
        (11, "Ann", ""),
        (21, "Bob", "a chair"),
        (22, "Bob", "a table"),
    ]
    # the call with Cid is his too: only Ann's number goes
    assert rows(house, "pbx", "SELECT id, src, dst FROM calls ORDER BY id") == [
        (2, "", "02890000003"),
        (3, "02890000002", "100"),
    ]
    assert tapes(house) == ["a2", "b1"]


def _told(ref: str) -> tuple[set[tuple[str, str, int]], set[tuple[str, str, int]]]:
    stay = {(each.collection, each.reason, each.count) for each in kept_for(ref)}
    return set(done_for(ref)), stay


def test_two_people_go_in_one_pass(workspace: Workspace, house: Path) -> None:
    with actor(workspace) as acting:
        done = act(planned(workspace, [wish("1", ANN), wish("2", BOB)]), acting)
    assert done.complete
    assert rows(house, "crm", "SELECT id FROM clients ORDER BY id") == [(3,), (4,), (5,)]
    assert tapes(house) == ["a2"]
    crm = next(each for each in done.stores if each.store == "crm")
    assert crm.done["1", "crm.clients", "delete"] == 1
    assert crm.done["2", "crm.orders", "redact"] == 1
    # what each is told is of each alone
    both = {
        ("crm.clients", "delete", 1),
        ("crm.orders", "delete", 1),
        ("crm.orders", "redact", 1),
        ("tapes.wav", "delete", 1),
        ("pbx.calls", "delete", 1),
    }
    anns_stay = {("pbx.calls", "others", 1), ("crm.orders", "floor", 1), ("tapes.wav", "others", 1)}
    assert _told("1") == (both | {("pbx.calls", "redact", 1)}, anns_stay)
    assert _told("2") == (both, {("crm.orders", "floor", 1)})
