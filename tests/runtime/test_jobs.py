"""Jobs are done once, whoever dies: claimed, taken up, stopped, given back, and told of safely."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from servanda import state
from servanda.apply.identity import working
from servanda.kernel.errors import UsageError
from servanda.runtime import jobs, work
from servanda.runtime.jobs import Told
from servanda.runtime.workspace import Workspace
from servanda.state.models import Job
from tests.cli.shop import build

DONE: list[str] = []
BEGUN, GO = threading.Event(), threading.Event()


def note(workspace: Workspace, payload: Mapping[str, Any], told: Told) -> None:
    DONE.append(str(payload["name"]))
    told.tell({"name": payload["name"], "by": told.by})


def slow(workspace: Workspace, payload: Mapping[str, Any], told: Told) -> None:
    DONE.append("begun")
    BEGUN.set()
    while not (told.stop.is_set() or GO.is_set()):
        time.sleep(0.01)


def crash(workspace: Workspace, payload: Mapping[str, Any], told: Told) -> None:
    raise RuntimeError(f"no such row: {payload['name']}@example.test")


def refuse(workspace: Workspace, payload: Mapping[str, Any], told: Told) -> None:
    raise UsageError("there is nothing to do", "come back later")


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Workspace]:
    build(tmp_path / "acme")
    kinds = {name: f"{__name__}.{name}" for name in ("note", "slow", "crash", "refuse")}
    monkeypatch.setattr(jobs, "KINDS", kinds)
    monkeypatch.setitem(sys.modules, __name__, sys.modules[note.__module__])
    DONE.clear()
    BEGUN.clear()
    GO.clear()
    with Workspace.open(tmp_path / "acme") as opened:
        opened.use_state()
        yield opened


def ask(kind: str, name: str = "one") -> Job:
    return jobs.ask(kind, {"name": name}, about=name, by="member 1")


def states() -> list[str]:
    return list(Job.objects.order_by("id").values_list("state", flat=True))


def running(workspace: Workspace, ended: threading.Event) -> threading.Thread:
    def go() -> None:
        try:
            jobs.work(workspace, ended)
        finally:
            state.close_thread()

    thread = threading.Thread(target=go)
    thread.start()
    return thread


def test_each_is_done_once_and_in_order(workspace: Workspace) -> None:
    for name in ("one", "two", "three"):
        ask("note", name)
    assert ask("note", "two").id == 2  # it waits already
    ended = threading.Event()
    while jobs.work(workspace, ended):
        pass
    assert DONE == ["one", "two", "three"] and states() == ["done"] * 3
    assert Job.objects.get(id=2).told == {"name": "two", "by": "member 1"}
    assert ask("note", "two").id == 4  # asked again after it was done
    with pytest.raises(UsageError):
        ask("dig")


def test_two_workers_claim_each_once(workspace: Workspace) -> None:
    names = [f"job {n}" for n in range(12)]
    for name in names:
        ask("note", name)
    ended = threading.Event()

    def go() -> None:
        try:
            while jobs.work(workspace, ended):
                pass
        finally:
            state.close_thread()

    both = [threading.Thread(target=go) for _ in range(2)]
    for each in both:
        each.start()
    for each in both:
        each.join()
    while jobs.work(workspace, ended):  # what one left because the other was faster
        pass
    assert sorted(DONE) == sorted(names)
    assert set(states()) == {"done"}
    assert set(Job.objects.values_list("fence", flat=True)) == {1}


def test_the_claim_is_lost_where_another_was_faster(workspace: Workspace) -> None:
    job = ask("note")
    with working("one") as one, working("two") as two:
        first = jobs._claim(f"{one}0")
        assert first is not None and first.id == job.id
        assert jobs._claim(f"{two}0") is None
        jobs._tell(first, {"far": 1})
        Job.objects.filter(id=job.id).update(lease_until=datetime.now(UTC) - timedelta(seconds=1))
        second = jobs._claim(f"{two}0")  # the first one fell silent
        assert second is not None and second.fence == 2
        jobs._tell(first, {"far": 2})  # it speaks again, and is not heard
        jobs._finish(first, "", stopped=False)
        found = Job.objects.get(id=job.id)
        assert (found.state, found.told) == ("running", {"far": 1})


def test_a_dead_workers_job_is_taken_up_at_once(workspace: Workspace) -> None:
    job = ask("note")
    code = (
        "import sys; from servanda.apply.identity import working\n"
        "with working('job') as name: print(name + '0', flush=True); sys.stdin.read()"
    )
    env = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2] / "src")}
    with subprocess.Popen(
        [sys.executable, "-c", code],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=env,
    ) as other:
        assert other.stdout is not None
        owner = other.stdout.readline().strip()
        assert jobs._claim(owner) is not None
        assert jobs.work(workspace, threading.Event()) is False  # it lives
        assert DONE == []
        other.kill()
    assert jobs.work(workspace, threading.Event()) is True
    assert DONE == ["one"] and Job.objects.get(id=job.id).fence == 2


def test_stopped_before_it_began(workspace: Workspace) -> None:
    first, second = ask("note", "one"), ask("note", "two")
    jobs.stop(first.id)
    while jobs.work(workspace, threading.Event()):
        pass
    assert DONE == ["two"] and states() == ["stopped", "done"]
    assert ask("note", "one").id not in (first.id, second.id)


def test_stopped_while_it_runs(workspace: Workspace) -> None:
    job = ask("slow")
    thread = running(workspace, threading.Event())
    assert BEGUN.wait(10)
    jobs.stop(job.id)
    thread.join(20)
    assert not thread.is_alive() and states() == ["stopped"]
    assert jobs.work(workspace, threading.Event()) is False


def test_given_back_when_the_server_goes_down(workspace: Workspace) -> None:
    ask("slow")
    ended = threading.Event()
    thread = running(workspace, ended)
    assert BEGUN.wait(10)
    ended.set()
    thread.join(20)
    assert states() == ["waiting"]
    GO.set()
    assert jobs.work(workspace, threading.Event()) is True
    assert DONE == ["begun", "begun"] and states() == ["done"]


def test_what_failed_is_told_without_people(
    workspace: Workspace, caplog: pytest.LogCaptureFixture
) -> None:
    ask("crash", "ann")
    ask("refuse", "bob")
    for _ in range(2):
        work._tried("job", lambda: jobs.work(workspace, threading.Event()))
    assert states() == ["failed", "failed"]
    first, second = Job.objects.order_by("id")
    assert "RuntimeError" in first.error and "log says more" in first.error
    assert second.error == "there is nothing to do; come back later"
    assert "RuntimeError" in caplog.text and "in crash" in caplog.text
    assert "ann@" not in caplog.text + first.error
