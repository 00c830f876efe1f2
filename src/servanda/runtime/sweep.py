"""One scheduled sweep: plan, apply what no person needs to approve, recount, leave a census.

The danger is that of `servanda.apply`, without a person looking at the plan. What guards it: the
circuit breaker holds back a plan above its limits until somebody approves exactly that plan, and
the census says so; with four eyes, a sweep that a person asked for waits as well, whatever its
size. Everything else is the engine's.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from servanda.desk.settings import SCHEDULE
from servanda.kernel.errors import ServandaError, StalePlan
from servanda.runtime import plans

if TYPE_CHECKING:
    from servanda.apply.outcome import Outcome, Progress
    from servanda.plan.steps import Plan
    from servanda.runtime.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Sweep:
    """What one occasion came to. `waiting`: the plan file that needs an approval, if any."""

    plan: Plan
    outcome: Outcome
    waiting: Path | None = None
    problems: tuple[str, ...] = ()


def sweep(
    workspace: Workspace,
    occasion: datetime,
    *,
    by: str = SCHEDULE,
    progress: Callable[[Progress], None] | None = None,
    stop: threading.Event | None = None,
) -> Sweep:
    """Do what is due now. A store that does not answer is left out, and the census says so.
    `by`: who asked for it, where it was not the schedule."""
    from servanda.apply.occasions import census
    from servanda.desk import approvals

    workspace.use_state()
    _settle(workspace)
    problems = _go_on(workspace, stop)
    _destroy_old_keys(workspace)
    problems += _expire_packages(workspace)
    problems += tend_requests(workspace)
    plan = plans.make(workspace, datetime.now(UTC))
    waiting = None
    applied = plan
    if _waits(workspace, plan, by):
        waiting = plans.write(workspace, plan, by=by)
        applied = _measure_only(plan)
    else:
        approvals.made(plan.digest, by)
    outcome = run_plan(workspace, applied, by=by, progress=progress, stop=stop)
    if outcome.result != "interrupted":  # else the occasion is not over: the next start goes on
        census(
            occasion,
            {each.collection: each.total for each in outcome.recounts},
            unreachable={*plan.unreachable, *outcome.unreachable},
            waiting=[plan.digest] if waiting else [],
            removed=outcome.count,
            run=outcome.run,
        )
    workspace.checkpoint()
    return Sweep(plan, outcome, waiting, tuple(problems))


def _settle(workspace: Workspace) -> None:
    """After a restore of our own state, what was erased goes again before anything else is done.
    ServandaError while a store does not answer that would have to be looked through."""
    from servanda.runtime import restored

    done = restored.settle(workspace)
    if done is not None and not done.done:
        raise ServandaError(
            "the state was restored, and what had been erased could not be searched for in "
            f"{', '.join(sorted(done.replayed.silent))}",
            "run `servanda restore --settle` when every store answers",
        )


def run_plan(
    workspace: Workspace,
    plan: Plan,
    *,
    by: str = "",
    progress: Callable[[Progress], None] | None = None,
    stop: threading.Event | None = None,
) -> Outcome:
    """Apply a plan, or go on with the run of it that was interrupted. `by`: who runs it."""
    from servanda.apply import run

    told = progress or _quiet
    site = replace(workspace.site, runner=by)
    started = run.unfinished(plan.digest)
    if started:
        return run.resume(started[0], site, progress=told, stop=stop)
    id_ = run.start(plan, site)
    return run.work(id_, site, progress=told, stop=stop)


def _waits(workspace: Workspace, plan: Plan, by: str) -> bool:
    """Whether a person must decide first."""
    from servanda.apply.job import writes
    from servanda.plan.breaker import needs_approval

    asked = workspace.settings.web.four_eyes and by != SCHEDULE and bool(writes(plan))
    return asked or bool(needs_approval(plan, workspace.configs))


def _quiet(_: Progress) -> None:
    return None


def _measure_only(plan: Plan) -> Plan:
    from servanda.plan.file import sealed
    from servanda.plan.steps import Keep, Verify

    looks = tuple(step for step in plan.steps if isinstance(step, Keep | Verify))
    return sealed(replace(plan, steps=looks))


def _go_on(workspace: Workspace, stop: threading.Event | None) -> list[str]:
    """Bring earlier runs to an end; what stands in the way of one does not stop the sweep."""
    from servanda.apply import run

    problems = []
    for id_ in run.unfinished():
        try:
            run.resume(id_, workspace.site, stop=stop)
        except StalePlan:
            continue  # it is over, and its evidence says exactly what it did
        except ServandaError as error:
            problems.append(f"run {id_}: {error}")
    return problems


def _expire_packages(workspace: Workspace) -> list[str]:
    """People's packages and letters go when their time is over, and so do bundles and the hashes
    of the erased; what cannot be removed is told."""
    from servanda.apply.requests import forget_erased
    from servanda.runtime import bundles, replies

    remember = workspace.settings.requests.remember
    forget_erased(remember.cutoff(datetime.now(UTC), workspace.zone))
    try:
        workspace.packages.expire(datetime.now(UTC))
        replies.expire(workspace)
        bundles.expire(workspace)
    except (ServandaError, OSError) as error:
        return [f"packages: {error}"]
    return []


def tend_requests(workspace: Workspace) -> list[str]:
    """Go on with requests of which a store was outstanding, read the inbox and send what waits in
    the outbox, forget what is past its time, and count."""
    from servanda.desk import post
    from servanda.desk.requests import counting, keeping
    from servanda.runtime import inbox, requests

    problems = requests.go_on(workspace)
    problems += inbox.tend(workspace)
    try:
        keeping.forget(workspace.desk.book)
        post.forget(workspace.desk.book)
    except ServandaError as error:
        problems.append(f"requests: {error}")
    counting.census(workspace.desk.book)
    return problems


def _destroy_old_keys(workspace: Workspace) -> None:
    """Evidence is kept for a time; then what it sealed becomes opaque for ever."""
    from servanda.ledger import manifests

    now = datetime.now(UTC)
    kept_since = workspace.settings.evidence.keep.cutoff(now, workspace.zone)
    for run in manifests.expired_keys(kept_since):
        manifests.destroy_key(run, now=now)
