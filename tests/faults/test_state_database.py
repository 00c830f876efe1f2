"""The state database refuses in the middle of a run: nothing goes that was not recorded."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created

from servanda import apply, state
from servanda.state.models import Window
from tests.apply.spy import Witness, watched
from tests.apply.world import NOW, World, entries
from tests.faults.conftest import LIMIT
from tests.faults.harness import Case, assert_true_evidence


@contextmanager
def full_disk(pages: int) -> Iterator[None]:
    """SQLite is allowed a few pages more than it has, and then fails as on a full disk."""
    with connection.cursor() as cursor:
        cursor.execute("VACUUM")  # no free pages left over from making the tables
        cursor.execute("PRAGMA page_count")
        most = cursor.fetchone()[0] + pages

    def limit(connection: BaseDatabaseWrapper, **_: object) -> None:
        with connection.cursor() as cursor:
            cursor.execute(f"PRAGMA max_page_count = {most}")

    connection_created.connect(limit)
    try:
        yield
    finally:
        connection_created.disconnect(limit)


def test_disk_full_on_the_state_database(each_case: Case) -> None:
    world = each_case.world.make(600, 60)
    old = set(world.rows("SELECT email FROM guests WHERE seen < '2025-03-01'"))
    run = each_case.start(world.plan(world.delete("pbx.guests")))
    with full_disk(pages=3), pytest.raises(state.StateFailed, match="disk"):
        apply.work(run, world.site)
    state.close_thread()
    left = set(world.rows("SELECT email FROM guests"))
    recorded = sum(entry["count"] for entry in entries("window.prepared"))
    assert 660 - len(left) <= recorded < 600  # nothing went that was not recorded
    assert each_case.resume(run) == "done"
    assert len(world.rows("SELECT email FROM guests")) == 60
    assert_true_evidence(run, {"delete-pbx.guests": old})


@pytest.mark.services
def test_state_on_postgresql(postgres_db: str, tmp_path: Path) -> None:
    """Kill, two workers and resume with the state where grown workspaces have it."""
    state.setup(postgres_db)
    state.migrate()
    try:
        case = Case(World.sqlite(tmp_path, limit=LIMIT), postgres_db)
        world = case.world.make(600, 60)
        old = world.old_ids()
        run = case.start(world.plan(world.delete(), world.delete("tapes.wav")))
        case.killed("work", run, "after-record", 2)
        one, two = case.process("resume", run), case.process("resume", run)
        assert {one.said()["result"], two.said()["result"]} == {"done"}
        assert world.old_ids() == set()
        assert len(world.tapes()) == 60
        assert_true_evidence(run, {"delete-pbx.calls": {(each,) for each in old}})
    finally:
        state.close()


def test_a_zombies_commit_does_not_go_unrecorded(case: Case) -> None:
    """A worker sleeps past its lease just before its commit, its window is settled by another, and
    the store takes the commit all the same (files do): the evidence says what truly went."""
    world = case.world.make(240, 60)
    before = world.tapes()
    run = case.start(world.plan(world.delete("tapes.wav")))

    def meanwhile(number: int) -> None:
        if number == 3:  # the last, so that this worker holds no other
            Window.objects.filter(state="prepared").update(lease_until=NOW - timedelta(days=1))
            other = case.process("resume", run)
            assert other.said()["result"] == "done"

    apply.work(run, watched(world.site, "tapes", Witness(committing=meanwhile)))
    gone = {(f"2025/01/30/{name}",) for name in before - world.tapes()}
    assert len(gone) == 240
    assert_true_evidence(run, {"delete-tapes.wav": gone})
