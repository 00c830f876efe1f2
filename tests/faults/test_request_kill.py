"""kill -9 at each boundary of an erasure across three stores, and everything else that comes in
between. In the end two people are gone, the others unharmed, and the evidence says what went."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest

from servanda.apply.requests import Acted, act, leads, resume, unfinished
from servanda.apply.requests.replay import replay
from servanda.desk import holds
from servanda.ledger import history
from servanda.plan.find import Subject
from servanda.plan.requests import Wish
from servanda.runtime.workspace import Workspace
from servanda.state.models import Erased, RequestRun
from tests.apply.requests.house import (
    ANN,
    BOB,
    CID,
    NOW,
    actor,
    build_house,
    planned,
    rows,
    tapes,
    wish,
)

_ROOT = Path(__file__).parents[2]
_EACH = ("after-store-work", "inside-record", "after-record", "after-commit")
_PLACES = [
    ("after-start", 1),
    *((name, time) for name in _EACH for time in (1, 2, 3)),
    ("before-end", 1),
]


def _killed(house: Path, at: str, time: int) -> None:
    env = {
        **os.environ,
        "SERVANDA_KILL_AT": f"{at}:{time}",
        "PYTHONPATH": f"{_ROOT / 'src'}:{_ROOT}",
    }
    command = [sys.executable, "-m", "tests.faults.request_driver", str(house)]
    done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == -signal.SIGKILL, done.stderr[-2000:]


def _gone(house: Path) -> None:
    """Ann and Bob have gone from everywhere, and nobody else has."""
    assert rows(house, "crm", "SELECT id FROM clients ORDER BY id") == [(3,), (4,), (5,)]
    assert rows(house, "crm", "SELECT id, billed, note FROM orders ORDER BY id") == [
        (11, "Ann", ""),
        (21, "Bob", ""),
    ]
    assert rows(house, "pbx", "SELECT id, src, dst FROM calls") == [(2, "", "02890000003")]
    assert tapes(house) == ["a2"]


def _evidence() -> Counter[tuple[str, str]]:
    """What evidence says went, by collection and action: the latest of each lot counts."""
    latest: dict[tuple[str, str, str], tuple[str, str, int]] = {}
    for entry in history.entries(("request.prepared", "request.superseded")):
        data = entry.data
        lot = data["step"].rsplit(":", 1)[0]
        key = (data["run"], str(data["window"]), lot)
        latest[key] = (data["collection"], data["action"], data["count"])
    found: Counter[tuple[str, str]] = Counter()
    for collection, action, count in latest.values():
        found[collection, action] += count
    return found


def _finish(workspace: Workspace) -> list[Acted]:
    with actor(workspace) as acting:
        done = [resume(run, acting) for run in unfinished(datetime.now(UTC))]
        plan = planned(workspace, [wish("1", ANN), wish("2", BOB)])
        done.append(act(plan, acting))
    return done


@pytest.mark.parametrize(("at", "time"), _PLACES)
def test_killed_at(house: Path, at: str, time: int) -> None:
    _killed(house, at, time)
    with Workspace.open(house) as workspace:
        workspace.use_state()
        done = _finish(workspace)
        _gone(house)
        assert done[-1].complete
        evidence = _evidence()
        assert evidence["crm.clients", "delete"] == 2
        assert evidence["crm.orders", "delete"] == 2
        assert evidence["crm.orders", "redact"] == 2
        assert evidence["pbx.calls", "delete"] == 2
        assert evidence["pbx.calls", "redact"] == 1
        assert evidence["tapes.wav", "delete"] == 2
        assert not RequestRun.objects.filter(state=RequestRun.State.RUNNING).exists()
        assert not any(bytes(each.sealed_plan) for each in RequestRun.objects.all())
        marks = Counter[str]()
        for each in Erased.objects.filter(deed="delete"):
            marks[each.collection] += each.count
        assert marks["crm.clients"] == 2
        assert marks["tapes.wav"] == 2


def test_a_store_lost_in_between_is_done_later(house: Path) -> None:
    """The recordings' folder is away: everything else goes, and what hung on it is found later,
    although the calls that led there are gone."""
    (house / "tapes").rename(house / "away")
    with Workspace.open(house) as workspace:
        workspace.use_state()
        with actor(workspace) as acting:
            first = act(planned(workspace, [wish("1", ANN), wish("2", BOB)]), acting)
        assert not first.complete
        assert {each.store: each.state for each in first.stores}["tapes"] == "pending"
    (house / "away").rename(house / "tapes")
    assert tapes(house) == ["a1", "a2", "b1"]
    with Workspace.open(house) as workspace:
        workspace.use_state()
        wishes = [
            _leading(workspace, wish("1", ANN)),
            _leading(workspace, wish("2", BOB)),
        ]
        with actor(workspace) as acting:
            second = act(planned(workspace, wishes), acting)
        assert second.complete
        _gone(house)
        assert not any(bytes(each.sealed_plan) for each in RequestRun.objects.all())


def _leading(workspace: Workspace, wanted: Wish) -> Wish:
    gone = leads(wanted.ref, workspace.master)
    assert gone
    return replace(wanted, subject=replace(wanted.subject, gone=gone))


def test_a_hold_arriving_in_between_is_honoured(house: Path) -> None:
    _killed(house, "after-record", 1)  # prepared, and not committed in its store
    with Workspace.open(house) as workspace:
        workspace.use_state()
        holds.add_person(workspace.master, BOB, reason="a claim", by="me")
        with actor(workspace) as acting:
            for run in unfinished(datetime.now(UTC)):
                resume(run, acting)
        done = _finish(workspace)
        assert done[-1].complete
        assert rows(house, "crm", "SELECT name FROM clients WHERE id = 2") == [("Bob",)]
        assert rows(house, "crm", "SELECT name FROM clients WHERE id = 1") == []
        last = planned(workspace, [wish("2", BOB)])
        assert {kept.reason for kept in last.kept} == {"hold"}
        with actor(workspace) as acting:  # what stayed is not remembered as erased
            assert replay(NOW.replace(year=2020), acting).found == {}
        assert rows(house, "crm", "SELECT name FROM clients WHERE id = 2") == [("Bob",)]


@pytest.mark.parametrize(("at", "time"), [("after-record", 1), ("after-commit", 1)])
def test_an_old_plan_is_only_settled(
    house: Path, at: str, time: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Found long after the crash, when others may own what was whose: nothing more goes by the
    old plan, its evidence is made true, and a new plan does the rest."""
    _killed(house, at, time)
    monkeypatch.setattr("servanda.apply.requests.run.OLDEST", timedelta(seconds=-1))
    with Workspace.open(house) as workspace:
        workspace.use_state()
        clients = rows(house, "crm", "SELECT id FROM clients ORDER BY id")
        with actor(workspace) as acting:
            (run,) = unfinished(datetime.now(UTC))
            done = resume(run, acting)
        assert not done.complete
        assert rows(house, "crm", "SELECT id FROM clients ORDER BY id") == clients
        gone = at == "after-commit"
        assert _evidence()["crm.clients", "delete"] == (2 if gone else 0)
        assert tapes(house) == ["a1", "a2", "b1"]
        monkeypatch.undo()
        leading = [wish("1", ANN), wish("2", BOB)]
        with actor(workspace) as acting:
            assert act(
                planned(workspace, [*map(partial(_led, workspace), leading)]), acting
            ).complete
        _gone(house)


def _led(workspace: Workspace, wanted: Wish) -> Wish:
    gone = leads(wanted.ref, workspace.master)
    return replace(wanted, subject=replace(wanted.subject, gone=gone))


def test_two_requests_of_one_person(house: Path) -> None:
    with Workspace.open(house) as workspace:
        workspace.use_state()
        with actor(workspace) as acting:
            done = act(planned(workspace, [wish("1", ANN), wish("9", ANN)]), acting)
            again = act(planned(workspace, [wish("9", ANN)]), acting)
        assert done.complete
        assert again.complete
        assert again.count == 0
        crm = next(each for each in done.stores if each.store == "crm")
        assert crm.done["1", "crm.clients", "delete"] == 1
        assert crm.done["9", "crm.clients", "delete"] == 1


def test_nobody_and_homonyms_harm_nobody(house: Path) -> None:
    nobody = (("email", "nobody@example.test"),)
    office = (("email", "office@example.test"),)
    before = rows(house, "crm", "SELECT * FROM clients ORDER BY id")
    with Workspace.open(house) as workspace:
        workspace.use_state()
        plan = planned(workspace, [wish("1", nobody), wish("2", office)])
        assert plan.empty == ("1",)
        assert [each.ref for each in plan.unclear] == ["2"]
        with actor(workspace) as acting:
            assert act(plan, acting).count == 0
        assert rows(house, "crm", "SELECT * FROM clients ORDER BY id") == before
        eve = _only(office, 4)
        with actor(workspace) as acting:
            act(planned(workspace, [eve]), acting)
        assert rows(house, "crm", "SELECT id FROM clients WHERE id > 3") == [(5,)]


def _only(who: tuple[tuple[str, str], ...], key: int) -> Wish:
    return Wish("2", "erasure", Subject("2", who, only=(("crm.clients", (key,)),)))


def test_a_restore_in_the_middle(house: Path, tmp_path: Path) -> None:
    """The database is restored after it was done and before the erasure ended."""
    backup = tmp_path / "crm.backup"
    backup.write_bytes((house / "crm.sqlite").read_bytes())
    _killed(house, "before-end", 1)
    (house / "crm.sqlite").write_bytes(backup.read_bytes())
    with Workspace.open(house) as workspace:
        workspace.use_state()
        done = _finish(workspace)
        assert done[-1].complete
        _gone(house)


def test_an_accessor_goes_before_and_after_the_owner(house: Path) -> None:
    """Cid's share of the call: whoever goes first, the call goes with the last."""
    for order in ((ANN, CID), (CID, ANN)):
        folder = house.parent / f"house{order[0][0][1][0]}"
        build_house(folder)
        with Workspace.open(folder) as workspace:
            workspace.use_state()
            with actor(workspace) as acting:
                act(planned(workspace, [wish("1", order[0])]), acting)
                assert len(rows(folder, "pbx", "SELECT id FROM calls WHERE id = 2")) == 1
                act(planned(workspace, [wish("2", order[1])]), acting)
            assert rows(folder, "pbx", "SELECT id FROM calls ORDER BY id") == [(3,)]
            assert tapes(folder) == ["b1"]
