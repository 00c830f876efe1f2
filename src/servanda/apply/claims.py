"""Windows as claimed rows: a conditional UPDATE, a lease, and a fence.

The danger: two workers that both believe a window is theirs. The claim is one UPDATE that names
the fence it saw and raises it, so exactly one wins. A lease says until when a silent worker is
waited for; whoever took over raised the fence, and the old worker's recording commit, which names
its own, changes no row (`record`). A lease that ends further ahead than any could is void: the
clock was set back. Tests: tests/faults/test_two_workers.py.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db.models import Exists, Q

from servanda import state
from servanda.apply.identity import surely_dead
from servanda.state.connection import guard
from servanda.state.models import Run, StepRun, Window

LEASE = timedelta(seconds=60)
_VOID = datetime(1970, 1, 1, tzinfo=UTC)
_TRIES = 16  # candidates looked at; others may be claiming the same ones
_NEXT_TRIES = 3
_TAKEN = (Window.State.CLAIMED, Window.State.PREPARED)


@dataclass(frozen=True, slots=True)
class Claim:
    """A window that is ours until its fence rises. `prepared`: evidence of an earlier attempt
    stands, under the manifest with this digest, and must be settled first."""

    pk: int
    run: str
    step: str
    number: int
    part: str
    bounds: Mapping[str, Any]
    owner: str
    fence: int
    prepared: bool
    manifest: str


def take(run: str, steps: Collection[str], worker: str, now: datetime) -> Claim | None:
    """Claim the next window of these steps: first those left prepared, then in order.

    Joins the caller's transaction. None when there is none to be had now.
    """
    with state.transaction():
        windows = Window.objects.filter(run_id=run, step__in=steps).order_by("step", "number")
        silent = windows.filter(_void(now))[:_TRIES]
        for window in silent or windows.filter(state=Window.State.OPEN)[:_TRIES]:
            found = _claim(window, worker, now)
            if found is not None:
                return found
    return None


def take_next(run: str, step: str, worker: str, now: datetime) -> Claim | None:
    """Claim the next open window of one step while it runs, for a worker that goes on without a
    pause: two questions instead of four, in the commit that records its last window."""
    with state.transaction():
        running = StepRun.objects.filter(run_id=run, step_id=step, state=StepRun.State.RUNNING)
        windows = Window.objects.filter(
            Exists(running), run_id=run, step=step, state=Window.State.OPEN
        )
        for window in windows.order_by("number")[:_NEXT_TRIES]:
            found = _claim(window, worker, now)
            if found is not None:
                return found
    return None


def take_prepared(run: str, steps: Collection[str], worker: str, now: datetime) -> Claim | None:
    """Claim a window that was recorded by a worker that is gone; None when there is none."""
    with state.transaction():
        windows = Window.objects.filter(
            run_id=run, step__in=steps, state=Window.State.PREPARED
        ).order_by("step", "number")
        for window in windows.filter(_void(now))[:_TRIES]:
            found = _claim(window, worker, now)
            if found is not None:
                return found
    return None


def busy(run: str, now: datetime) -> bool:
    """Whether somebody works on the run: a lease on a window, or a sign of life."""
    bury(run)
    with guard():
        if Window.objects.filter(run_id=run, state__in=_TAKEN).exclude(_void(now)).exists():
            return True
        row = Run.objects.get(id=run)
    until = row.active_until
    lives = until is not None and now <= until <= now + 2 * LEASE
    return lives and not surely_dead(row.active_by)


def in_doubt(run: str) -> list[tuple[str, int]]:
    """(step, number) of windows that are recorded, and nobody knows yet whether committed."""
    with guard():
        windows = Window.objects.filter(run_id=run, state=Window.State.PREPARED)
        return list(windows.order_by("step", "number").values_list("step", "number"))


def active(run: str, worker: str, now: datetime) -> None:
    """A sign of life of one who works on the run."""
    with state.transaction():
        Run.objects.filter(id=run).update(active_by=worker, active_until=now + LEASE)


def _claim(window: Window, worker: str, now: datetime) -> Claim | None:
    prepared = window.state == Window.State.PREPARED
    seen = Window.objects.filter(pk=window.pk, fence=window.fence, state=window.state)
    changed = seen.update(
        state=window.state if prepared else Window.State.CLAIMED,
        owner=worker,
        fence=window.fence + 1,
        lease_until=now + LEASE,
    )
    if not changed:
        return None
    return Claim(
        pk=window.pk,
        run=window.run_id,
        step=window.step,
        number=window.number,
        part=window.part,
        bounds=window.bounds,
        owner=worker,
        fence=window.fence + 1,
        prepared=prepared,
        manifest=window.manifest,
    )


def mine(claim: Claim) -> Q:
    """The condition of every write about a claimed window: it is still ours."""
    return Q(pk=claim.pk, owner=claim.owner, fence=claim.fence)


def finish(claims: Iterable[Claim]) -> None:
    """These windows are done in their stores. One that was taken over meanwhile is left to
    whoever took it."""
    for claim in claims:
        Window.objects.filter(mine(claim)).update(
            state=Window.State.DONE, owner="", lease_until=None
        )


def release(claim: Claim) -> None:
    """Give a window back: open again, or prepared for somebody to settle."""
    with state.transaction():
        Window.objects.filter(mine(claim), state=Window.State.CLAIMED).update(
            state=Window.State.OPEN, owner="", lease_until=None
        )
        Window.objects.filter(mine(claim), state=Window.State.PREPARED).update(
            owner="", lease_until=_VOID
        )


def renew(run: str, workers: str, now: datetime) -> None:
    """Renew the leases of the workers whose names begin so."""
    with state.transaction():
        Window.objects.filter(run_id=run, owner__startswith=workers, state__in=_TAKEN).update(
            lease_until=now + LEASE
        )
        Run.objects.filter(id=run, owner__startswith=workers).update(lease_until=now + LEASE)
        active(run, f"{workers}0", now)


def bury(run: str) -> None:
    """Void the leases of workers whose process is certainly gone, instead of waiting for them."""
    with state.transaction():
        taken = Window.objects.filter(run_id=run, state__in=_TAKEN).exclude(owner="")
        owners = taken.order_by().values_list("owner", flat=True).distinct()
        dead = [owner for owner in owners if surely_dead(owner)]
        if dead:
            taken.filter(owner__in=dead).update(lease_until=_VOID)


def _void(now: datetime) -> Q:
    over = Q(lease_until__lt=now) | Q(lease_until__gt=now + 2 * LEASE)
    return Q(state__in=_TAKEN) & over
