"""Erasures over PostgreSQL, MariaDB and a folder: killed at each boundary, a server lost in
between, and somebody who only sees what others own. Keys are UUIDs, of two parts, or absent."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from servanda.apply.boundaries import Boundary
from servanda.apply.requests import Acted, act, leads, resume, unfinished
from servanda.runtime.workspace import Workspace
from tests.apply.requests.house import ANN, BOB, actor, planned, wish
from tests.faults.requests_world import DOT, RequestsWorld
from tests.services.mariadb import MariaDB

pytestmark = pytest.mark.services

_EACH: tuple[Boundary, ...] = ("after-store-work", "inside-record", "after-record", "after-commit")
_PLACES: list[tuple[Boundary, int]] = [
    ("after-start", 1),
    *((name, time) for name in _EACH for time in (1, 2, 3)),
    ("before-end", 1),
]
_CID_ORDERS = [("Larne", 3, "Cid", "a desk"), ("Newry", 3, "Cid", "a lamp")]
_CID_CALLS = [
    ("c1", "02890000003", "100", "dot"),
    ("c2", "02890000003", "100", ""),
    ("c3", "02890000003", "100", ""),
]


@pytest.fixture
def world(
    postgres_db: str, mariadb_db: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[RequestsWorld]:
    monkeypatch.setenv("CRM", postgres_db)
    monkeypatch.setenv("PBX", mariadb_db)
    made = RequestsWorld.make(tmp_path / "house", postgres_db, mariadb_db)
    found = made.seen()
    assert [len(rows) for rows in found.values()] == [3, 6, 1, 9, 9]
    yield made


def _two_gone() -> dict[str, list[tuple[Any, ...]]]:
    """Ann and Bob have gone; Cid has all that was his, and his share of a call with Ann."""
    return {
        "clients": [("Cid", "cid@example.test")],
        "orders": [("Larne", 1, "Ann", ""), ("Larne", 2, "Bob", ""), *_CID_ORDERS],
        "agents": [("dot",)],
        "calls": [("a2", "", "02890000003", ""), *_CID_CALLS],
        "tapes": [("a2",), ("c1",), ("c2",), ("c3",)],
    }


def _finish(workspace: Workspace) -> Acted:
    with actor(workspace) as acting:
        for run in unfinished(datetime.now(UTC)):
            resume(run, acting)
        return act(planned(workspace, [wish("1", ANN), wish("2", BOB)]), acting)


@pytest.mark.parametrize(("at", "time"), _PLACES)
def test_killed_at(world: RequestsWorld, at: Boundary, time: int) -> None:
    world.killed(at, time)
    if (at, time) not in (("after-commit", 3), ("before-end", 1)):
        assert world.seen() != _two_gone(), "nothing was left to do"
    with Workspace.open(world.folder) as workspace:
        workspace.use_state()
        assert _finish(workspace).complete
        assert world.seen() == _two_gone()
        assert _finish(workspace).count == 0


def test_a_server_lost_in_between_is_done_later(world: RequestsWorld, mariadb: MariaDB) -> None:
    wishes = [wish("1", ANN), wish("2", BOB)]
    mariadb.kill()
    try:
        with Workspace.open(world.folder) as workspace:
            workspace.use_state()
            with actor(workspace) as acting:
                first = act(planned(workspace, wishes), acting)
    finally:
        mariadb.start()
    assert not first.complete
    states = {each.store: each.state for each in first.stores}
    assert states["crm"] == "done"
    assert states["pbx"] in ("pending", "unreachable")
    half = world.seen()
    assert half["clients"] == _two_gone()["clients"]
    assert len(half["calls"]) == 9
    with Workspace.open(world.folder) as workspace:
        workspace.use_state()
        again = [
            replace(each, subject=replace(each.subject, gone=leads(each.ref, workspace.master)))
            for each in wishes
        ]
        with actor(workspace) as acting:
            assert act(planned(workspace, again), acting).complete
    assert world.seen() == _two_gone()


@pytest.mark.parametrize("accessor_first", [True, False])
def test_who_only_sees_a_call_takes_nothing_along(
    world: RequestsWorld, accessor_first: bool
) -> None:
    """Dot took a call of Ann, Bob and Cid. When Dot goes, the calls stay without the name."""
    before = world.seen()
    order = [DOT, ANN] if accessor_first else [ANN, DOT]
    with Workspace.open(world.folder) as workspace:
        workspace.use_state()
        with actor(workspace) as acting:
            assert act(planned(workspace, [wish("1", order[0])]), acting).complete
            if accessor_first:
                calls = [(*rest, "") for *rest, _ in before["calls"]]
                assert world.seen() == {**before, "agents": [], "calls": calls}
            assert act(planned(workspace, [wish("2", order[1])]), acting).complete
    after = world.seen()
    assert after["agents"] == []
    assert [row[0] for row in after["calls"]] == ["a2", "b1", "b2", "b3", "c1", "c2", "c3"]
    assert {row[3] for row in after["calls"]} == {""}
    assert [row[0] for row in after["clients"]] == ["Bob", "Cid"]
    assert after["tapes"] == [("a2",), *((f"{who}{n}",) for who in "bc" for n in (1, 2, 3))]
