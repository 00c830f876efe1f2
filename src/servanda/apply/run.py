"""A run from its start to its end: `start`, `work`, `resume`.

    run = apply.start(plan, site)
    outcome = apply.work(run, site)

Several processes may `work` on one run; each returns when the run has ended.
"""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.db import IntegrityError

from servanda import ledger, state
from servanda.apply import claims, finish, lanes, retire, steps, validate
from servanda.apply.boundaries import reach
from servanda.apply.heart import Heart
from servanda.apply.identity import surely_dead, working
from servanda.apply.job import Job, action_of, writes
from servanda.apply.meter import Meter, unwatched
from servanda.apply.outcome import Outcome, Progress, Result, StepOutcome
from servanda.apply.samples import Samples
from servanda.apply.shield import Shield
from servanda.apply.site import Site
from servanda.apply.validate import Ground
from servanda.kernel.errors import StalePlan, UsageError
from servanda.plan.file import dump, parse
from servanda.plan.steps import Delete, Plan
from servanda.state.connection import guard
from servanda.state.models import Run, StepRun

_WAIT_S = 0.2
_ENDED = (Run.State.DONE, Run.State.BROKEN, Run.State.STALE)


def start(plan: Plan, site: Site) -> str:
    """Check the plan against the world and record a run of it; nothing is touched yet.

    Earlier runs that were given up are brought to an end first, so that their evidence is true.
    Raises StalePlan, BreakerOpen, UsageError (already running or ended), StateFailed.
    """
    validate.current(plan, site)
    validate.approved(plan, site)
    with guard():
        before = Run.objects.filter(plan_digest=plan.digest).exclude(state=Run.State.STALE).first()
    if before is not None and before.state in _ENDED:
        raise StalePlan("this plan was applied already", "make a new plan with `servanda plan`")
    if before is not None:
        raise UsageError(f"this plan is being applied by run {before.id}", "resume that run")
    retire.earlier(site)
    ground = validate.ground(plan, site)
    try:
        validate.not_more(plan, site, ground)
        with working("start") as workers:
            run = _recorded(plan, site, ground, workers)
    finally:
        for store in ground.open.values():
            store.close()
    reach("after-start")
    return run


def work(
    run: str,
    site: Site,
    *,
    worker: str = "main",
    progress: Callable[[Progress], None] = unwatched,
    stop: threading.Event | None = None,
) -> Outcome:
    """Work on a started run until it has ended, then recount and record its end.

    `worker` names this process in the state database. `progress` is called in the workers'
    threads. `stop`, or KeyboardInterrupt in this thread: the windows in hand are finished or
    undone, and the run stays resumable. Raises StateFailed when the state database refuses.
    """
    row = _row(run)
    if row.state in _ENDED:
        raise UsageError(f"run {run} has ended ({row.state})", "make a new plan")
    plan = parse(bytes(row.plan))
    stop = stop or threading.Event()
    with _job(run, plan, site, worker, Meter(progress), stop) as (job, ground):
        lanes.work(job, ground)
        if stop.is_set() and not _all_ended(job):
            return _interrupted(job)
        if not _ours_to_end(job):
            return Outcome(run, "interrupted" if stop.is_set() else _result(run), _outcomes(run))
        return finish.finish(job, ground.drifted, set(ground.unreachable))


def resume(
    run: str,
    site: Site,
    *,
    worker: str = "main",
    progress: Callable[[Progress], None] = unwatched,
    stop: threading.Event | None = None,
) -> Outcome:
    """Go on with a run that was interrupted, crashed, or could not finish a step.

    Raises StalePlan when the world has changed too much meanwhile; then the run is over, and
    its evidence has been made to say exactly what it did.
    """
    row = _row(run)
    if row.state in _ENDED:
        raise UsageError(f"run {run} has ended ({row.state})", "make a new plan")
    plan = parse(bytes(row.plan))
    try:
        validate.current(plan, site)
    except StalePlan:
        retire.given_up(row.id, plan, site)
        raise
    with state.transaction():
        Run.objects.filter(id=run).exclude(state__in=_ENDED).update(state=Run.State.RUNNING)
    steps.reopen(run)
    return work(run, site, worker=worker, progress=progress, stop=stop)


def unfinished(plan_digest: str | None = None) -> list[str]:
    """Runs that may be resumed, oldest first; of one plan, or all."""
    with guard():
        rows = Run.objects.exclude(state__in=_ENDED).order_by("started_at")
        if plan_digest is not None:
            rows = rows.filter(plan_digest=plan_digest)
        return list(rows.values_list("id", flat=True))


def _recorded(plan: Plan, site: Site, ground: Ground, workers: str) -> str:
    now = site.now()
    run = f"{now:%Y%m%dT%H%M%SZ}-{secrets.token_hex(3)}"
    rows: list[StepRun] = []
    for number, step in enumerate(writes(plan)):
        bar = validate.barred(step, site, ground)
        unreachable = bar is not None and bar[0] == "StoreUnreachable"
        ill = StepRun.State.FAILED if unreachable else StepRun.State.SKIPPED
        by_partition = isinstance(step, Delete) and step.partitions
        rows.append(
            StepRun(
                run_id=run,
                step_id=step.id,
                number=number,
                collection=step.collection,
                action=action_of(step),
                phase=steps.PARTITIONS if by_partition else steps.RECORDS,
                planned=step.tally.count,
                state=StepRun.State.PENDING if bar is None else ill,
                error="" if bar is None else bar[0],
                message="" if bar is None else bar[1],
                ended_at=None if bar is None else now,
            )
        )
    try:
        with state.transaction():
            Run.objects.create(
                id=run,
                plan_digest=plan.digest,
                plan=dump(plan),
                by=site.runner,
                started_at=now,
            )
            claims.active(run, f"{workers}0", now)
            StepRun.objects.bulk_create(rows)
            ledger.append([_plan_entry(plan), _started_entry(run, plan, site.runner)], now=now)
    except IntegrityError:
        raise UsageError("this plan is being applied already", "resume its run") from None
    return run


def _plan_entry(plan: Plan) -> dict[str, object]:
    return {
        "kind": "plan",
        "plan": plan.digest,
        "policy": plan.policy,
        "mapping": plan.mapping,
        "made_at": plan.made_at.isoformat(),
        "unreachable": list(plan.unreachable),
        "steps": [
            {
                "step": step.id,
                "collection": step.collection,
                "action": action_of(step),
                "count": step.tally.count,
                "total": step.total,
            }
            for step in writes(plan)
        ],
    }


def _started_entry(run: str, plan: Plan, by: str) -> dict[str, object]:
    entry: dict[str, object] = {"kind": "run.started", "run": run, "plan": plan.digest}
    return {**entry, "by": by} if by else entry


@contextmanager
def _job(
    run: str, plan: Plan, site: Site, worker: str, meter: Meter, stop: threading.Event
) -> Iterator[tuple[Job, Ground]]:
    with working(worker) as workers:
        claims.active(run, f"{workers}0", site.now())
        claims.bury(run)
        ground = validate.ground(plan, site)
        stores = validate.reachable(ground)
        shield = Shield(site, stores)
        try:
            with Heart(site, run, workers) as heart:
                job = Job(run, plan, site, stores, shield, workers, heart, stop, meter, Samples())
                yield job, ground
        finally:
            shield.close()
            for store in ground.open.values():
                store.close()


def _ours_to_end(job: Job) -> bool:
    """Whether this process records the end of the run. Waits for another that is at it, and
    takes over from one that died over it."""
    while not job.stop.is_set():
        now = job.site.now()
        row = _row(job.run)
        if row.state != Run.State.RUNNING:
            return False
        dead = surely_dead(row.owner) or (row.lease_until is not None and row.lease_until < now)
        if not row.owner or dead:
            seen = Run.objects.filter(id=job.run, owner=row.owner, state=Run.State.RUNNING)
            with state.transaction():
                if seen.update(owner=f"{job.workers}0", lease_until=now + claims.LEASE):
                    return True
        time.sleep(_WAIT_S)
    return False


def _interrupted(job: Job) -> Outcome:
    outcome = Outcome(job.run, "interrupted", _outcomes(job.run))
    finish.recorded(job, outcome)
    return outcome


def _all_ended(job: Job) -> bool:
    return steps.ended(job.run, [step.id for step in writes(job.plan)])


def _outcomes(run: str) -> tuple[StepOutcome, ...]:
    return tuple(finish.step_outcomes(run))


def _result(run: str) -> Result:
    found = _row(run).state
    results: dict[str, Result] = {"done": "done", "broken": "broken"}
    return results.get(found, "incomplete")


def _row(run: str) -> Run:
    with guard():
        row = Run.objects.filter(id=run).first()
    if row is None:
        raise UsageError(f'there is no run "{run[:64]}"', "see `servanda status`")
    return row
