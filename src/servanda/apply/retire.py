"""Ends runs that will not go on, so that their evidence says exactly what they did.

The danger: a crashed run's last window is recorded and perhaps was rolled back; if a new plan now
deletes those records, two entries would claim them. So before a new run starts, every earlier
one that nobody works on is settled without deleting anything more, and closed.
Tests: tests/apply/test_retire.py.
"""

from __future__ import annotations

import threading
from contextlib import suppress

from servanda import ledger, state
from servanda.apply import claims, settle, validate
from servanda.apply.heart import Heart
from servanda.apply.identity import working
from servanda.apply.job import Job, writes
from servanda.apply.meter import Meter
from servanda.apply.samples import Samples
from servanda.apply.shield import Shield
from servanda.apply.site import Site, store_of
from servanda.kernel.errors import Drift, StoreBusy, StoreRefused, StoreUnreachable, UsageError
from servanda.plan.file import parse
from servanda.plan.steps import Plan
from servanda.state.connection import guard
from servanda.state.models import Run, StepRun

_WHY = "given up: a newer plan takes its place"


def earlier(site: Site) -> None:
    """Close every unfinished run that nobody works on. One with a store that does not answer, and
    a window there to be settled, stays for another time."""
    with guard():
        rows = list(
            Run.objects.filter(
                state__in=(Run.State.RUNNING, Run.State.INCOMPLETE, Run.State.INTERRUPTED)
            ).order_by("started_at")
        )
    for row in rows:
        if not claims.busy(row.id, site.now()):
            with suppress(UsageError, StoreBusy, StoreRefused, Drift):
                given_up(row.id, parse(bytes(row.plan)), site)


def given_up(run: str, plan: Plan, site: Site) -> None:
    """Settle what the run left prepared, deleting nothing more, and close it as stale.

    Somebody may still hold a window; then the run stays open for another time.
    """
    claims.bury(run)
    if not _settled(run, plan, site):
        return
    now = site.now()
    with state.transaction():
        open_ = StepRun.objects.filter(
            run_id=run, state__in=(StepRun.State.PENDING, StepRun.State.RUNNING)
        )
        open_.update(state=StepRun.State.SKIPPED, error="stale", message=_WHY, ended_at=now)
        changed = Run.objects.filter(id=run).exclude(state=Run.State.STALE)
        if changed.update(state=Run.State.STALE, ended_at=now, owner="", lease_until=None):
            ledger.append(
                [{"kind": "run.ended", "run": run, "plan": plan.digest, "outcome": "stale"}],
                now=now,
            )


def _settled(run: str, plan: Plan, site: Site) -> bool:
    """Whether no window is left whose evidence is in doubt."""
    if not claims.in_doubt(run):
        return True
    ground = validate.ground(plan, site)
    stores = validate.reachable(ground)
    shield = Shield(site, stores)
    try:
        with working("retire") as workers:
            heart = Heart(site, run, workers)
            stop = threading.Event()
            _settle(Job(run, plan, site, stores, shield, workers, heart, stop, Meter(), Samples()))
    finally:
        shield.close()
        for store in ground.open.values():
            store.close()
    return not claims.in_doubt(run)


def _settle(job: Job) -> None:
    """Settle what can be settled: windows of stores that do not answer are given back."""
    silent: set[str] = set()
    while True:
        ids = [step.id for step in writes(job.plan) if store_of(step.collection) not in silent]
        claim = claims.take_prepared(job.run, ids, f"{job.workers}0", job.site.now())
        if claim is None:
            return
        step = job.step(claim.step)
        try:
            settle.reconciled(job, step, claim, _WHY)
        except StoreUnreachable:
            claims.release(claim)
            silent.add(store_of(step.collection))
        else:
            with state.transaction():
                claims.finish([claim])
