"""Ends runs that will not go on, so that their evidence says exactly what they did.

The danger: a crashed run's last window is recorded and perhaps was rolled back; if a new plan now
deletes those records, two entries would claim them. So before a new run starts, every earlier
one that nobody works on is settled without deleting anything more, and closed. Where the store of
such a window is no longer declared (it was renamed, or taken out), nobody can ask it; then the
run is closed all the same, and its last entry names the windows that nothing is known of.
Tests: tests/apply/test_retire.py, tests/faults/test_store_gone.py.
"""

from __future__ import annotations

import threading
from contextlib import suppress
from dataclasses import replace
from typing import Any

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
from servanda.plan.steps import Plan, Write
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
    known = [step for step in writes(plan) if _declared(step, site)]
    if claims.in_doubt(run):
        _settle_all(run, replace(plan, steps=tuple(known)), site)
    doubt = claims.in_doubt(run)
    if {step for step, _ in doubt} & {step.id for step in known}:
        return
    now = site.now()
    ended: dict[str, Any] = {
        "kind": "run.ended",
        "run": run,
        "plan": plan.digest,
        "outcome": "stale",
    }
    if doubt:
        ended["unsettled"] = [{"step": step, "window": number} for step, number in doubt]
    with state.transaction():
        open_ = StepRun.objects.filter(
            run_id=run, state__in=(StepRun.State.PENDING, StepRun.State.RUNNING)
        )
        open_.update(state=StepRun.State.SKIPPED, error="stale", message=_WHY, ended_at=now)
        changed = Run.objects.filter(id=run).exclude(state=Run.State.STALE)
        if changed.update(state=Run.State.STALE, ended_at=now, owner="", lease_until=None):
            ledger.append([ended], now=now)


def _declared(step: Write, site: Site) -> bool:
    config = site.configs.get(store_of(step.collection))
    return config is not None and any(c.id == step.collection for c in config.collections)


def _settle_all(run: str, plan: Plan, site: Site) -> None:
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
