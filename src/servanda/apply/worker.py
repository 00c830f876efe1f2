"""One worker: claims a window, does it in the store, records it, commits it, and goes on.

The danger is in the order. The store's commit comes after ours, never before; whatever is raised
between the two leaves the window *prepared*, and then only `settle` may touch it. What guards it:
tests/faults/test_kill.py, at every boundary named here.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from threading import Lock

from servanda import state
from servanda.apply import claims, record, settle, sizing, steps, transfer
from servanda.apply.boundaries import reach
from servanda.apply.claims import Claim
from servanda.apply.job import Job, facts_of
from servanda.apply.record import HoldsChanged, LeaseLost
from servanda.apply.retry import patiently
from servanda.apply.site import store_of
from servanda.apply.throttle import Throttle
from servanda.kernel.errors import Drift, StoreBusy, StoreRefused, StoreUnreachable
from servanda.plan.steps import Delete, Write
from servanda.stores.mapping import Limit

_IDLE_S, _LONGEST_IDLE_S = 0.02, 0.5


class Worker:
    """Works for one store in one thread until its steps have ended, or `job.stop`."""

    def __init__(
        self,
        job: Job,
        name: str,
        store_steps: Sequence[Write],
        limit: Limit,
        throttle: Throttle,
        turn: Lock,
    ) -> None:
        self._job = job
        self._name = name
        self._steps = store_steps
        self._ids = [step.id for step in store_steps]
        self._limit = limit
        self._throttle = throttle
        self._turn = turn  # of those that work for this store: one at a time splits a step
        self._finished: list[Claim] = []  # done in the store; their rows do not say so yet
        self._next: Claim | None = None

    def run(self) -> None:
        """Raises StateFailed when the state database refuses; everything else ends a step."""
        idle = _IDLE_S
        try:
            while not self._job.stop.is_set():
                claim, self._next = self._next or self._claim(), None
                if claim is not None:
                    self._guarded(claim)
                    idle = _IDLE_S
                elif self._advance():
                    idle = _IDLE_S
                elif steps.ended(self._job.run, self._ids):
                    return
                else:  # others hold the rest, or a step of another store must end first
                    self._job.stop.wait(idle)
                    idle = min(idle * 2, _LONGEST_IDLE_S)
                    claims.bury(self._job.run)
        finally:
            try:
                self._flush()
            finally:
                state.close_thread()

    # ── claiming ──────────────────────────────────────────────────────────────────────────────

    def _claim(self) -> Claim | None:
        with state.transaction():
            claims.finish(self._finished)
            running = steps.running(self._job.run, self._ids)
            taken = claims.take(self._job.run, running, self._name, self._job.site.now())
        self._finished = []
        return taken

    def _following(self, step: str) -> Claim | None:
        return claims.take_next(self._job.run, step, self._name, self._job.site.now())

    def _flush(self) -> None:
        if self._finished:
            with state.transaction():
                claims.finish(self._finished)
            self._finished = []
        if self._next is not None:
            claims.release(self._next)
            self._next = None

    def _advance(self) -> bool:
        """End what is finished, and split the next step that may start; whether to look again."""
        if not self._turn.acquire(blocking=False):
            with self._turn:  # somebody is just doing it
                return True
        try:
            return self._advanced()
        finally:
            self._turn.release()

    def _advanced(self) -> bool:
        job = self._job
        steps.end_finished(job.run, job.site.now())
        step = steps.ready(job.run, self._steps, job.site.now())
        if step is None:
            return False
        phase = steps.states(job.run)[step.id].phase
        try:
            patiently(lambda: self._split(step, phase), job.stop)
        except (StoreUnreachable, StoreBusy, StoreRefused, Drift) as error:
            self._failed(step, error)
        reach("after-split")
        return True

    def _split(self, step: Write, phase: int) -> None:
        job = self._job
        if phase == steps.PARTITIONS and isinstance(step, Delete):
            windows = [
                (part, bounds)
                for part in (step.partitions if job.may_drop(step, job.shield.now()) else ())
                for bounds in job.store(step).split(job.work(step, part), 1)
            ]
        else:
            collection = job.site.collection(step.collection)
            target = job.target(step, job.shield.now())
            job.samples.before(step, job.store(step), collection, target)
            store = job.store(step)
            size = sizing.rows_per_window(step, self._limit, ranged=store.transactional)
            windows = [("", bounds) for bounds in store.split(job.work(step, ""), size)]
        if steps.begin(job.run, step.id, phase, windows, job.site.now()):
            job.meter.add(step, len(windows))

    # ── one window ────────────────────────────────────────────────────────────────────────────

    def _guarded(self, claim: Claim) -> None:
        step = self._job.step(claim.step)
        try:
            wait = self._throttle.wait_s()
            if self._job.stop.wait(wait) if wait else False:
                claims.release(claim)
                return
            self._window(step, claim)
        except LeaseLost:
            claims.release(claim)  # does nothing when another has it already
        except (StoreUnreachable, StoreBusy, StoreRefused, Drift) as error:
            claims.release(claim)
            if not (isinstance(error, StoreBusy) and self._job.stop.is_set()):
                self._failed(step, error)

    def _window(self, step: Write, claim: Claim) -> None:
        reach("after-claim")
        if claim.prepared:
            count = settle.settled(self._job, step, claim)
        else:
            count = self._fresh(step, claim)
        self._finished.append(claim)
        self._throttle.pay(count)
        self._job.meter.tick(step, count)

    def _fresh(self, step: Write, claim: Claim) -> int:
        job = self._job
        store = job.store(step)
        work = job.work(step, claim.part)
        while True:
            holds = job.shield.now()
            if claim.part and not job.may_drop(step, holds):
                return 0  # the records' phase takes what is not held
            target = job.target(step, holds)
            recorded = False
            try:
                with patiently(partial(store.open, work, claim.bounds, target), job.stop) as window:
                    reach("after-store-work")
                    keys = settle.named(claim, window.keys)
                    if not keys.count:
                        return 0
                    facts = facts_of(step, claim.part)
                    facts |= transfer.copied(job, step, claim, window, keys)
                    self._next = record.prepared(
                        claim,
                        keys,
                        facts,
                        master=job.site.master,
                        now=job.site.now(),
                        holds_version=holds.version,
                        finished=self._finished,
                        following=partial(self._following, claim.step),
                    )
                    recorded = True
                    self._finished = []
                    reach("after-record")
                    job.heart.check()
                    window.commit()
                    reach("after-commit")
                    return keys.count
            except HoldsChanged:
                continue  # rolled back; once more, without what is held now
            except StoreBusy:
                if not recorded:
                    raise
                return settle.settled(job, step, claim)
            except StoreRefused as error:
                if not recorded:
                    raise
                return settle.reconciled(job, step, claim, str(error))

    def _failed(self, step: Write, error: Exception) -> None:
        now = self._job.site.now()
        if self._next is not None:
            claims.release(self._next)
            self._next = None
        own = store_of(step.collection)
        if isinstance(error, StoreUnreachable) and error.store == own:
            for each in self._ids:
                steps.fail(self._job.run, each, "StoreUnreachable", str(error), now)
        else:
            steps.fail(self._job.run, step.id, type(error).__name__, str(error), now)
