"""After an erasure no declared text holds the person; what may stay is told apart."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from servanda.apply.requests import Scan, act, scan
from servanda.desk import holds
from servanda.runtime.workspace import Workspace
from tests.apply.requests.house import ANN, BOB, actor, planned, wish


def _scanned(workspace: Workspace, who: tuple[tuple[str, str], ...]) -> Scan:
    with actor(workspace) as acting:
        plan = planned(workspace, [wish("1", who)])
        done = act(plan, acting)
        return scan(plan, done, planned(workspace, [wish("1", who)]), acting)


def test_nothing_is_left(workspace: Workspace) -> None:
    found = _scanned(workspace, ANN)
    assert found.clean
    assert {each.collection for each in found.traces} >= {"crm.clients", "pbx.calls"}


def test_a_trace_in_somebody_elses_note_is_found(workspace: Workspace, house: Path) -> None:
    with closing(sqlite3.connect(house / "crm.sqlite")) as connection, connection:
        connection.execute("UPDATE orders SET note = 'ask ANN@example.test' WHERE id = 21")
    found = _scanned(workspace, ANN)
    assert found.found == 1
    assert [e.collection for e in found.traces if e.found] == ["crm.orders"]


def test_what_a_hold_keeps_is_no_residue(workspace: Workspace) -> None:
    holds.add_person(workspace.master, BOB, reason="a claim", by="me")
    found = _scanned(workspace, BOB)
    assert found.found == 0
    assert sum(each.kept for each in found.traces) == 2  # the client and the call


def test_a_store_that_is_away_is_told(workspace: Workspace, house: Path) -> None:
    (house / "tapes").rename(house / "away")
    found = _scanned(workspace, ANN)
    assert found.unseen == ("tapes",)
    assert not found.clean


def test_a_number_in_another_notation_is_found(workspace: Workspace, house: Path) -> None:
    with closing(sqlite3.connect(house / "crm.sqlite")) as connection, connection:
        note = "call back on +44 (0)28 9000-0001 today"
        connection.execute("UPDATE orders SET note = ? WHERE id = 21", (note,))
    assert _scanned(workspace, ANN).found == 1


def test_however_many_names_all_are_searched(workspace: Workspace, house: Path) -> None:
    """A name is found by its text alone, and very many do not fit into one condition."""
    names = tuple(("name", f"Person Number {n:03}") for n in range(100))
    with closing(sqlite3.connect(house / "crm.sqlite")) as connection, connection:
        connection.execute("UPDATE orders SET note = 'for person number 099' WHERE id = 21")
        connection.execute("UPDATE orders SET note = 'for person number 000' WHERE id = 22")
    found = _scanned(workspace, (*ANN, *names))
    assert [(e.collection, e.found) for e in found.traces if e.found] == [("crm.orders", 2)]
