"""`servanda run` waits for its time, sweeps, outlives what fails, and ends when it is told to."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from tests.cli.shop import Cli, Result

EVERY_MINUTE = '[schedule]\nsweep = "* * * * *"\n'
KEPT = [11, 12, 13, 14, 15]
RUNNING = threading.Event()


def just_before_a_minute() -> datetime:
    return datetime.now(UTC).replace(second=58, microsecond=0) + timedelta(minutes=1)


def later(seconds: float, act: Callable[[], object]) -> threading.Timer:
    timer = threading.Timer(seconds, act)
    timer.daemon = True
    timer.start()
    return timer


def run(cli: Cli) -> Result:
    RUNNING.set()
    try:
        return cli("run")
    finally:
        RUNNING.clear()


def end() -> None:
    if RUNNING.is_set():  # otherwise the signal would end the tests
        os.kill(os.getpid(), signal.SIGTERM)


def when(ready: Callable[[], bool], act: Callable[[], object]) -> threading.Thread:
    """Act as soon as something is so; after 60 seconds end in any case."""

    def watch() -> None:
        stop = threading.Event()
        for _ in range(600):
            if ready():
                break
            stop.wait(0.1)
        act()

    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    return thread


@pytest.mark.slow
def test_sweeps_on_time_and_ends_on_a_signal(cli: Cli) -> None:
    cli.file("servanda.toml").write_text(EVERY_MINUTE, encoding="utf-8")
    published = cli.file(".servanda/checkpoints/checkpoint")

    def swept() -> bool:
        return published.exists() and cli.ids() == KEPT

    with time_machine.travel(just_before_a_minute(), tick=True):
        watching = when(swept, lambda: later(2, end))
        found = run(cli)
        watching.join()
    assert (found.code, cli.ids()) == (0, KEPT)
    assert found.out.count("next sweep at") >= 2
    assert "stopping after the window in hand" in found.err
    assert cli.kinds().count("census") == 1


@pytest.mark.slow
def test_outlives_a_policy_that_became_unsound(cli: Cli) -> None:
    cli.file("servanda.toml").write_text(EVERY_MINUTE, encoding="utf-8")
    with time_machine.travel(just_before_a_minute(), tick=True):
        later(0.7, lambda: cli.change("policy.yaml", "then: delete", "then: delte"))
        later(5, end)
        found = run(cli)
    assert found.code == 1
    assert 'did you mean "delete"?' in found.err
    assert found.out.count("next sweep at") == 2
    assert cli.ids() == [1, 2, 3, *KEPT]


def test_an_unsound_workspace_is_refused_at_once(cli: Cli) -> None:
    cli.change("policy.yaml", "then: delete", "then: delte")
    assert cli("run").code == 1
