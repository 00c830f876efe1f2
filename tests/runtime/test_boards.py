"""The board that is followed is the board judged from everything, whatever comes between."""

from __future__ import annotations

import shutil
import tempfile
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from servanda import ledger, state
from servanda.kernel.errors import ServandaError
from servanda.runtime import boards, record
from servanda.runtime.boards import Boards
from servanda.runtime.judge import judge
from servanda.runtime.workspace import Workspace
from servanda.status import Board, Verdict
from servanda.status.board import of
from servanda.status.chronicle import Chronicle
from tests.cli.shop import build
from tests.status import oracle

HOUR = timedelta(hours=1)
POLICY: dict[str, Any] = {
    "kind": "policy",
    "organisation": "Sample",
    "heartbeat_s": 2 * 86_400,
    "promises": [
        {
            "id": f"P-{number}",
            "says": "x",
            "section": "",
            "kept_by": [control],
            "planned": False,
            "how": "enforced",
        }
        for number, control in enumerate(("activities.calls.retain", "portal.corrections"), 1)
    ],
    "collections": {"calls": ["pbx.cdr"]},
    "stores": ["pbx"],
}


@contextmanager
def own_ledger() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as folder:
        state.setup(f"sqlite:///{folder}/state.sqlite3")
        try:
            state.migrate()
            yield Path(folder)
        finally:
            state.close()


@pytest.fixture
def folder() -> Iterator[Path]:
    with own_ledger() as made:
        append(POLICY)
        yield made


def append(*entries: dict[str, Any], hours: float = 0.0) -> None:
    bare = [{k: v for k, v in entry.items() if k != "at"} for entry in entries]
    ledger.append(bare, now=at(hours))


def at(hours: float) -> datetime:
    return oracle.START + hours * HOUR


def recount(overdue: int = 0) -> dict[str, Any]:
    counts = {"overdue": overdue, "suspended": 0, "total": 3, "unstarted": 0}
    return {"kind": "recount", "run": "r", "collection": "pbx.cdr", **counts}


def window() -> dict[str, Any]:
    return {"kind": "window.prepared", "run": "r", "count": 3}


def told(found: Board) -> dict[str, Verdict]:
    return {row.id: row.verdict for row in found.rows}


@settings(max_examples=12, deadline=None)
@given(entries=oracle.ledgers(), data=st.data())
def test_following_in_random_portions_gives_what_a_full_reading_gives(
    entries: oracle.Ledger, data: st.DataObject
) -> None:
    with own_ledger():
        followed, now = Boards(), oracle.START
        while entries:
            cut = data.draw(st.integers(1, len(entries)))
            for _, entry in entries[:cut]:
                moment = datetime.fromisoformat(entry["at"])
                bare = {k: v for k, v in entry.items() if k != "at"}
                ledger.append([window(), bare], now=moment)
                now = max(now, moment)
            entries = entries[cut:]
            now += data.draw(st.integers(0, 3 * 86_400).map(lambda n: timedelta(seconds=n)))
            found = followed.latest(now)
            assert found == judge(found.as_of)
            assert told(found) == told(judge(now))


def test_what_does_not_count_leaves_the_board_as_it_is(folder: Path) -> None:
    found = Boards()
    append(recount(), hours=1)
    first = found.latest(at(1.1))
    assert told(first) == {"P-1": Verdict.KEPT, "P-2": Verdict.UNPROVEN}
    append(*[window()] * 3, hours=1.2)
    assert found.latest(at(1.3)) is first
    append(recount(2), hours=1.4)
    assert told(found.latest(at(1.4))) == {"P-1": Verdict.BROKEN, "P-2": Verdict.UNPROVEN}


def test_time_alone_makes_proof_old(folder: Path) -> None:
    found = Boards()
    append(recount(), hours=0.5)
    assert found.latest(at(0.6)).as_of == at(0.6)
    assert found.latest(at(0.9)).as_of == at(0.6)
    assert found.latest(at(1)).as_of == at(1)  # a full hour
    assert told(found.latest(at(48.4)))["P-1"] is Verdict.KEPT
    assert told(found.latest(at(48.5)))["P-1"] is Verdict.KEPT
    late = at(48.5) + timedelta(microseconds=1)
    assert told(found.latest(late))["P-1"] is Verdict.UNPROVEN


def test_a_clock_that_was_put_back_hides_nothing(folder: Path) -> None:
    append(recount(1), hours=5)
    found = Boards().latest(at(2))
    assert (told(found)["P-1"], found.as_of) == (Verdict.BROKEN, at(5))


def test_a_ledger_put_back_from_a_backup_is_read_anew(folder: Path) -> None:
    found = Boards()
    append(recount(), hours=1)
    state.close()
    shutil.copy(folder / "state.sqlite3", folder / "backup")
    state.setup(f"sqlite:///{folder}/state.sqlite3")
    append(recount(2), window(), hours=2)
    assert told(found.latest(at(3)))["P-1"] is Verdict.BROKEN
    state.close()
    shutil.copy(folder / "backup", folder / "state.sqlite3")
    for name in ("state.sqlite3-wal", "state.sqlite3-shm"):
        (folder / name).unlink(missing_ok=True)
    state.setup(f"sqlite:///{folder}/state.sqlite3")
    append(recount(), window(), window(), hours=4)  # longer than what was read
    assert told(found.latest(at(4)))["P-1"] is Verdict.KEPT
    assert found.latest(at(4)).rows[0].history == judge(at(4)).rows[0].history


def test_a_reading_that_failed_by_half_is_begun_again(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = Boards()
    append(recount(), hours=1)
    found.latest(at(1))
    append(recount(1), recount(), hours=2)
    add, calls = Chronicle.add, []

    def failing(self: Chronicle, index: int, entry: Any, moment: datetime | None = None) -> None:
        calls.append(index)
        if len(calls) == 2:
            raise ServandaError("the database went away")
        add(self, index, entry, moment)

    monkeypatch.setattr(Chronicle, "add", failing)
    with pytest.raises(ServandaError):
        found.latest(at(2))
    assert found.latest(at(2)) == judge(at(2))


def test_one_thread_judges_and_the_others_have_the_board_before(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found, judged = Boards(), []
    entered, go_on = threading.Event(), threading.Event()

    def slow(chronicle: Chronicle, as_of: datetime) -> Board:
        judged.append(as_of)
        entered.set()
        assert go_on.wait(20)
        return of(chronicle, as_of)

    def ask(hours: float) -> Board:
        try:
            return found.latest(at(hours))
        finally:
            state.close_thread()

    monkeypatch.setattr("servanda.runtime.boards.of", slow)
    append(recount(), hours=1)
    with ThreadPoolExecutor(8) as pool:
        first = [pool.submit(ask, 1) for _ in range(8)]  # there is none yet: all wait for one
        assert entered.wait(20)
        go_on.set()
        assert len({id(each.result(20)) for each in first}) == 1
        assert len(judged) == 1
        entered.clear()
        go_on.clear()
        append(recount(4), hours=2)
        working = pool.submit(ask, 2)
        assert entered.wait(20)
        before = [pool.submit(ask, 2).result(20) for _ in range(5)]  # none of them waits
        assert {id(each) for each in before} == {id(first[0].result())}
        go_on.set()
        assert told(working.result(20))["P-1"] is Verdict.BROKEN
        assert found.latest(at(2)) is working.result()
    assert len(judged) == 2


def test_a_workspace_opened_anew_goes_on_with_the_same_board(tmp_path: Path) -> None:
    build(tmp_path / "acme")
    boards.forget()
    with Workspace.open(tmp_path / "acme") as one:
        one.use_state()
        now = datetime.fromisoformat("2026-03-01T02:00:00+00:00")
        record.policy(one, now)
        first = boards.latest(one)
        assert first.rows
        assert {row.owner for row in first.rows} == {""}
        assert boards.latest(Workspace.open(tmp_path / "acme"), first.as_of) is first
        boards.forget()
        assert boards.latest(one, first.as_of) is not first


@pytest.fixture
def past(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[datetime]]:
    """The moments of which the ledger was read from its beginning."""
    read: list[datetime] = []

    def counted(as_of: datetime) -> Board:
        read.append(as_of)
        return judge(as_of)

    monkeypatch.setattr(boards, "judge", counted)
    boards.forget()
    yield read
    boards.forget()


def test_a_day_that_is_over_is_read_once(folder: Path, past: list[datetime]) -> None:
    here = cast(Workspace, SimpleNamespace(folder=folder))
    append(recount(), hours=1)
    append(recount(2), hours=30)
    first = boards.on(here, at(24))
    assert first == judge(at(24)) and told(first)["P-1"] is Verdict.KEPT
    assert boards.on(here, at(24)) is first
    assert told(boards.on(here, at(31)))["P-1"] is Verdict.BROKEN
    append(recount(), hours=40)  # what comes later changes nothing of it
    assert boards.on(here, at(24)) is first
    assert past == [at(24), at(31)]
    append(recount(), hours=41)
    late = boards.on(here, at(45))
    append(recount(3), hours=44)  # and what belongs to it does
    assert told(late)["P-1"] is Verdict.KEPT
    assert told(boards.on(here, at(45)))["P-1"] is Verdict.BROKEN


def test_only_the_last_few_days_are_kept(folder: Path, past: list[datetime]) -> None:
    here = cast(Workspace, SimpleNamespace(folder=folder))
    days = [at(hour) for hour in range(9)]
    for day in (*days[:8], days[0], days[8], days[0]):
        boards.on(here, day)
    assert past == days  # the first was asked for again, so the second one went
    boards.on(here, days[1])
    assert past[-1] == days[1]


def test_many_who_ask_for_one_day_read_it_once(folder: Path, past: list[datetime]) -> None:
    here = cast(Workspace, SimpleNamespace(folder=folder))
    append(recount(), hours=1)

    def ask(_: int) -> Board:
        try:
            return boards.on(here, at(24))
        finally:
            state.close_thread()

    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(ask, range(8)))
    assert past == [at(24)] and all(each is found[0] for each in found)
