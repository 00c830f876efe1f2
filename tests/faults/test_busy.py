"""A busy store is asked again, a few times; then its step fails and nothing is half done."""

from __future__ import annotations

import signal
import threading
import time
from pathlib import Path

import pytest
import sqlalchemy as sa

from servanda import apply
from tests.apply.spy import Witness, watched
from tests.apply.world import World, entries
from tests.faults.conftest import LIMIT
from tests.faults.harness import Case, assert_true_evidence


def test_a_lock_that_is_let_go_delays_and_no_more(each_case: Case) -> None:
    world = each_case.world.with_limit(lock_timeout_s=1.0).make(30, 10)
    old = world.old_ids()
    run = apply.start(world.plan(world.delete()), world.site)
    locked = threading.Event()

    def lock() -> None:
        with world.engine.begin() as connection:
            connection.execute(sa.text(f"UPDATE calls SET caller = '1' WHERE id = {min(old)}"))
            locked.set()
            time.sleep(2.5)

    thread = threading.Thread(target=lock)
    thread.start()
    locked.wait()
    assert world.ids() >= old
    outcome = apply.work(run, world.site)
    thread.join()
    assert outcome.result == "done"
    assert world.old_ids() == set()
    assert_true_evidence(run, {"delete-pbx.calls": {(each,) for each in old}})


def test_a_lock_that_stays_fails_the_step_which_resumes(
    each_case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("servanda.apply.retry.ATTEMPTS", 2)
    world = each_case.world.with_limit(lock_timeout_s=0.3).make(30, 10)
    old = world.old_ids()
    run = apply.start(world.plan(world.delete(), world.delete("tapes.wav")), world.site)
    with world.engine.begin() as connection:
        connection.execute(sa.text(f"UPDATE calls SET caller = '1' WHERE id = {min(old)}"))
        outcome = apply.work(run, world.site)
    states = {step.id: step.state for step in outcome.steps}
    assert states == {"delete-pbx.calls": "failed", "delete-tapes.wav": "done"}
    assert outcome.result == "incomplete"
    assert world.ids() >= old
    assert apply.resume(run, world.site).result == "done"
    assert world.old_ids() == set()
    assert_true_evidence(run, {"delete-pbx.calls": {(each,) for each in old}})


@pytest.mark.services
@pytest.mark.parametrize("engine", ["postgres_db", "mariadb_db"])
def test_a_deadlock_is_survived(
    request: pytest.FixtureRequest, sqlite_state: str, tmp_path: Path, engine: str
) -> None:
    """Another transaction waits for our rows while we wait for its: one of us is chosen to die."""
    world = World(tmp_path, request.getfixturevalue(engine), LIMIT).make(30, 10)
    old = sorted(world.old_ids())
    run = apply.start(world.plan(world.delete(), world.redact()), world.site)
    held, crossing = threading.Event(), threading.Event()

    def rival() -> None:
        with world.engine.connect() as connection:
            connection.execute(sa.text(f"UPDATE calls SET caller = '1' WHERE id = {old[-1]}"))
            held.set()
            crossing.wait(10)
            time.sleep(0.5)
            try:
                connection.execute(sa.text(f"UPDATE calls SET caller = '2' WHERE id = {old[0]}"))
                connection.commit()
            except sa.exc.OperationalError:
                connection.rollback()

    thread = threading.Thread(target=rival)
    thread.start()
    held.wait(10)

    def cross(number: int) -> None:
        crossing.set()

    outcome = apply.work(run, watched(world.site, "pbx", Witness(opening=cross)))
    thread.join()
    assert outcome.result == "done"
    assert world.old_ids() == set()
    assert len(world.ids()) == 10
    assert_true_evidence(run, {"delete-pbx.calls": {(each,) for each in old}})


def test_an_interrupt_finishes_the_window_and_leaves_the_rest(case: Case) -> None:
    world = case.world.make(240, 60)
    old = world.old_ids()
    run = case.start(world.plan(world.delete()))

    def interrupt(number: int) -> None:
        if number == 2:
            signal.raise_signal(signal.SIGINT)
            time.sleep(1)  # it is the main thread that is told, and a busy machine keeps it waiting

    # A shell starts background jobs with this signal ignored; the test must not depend on that.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        outcome = apply.work(run, watched(world.site, "pbx", Witness(opened=interrupt)))
    finally:
        signal.signal(signal.SIGINT, before)
    assert outcome.result == "interrupted"
    left = world.old_ids()
    assert 0 < len(left) < 240
    assert_true_evidence(run, {"delete-pbx.calls": {(each,) for each in old - left}})
    assert entries("run.ended")[-1]["outcome"] == "interrupted"
    assert case.resume(run) == "done"
    assert world.old_ids() == set()
    assert_true_evidence(run, {"delete-pbx.calls": {(each,) for each in old}})


def test_stopping_before_a_window_starts_none(case: Case) -> None:
    world = case.world.make(30, 10)
    run = case.start(world.plan(world.delete()))
    stop = threading.Event()
    stop.set()
    assert apply.work(run, world.site, stop=stop).result == "interrupted"
    assert len(world.ids()) == 40
    assert case.resume(run) == "done"
