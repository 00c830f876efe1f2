"""What the kinds of jobs do. Each may be started again after a crash."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from servanda.kernel.errors import UsageError

if TYPE_CHECKING:
    from servanda.apply.outcome import Progress
    from servanda.runtime.jobs import Told
    from servanda.runtime.workspace import Workspace

_TELL_EVERY_S = 0.5


def make_plan(workspace: Workspace, payload: Mapping[str, Any], told: Told) -> None:
    """Build a plan and put it into the workspace; `told` then names it."""
    from servanda.runtime import plans

    only = payload.get("only")
    told.tell({"doing": "looking at every store"})
    plan = plans.make(workspace, datetime.now(UTC), tuple(only) if only else None)
    plans.write(workspace, plan, by=told.by)
    told.tell({"plan": plan.digest})


def apply_plan(workspace: Workspace, payload: Mapping[str, Any], told: Told) -> None:
    """Apply a plan of the workspace by digest, or go on with its run."""
    from servanda.runtime import plans
    from servanda.runtime.sweep import run_plan

    plan = plans.named(workspace, str(payload["plan"]))
    if ended := _ended(plan.digest):  # by this job, whose worker died before it could say so
        told.tell(ended)
        return
    outcome = run_plan(workspace, plan, by=told.by, progress=_Progress(told), stop=told.stop)
    told.tell({"run": outcome.run, "result": outcome.result, "count": outcome.count})


def _ended(digest: str) -> dict[str, Any] | None:
    """What the run of this plan came to, where it has ended for good."""
    from django.db.models import Sum

    from servanda.state.connection import guard
    from servanda.state.models import Run

    with guard():
        ended = Run.objects.filter(plan_digest=digest, state__in=("done", "broken"))
        found = ended.annotate(count=Sum("steps__records")).values("id", "state", "count").first()
    if found is None:
        return None
    return {"run": found["id"], "result": found["state"], "count": found["count"] or 0}


def act(workspace: Workspace, payload: Mapping[str, Any], told: Told) -> None:
    """Act on decided requests."""
    from servanda.runtime import requests

    refs = [str(ref) for ref in payload["requests"]]
    told.tell({"doing": "finding the records"})
    with requests.acting(workspace) as actor:
        requests.resume(workspace, actor)
        waiting = [ref for ref in refs if workspace.desk.get(ref).state in ("decided", "acting")]
        if not waiting:
            told.tell({"count": 0})
            return
        views = requests.to_act_on(workspace, waiting)
        plan = requests.plan(workspace, views, actor)
        expected = payload.get("expect")
        count = sum(len(lot.keys) for lot in plan.lots)
        if expected is not None and count != expected:
            raise UsageError(
                f"it would now touch {count:,} records, and {expected:,} were confirmed",
                "look at it again, and confirm what it is now",
            )
        worked = requests.act(workspace, plan, actor, by=str(payload.get("by", "")))
    told.tell({"count": count, "complete": worked.acted.complete})


def sweep_now(workspace: Workspace, payload: Mapping[str, Any], told: Told) -> None:
    """One sweep, now."""
    from servanda.runtime.sweep import sweep

    told.tell({"doing": "looking at every store"})
    now = datetime.now(UTC)
    done = sweep(workspace, now, by=told.by, progress=_Progress(told), stop=told.stop)
    said: dict[str, Any] = {"run": done.outcome.run, "result": done.outcome.result}
    told.tell({**said, "plan": done.plan.digest, "waiting": done.waiting is not None})


def forecast(workspace: Workspace, payload: Mapping[str, Any], told: Told) -> None:
    """Count anew what will be due in the next weeks."""
    from servanda.runtime import forecast as forecasting

    told.tell({"doing": "counting in every store"})
    forecasting.renew(workspace)


class _Progress:
    """How far each step is, told at most twice a second."""

    def __init__(self, told: Told) -> None:
        self._told = told
        self._steps: dict[str, dict[str, Any]] = {}
        self._last = 0.0
        self._lock = threading.Lock()

    def __call__(self, progress: Progress) -> None:
        with self._lock:
            self._steps[progress.step] = {
                "collection": progress.collection,
                "count": progress.count,
                "planned": progress.planned,
            }
            if time.monotonic() - self._last < _TELL_EVERY_S:
                return
            self._last = time.monotonic()
            self._told.tell({"steps": self._steps})
