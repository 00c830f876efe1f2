"""The worker outlives its database, and no long sweep keeps mail from being sent."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from servanda import state
from servanda.runtime import hub, work
from servanda.runtime.workspace import Workspace
from servanda.state.connection import guard
from servanda.state.models import Fact
from tests.cli.shop import build
from tests.services.postgres import Postgres

DONE: list[int] = []


@pytest.fixture
def server(postgres: Postgres) -> Iterator[Postgres]:
    yield postgres
    postgres.start()


def duty() -> bool:
    with guard():
        DONE.append(Fact.objects.count())
    return True


@pytest.mark.services
def test_a_duty_works_again_when_the_database_is_back(server: Postgres, postgres_db: str) -> None:
    state.setup(postgres_db)
    state.migrate()
    DONE.clear()
    try:
        assert work._tried("duty", duty)
        server.stop()
        assert not work._tried("duty", duty)
        server.start()
        assert work._tried("duty", duty)  # with a connection that lives
        assert len(DONE) == 2
    finally:
        state.close()


def test_duties_go_on_while_a_sweep_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    build(tmp_path / "acme")
    sweeping, mailed, ended = threading.Event(), threading.Event(), threading.Event()
    seen: list[bool] = []

    def sweep(occasion: datetime, stop: threading.Event) -> None:
        sweeping.set()
        seen.append(mailed.wait(20))
        stop.set()

    def mail(name: str) -> None:
        if sweeping.is_set():
            mailed.set()

    monkeypatch.setattr(work, "_sweep", sweep)
    monkeypatch.setattr(work, "_duty", mail)
    monkeypatch.setattr(work, "_next_sweep", lambda: datetime.now(UTC))
    monkeypatch.setattr(work, "DUTIES", ((0.01, "mail"),))
    with Workspace.open(tmp_path / "acme") as workspace:
        workspace.use_state()
        hub.begin(workspace)
        work.work(tmp_path / "acme", ended)
    assert seen and all(seen)


def test_an_occasion_that_was_missed_is_made_up_for(tmp_path: Path) -> None:
    from datetime import timedelta

    from servanda import ledger

    build(tmp_path / "acme")
    with Workspace.open(tmp_path / "acme") as workspace:
        workspace.use_state()
        hub.begin(workspace)
        assert work._missed() is None  # the very first sweep waits for its hour
        now = datetime.now(UTC)
        ledger.append([{"kind": "census"}], now=now - timedelta(days=3))
        missed = work._missed()
        assert missed is not None and missed < now - timedelta(days=1)
        ledger.append([{"kind": "census"}], now=now)
        assert work._missed() is None
