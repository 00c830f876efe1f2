"""One scheduled sweep: plan, apply what no person needs to approve, recount, leave a census.

The danger is that of `servanda.apply`, without a person looking at the plan. What guards it: the
circuit breaker holds back a plan above its limits until somebody approves exactly that plan, and
the census says so; everything else is the engine's.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

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
    progress: Callable[[Progress], None] | None = None,
    stop: threading.Event | None = None,
) -> Sweep:
    """Do what is due now. A store that does not answer is left out, and the census says so."""
    from servanda.apply.occasions import census
    from servanda.plan.breaker import needs_approval

    workspace.use_state()
    _settle(workspace)
    problems = _go_on(workspace, stop)
    _destroy_old_keys(workspace)
    problems += _expire_packages(workspace)
    problems += tend_requests(workspace)
    plan = plans.make(workspace, datetime.now(UTC))
    waiting = None
    applied = plan
    if needs_approval(plan, workspace.configs):
        waiting = plans.write(workspace, plan)
        applied = _measure_only(plan)
    outcome = run_plan(workspace, applied, progress=progress, stop=stop)
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
    progress: Callable[[Progress], None] | None = None,
    stop: threading.Event | None = None,
) -> Outcome:
    """Apply a plan, or go on with the run of it that was interrupted."""
    from servanda.apply import run

    told = progress or _quiet
    started = run.unfinished(plan.digest)
    if started:
        return run.resume(started[0], workspace.site, progress=told, stop=stop)
    id_ = run.start(plan, workspace.site)
    return run.work(id_, workspace.site, progress=told, stop=stop)


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
    """People's packages and letters go when their time is over, and so do the hashes of the
    erased; what cannot be removed is told."""
    from servanda.apply.requests import forget_erased
    from servanda.runtime import replies

    remember = workspace.settings.requests.remember
    forget_erased(remember.cutoff(datetime.now(UTC), workspace.zone))
    try:
        workspace.packages.expire(datetime.now(UTC))
        replies.expire(workspace)
    except (ServandaError, OSError) as error:
        return [f"packages: {error}"]
    return []


def tend_requests(workspace: Workspace) -> list[str]:
    """Go on with requests of which a store was outstanding, send what waits in the desk's outbox,
    forget what is past its time, and count."""
    from servanda.desk.requests import counting, keeping, outbox
    from servanda.runtime import requests

    problems = requests.go_on(workspace)
    try:
        for each in outbox.deliver(workspace.desk.book):
            if each.state in ("failed", "unsure"):
                problems.append(f"mail {each.id} of request {each.request}: {each.state}")
        keeping.forget(workspace.desk.book)
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
