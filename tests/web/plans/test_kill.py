"""kill -9 in the middle of a run that the console asked for: it is taken up and ends once.

A real `servanda serve`; 900 calls of two people are due, slowly, and three are not.
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from servanda.ledger import history
from servanda.runtime import jobs, planning, plans, standing
from servanda.runtime.workspace import Workspace
from servanda.state.models import Job, Run, StepRun
from tests.web.plans.conftest import FRESH, calls, change, fill
from tests.web.world import Served, build_site

DUE = 900


@pytest.fixture
def slow(tmp_path: Path) -> Iterator[Served]:
    folder = tmp_path / "served"
    build_site(folder)
    fill(folder, list(range(100, 100 + DUE)))
    connect = "connect: sqlite:///pbx.sqlite\n"
    limits = "limit: {rows_per_second: 300, breaker: {share: 1.0, rows: 100000, floor: 1}}"
    change(folder, "stores.yaml", connect, f"{connect}    {limits}\n")
    with Served(folder) as found:
        yield found


@pytest.mark.parametrize("whole", [False, True], ids=["the worker", "everything"])
def test_killed_in_the_middle(slow: Served, whole: bool) -> None:
    with Workspace.open(slow.folder) as workspace:
        workspace.use_state()
        plan = plans.make(workspace, datetime.now(UTC))
        plans.write(workspace, plan, by="member 1")
        assert standing.count(plan) == DUE
        job = planning.ask_apply(workspace, plan, by="member 1", confirm=str(DUE))
        _until(lambda: len(FRESH) < len(calls(slow.folder)) < DUE * 0.8)
        found = Job.objects.get(id=job.id)
        assert (found.state, found.fence) == ("running", 1)
        if whole:
            slow.stop(signal.SIGKILL)
            left = len(calls(slow.folder))
            slow.start()
        else:
            os.kill(int(found.owner.split(":")[1]), signal.SIGKILL)
            left = len(calls(slow.folder))
        assert len(FRESH) < left < DUE  # it was in the middle
        _until(lambda: Job.objects.get(id=job.id).state not in ("waiting", "running"))
        found = Job.objects.get(id=job.id)
        assert (found.state, found.error, found.fence) == ("done", "", 2)
        assert calls(slow.folder) == FRESH
        assert (found.told["result"], found.told["count"]) == ("done", DUE)
        run = Run.objects.get()
        assert (run.state, run.by, run.id) == ("done", "member 1", found.told["run"])
        assert [row.records for row in StepRun.objects.all()] == [DUE]
        ended = [e.data for e in history.entries("run.ended")]
        assert [each["outcome"] for each in ended] == ["done"]
        assert ended[0]["steps"][0]["count"] == DUE
        with pytest.raises(Exception, match="done"):
            planning.ask_apply(workspace, plan, by="member 1", confirm=str(DUE))
        jobs.ask("apply", {"plan": plan.digest}, about="once more", by="member 1")
        _until(lambda: Job.objects.get(about="once more").state == "done")
        assert Run.objects.count() == 1 and len(list(history.entries("run.ended"))) == 1


def _until(true: Callable[[], bool], seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end
        time.sleep(0.05)
