"""The scheduled run goes on with requests: with runs that were killed, and stores that were away.

Two people ask for their erasure each time, and a third one's records are looked at afterwards.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from servanda.apply.identity import working
from servanda.apply.requests import record
from servanda.desk.requests import identity
from servanda.ledger import history
from servanda.runtime import requests
from servanda.runtime.workspace import Workspace
from tests.apply.requests.conftest import house, workspace
from tests.apply.requests.house import ANN, BOB, rows, tapes

__all__ = ["house", "workspace"]

_ROOT = Path(__file__).parents[2]
GONE: dict[str, list[Any]] = {
    "clients": [("Cid",), ("Eve",), ("Fay",)],
    "orders": [(11, "Ann", ""), (21, "Bob", "")],
    "calls": [(2, "", "02890000003")],
    "tapes": ["a2"],
}


def decided(workspace: Workspace, who: tuple[tuple[str, str], ...]) -> str:
    desk = workspace.desk
    ref = desk.new("erasure", list(who), received=datetime.now(UTC).date(), via="post", by="me")
    identity.seen(desk.book, ref, "passport", by="me")
    desk.decide(ref, "act", by="me")
    return ref


def there(house: Path) -> dict[str, list[Any]]:
    return {
        "clients": rows(house, "crm", "SELECT name FROM clients ORDER BY id"),
        "orders": rows(house, "crm", "SELECT id, billed, note FROM orders ORDER BY id"),
        "calls": rows(house, "pbx", "SELECT id, src, dst FROM calls ORDER BY id"),
        "tapes": tapes(house),
    }


def killed(house: Path, boundary: str) -> None:
    """`servanda request act` in a process that kills itself at the boundary."""
    here = f"{_ROOT / 'src'}:{_ROOT}"
    env = {**os.environ, "SERVANDA_KILL_AT": boundary, "PYTHONPATH": here, "USER": "me"}
    command = [sys.executable, "-m", "servanda", "request", "act", "--yes", "-C", str(house)]
    done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=120)
    assert done.returncode == -signal.SIGKILL, done.stderr[-2000:]


def acted() -> list[dict[str, Any]]:
    return [dict(each.data) for each in history.entries(("request.acted",))]


@pytest.mark.parametrize("boundary", ["after-start", "after-record:2", "after-commit:2"])
def test_a_run_that_was_killed_is_brought_to_its_end(
    workspace: Workspace, house: Path, boundary: str
) -> None:
    refs = [decided(workspace, who) for who in (ANN, BOB)]
    killed(house, boundary)
    assert not acted()
    assert [workspace.desk.get(ref).state for ref in refs] == ["decided", "decided"]
    assert requests.go_on(workspace) == []
    assert there(house) == GONE
    assert [workspace.desk.get(ref).state for ref in refs] == ["acted", "acted"]
    (entry,) = acted()
    assert (entry["requests"], entry["complete"]) == (refs, True)
    # what was done is told once, whether before the kill or after it
    assert {each["store"]: each["done"] for each in entry["stores"]} == {
        "crm": 6,
        "pbx": 3,
        "tapes": 2,
    }
    assert requests.go_on(workspace) == []
    assert len(acted()) == 1


def test_a_store_that_was_away_is_done_when_it_is_back(workspace: Workspace, house: Path) -> None:
    refs = [decided(workspace, who) for who in (ANN, BOB)]
    (house / "pbx.sqlite").rename(house / "away")
    with requests.acting(workspace) as actor:
        views = requests.to_act_on(workspace)
        done = requests.act(workspace, requests.plan(workspace, views, actor), actor)
    assert not done.acted.complete
    assert done.scan is not None and "pbx" in done.scan.unseen
    assert there_of_crm(house) == (GONE["clients"], GONE["orders"])
    assert requests.go_on(workspace) == []  # still away, which is told by the evidence
    assert [workspace.desk.get(ref).state for ref in refs] == ["acting", "acting"]
    assert not any(entry["complete"] for entry in acted())
    (house / "away").rename(house / "pbx.sqlite")
    assert requests.go_on(workspace) == []
    assert there(house) == GONE
    assert [workspace.desk.get(ref).state for ref in refs] == ["acted", "acted"]
    assert [entry["complete"] for entry in acted()][-1] is True
    count = len(acted())
    assert requests.go_on(workspace) == []
    assert len(acted()) == count  # nothing is done twice, or told twice


def there_of_crm(house: Path) -> tuple[list[Any], list[Any]]:
    found = {
        table: rows(house, "crm", f"SELECT {columns} FROM {table} ORDER BY id")
        for table, columns in (("clients", "name"), ("orders", "id, billed, note"))
    }
    return found["clients"], found["orders"]


def test_only_what_has_begun_is_gone_on_with(workspace: Workspace, house: Path) -> None:
    """To act for the first time is a person's word, not the clock's."""
    before = there(house)
    ref = decided(workspace, ANN)
    assert requests.go_on(workspace) == []
    assert there(house) == before
    assert workspace.desk.get(ref).state == "decided"


def test_a_run_that_somebody_works_on_is_left_to_them(workspace: Workspace, house: Path) -> None:
    before = there(house)
    decided(workspace, ANN)
    with requests.acting(workspace) as actor, working("other") as worker:
        plan = requests.plan(workspace, requests.to_act_on(workspace), actor)
        record.begin(plan, workspace.master, f"{worker}0", datetime.now(UTC))
        assert requests.go_on(workspace) == []
    assert there(house) == before
    assert not acted()
