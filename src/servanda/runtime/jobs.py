"""Jobs: work that pages and programs ask for, done by the worker of `servanda serve`.

    job = jobs.ask("apply", {"plan": digest}, about=f"plan:{digest}", by=member.by)
    jobs.stop(job.id)                       # after the window in hand
    jobs.work(workspace, stop)              # the worker: one job, if one waits

The danger: a job done twice, or lost with its worker. What guards it: a job is a claimed row with a
lease and a fence, as a window is; what it does is itself safe to start again (a run goes on where
it was, requests that were acted on are not acted on again), so a job whose worker died is simply
taken by the next one. Tests: tests/runtime/test_jobs.py.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from importlib import import_module
from typing import TYPE_CHECKING, Any

from servanda import state
from servanda.apply.identity import surely_dead, working
from servanda.kernel.errors import ServandaError, UsageError
from servanda.state.connection import guard
from servanda.state.models import Job

if TYPE_CHECKING:
    from servanda.runtime.workspace import Workspace

LEASE = timedelta(seconds=60)
_BEAT_S = 15.0

KINDS: Mapping[str, str] = {
    "plan": "servanda.runtime.tasks.make_plan",
    "apply": "servanda.runtime.tasks.apply_plan",
    "act": "servanda.runtime.tasks.act",
    "sweep": "servanda.runtime.tasks.sweep_now",
    "look": "servanda.runtime.looking.look_now",
    "bundle": "servanda.runtime.looking.make_bundle",
    "verify": "servanda.runtime.looking.verify_now",
    "forecast": "servanda.runtime.tasks.forecast",
    "sites": "servanda.runtime.sites.look_now",
}
"""What each kind calls: `(workspace, payload, Told) -> None`."""


@dataclass(frozen=True, slots=True)
class Told:
    """What a job may say and ask while it runs. `tell` replaces what is known of its progress;
    `by` asked for the job."""

    tell: Callable[[Mapping[str, Any]], None]
    stop: threading.Event
    by: str = ""


def ask(kind: str, payload: Mapping[str, Any], *, about: str, by: str) -> Job:
    """Put a job down; the one that waits or runs for the same thing already, where there is one."""
    if kind not in KINDS:
        raise UsageError(f'there is no job "{kind[:20]}"')
    with state.transaction():
        open_ = Job.objects.filter(kind=kind, about=about, state__in=("waiting", "running"))
        found = open_.order_by("-id").first()
        if found is not None and not found.stop:
            return found
        return Job.objects.create(
            kind=kind, payload=dict(payload), about=about, by=by, made_at=datetime.now(UTC)
        )


def latest(about: str, kind: str = "") -> Job | None:
    """The newest job about something."""
    found = Job.objects.filter(about=about)
    with guard():
        return (found.filter(kind=kind) if kind else found).order_by("-id").first()


def stop(id_: int) -> None:
    """Ask a job to end after what it has in hand. One that has not begun does not begin."""
    with state.transaction():
        Job.objects.filter(id=id_, state="waiting").update(
            state="stopped", stop=True, ended_at=datetime.now(UTC)
        )
        Job.objects.filter(id=id_, state="running").update(stop=True)


def work(workspace: Workspace, ended: threading.Event) -> bool:
    """Do the next job that waits, or that a dead worker left; False where there is none."""
    with working("job") as names:
        job = _claim(f"{names}0")
        if job is None:
            return False
        _do(workspace, job, ended)
        return True


def _do(workspace: Workspace, job: Job, ended: threading.Event) -> None:
    halt = threading.Event()
    done = threading.Event()
    beat = threading.Thread(target=_beat, args=(job, halt, done, ended), daemon=True)
    beat.start()
    failed = ""
    try:
        module, _, name = KINDS[job.kind].rpartition(".")
        told = Told(lambda what: _tell(job, what), halt, job.by)
        getattr(import_module(module), name)(workspace, job.payload, told)
    except ServandaError as error:
        failed = str(error)
    except Exception as error:  # a worker lives on; the error is shown where the job is
        failed = f"it failed unexpectedly ({type(error).__name__}); the server's log says more"
        _finish(job, failed, stopped=False)
        raise
    finally:
        done.set()
        beat.join()
    if ended.is_set() and halt.is_set() and not _asked_to_stop(job):
        _give_back(job)  # the server goes down: the next one takes it up again
    else:
        _finish(job, failed, stopped=halt.is_set())


def _claim(owner: str) -> Job | None:
    now = datetime.now(UTC)
    with state.transaction():
        open_ = Job.objects.filter(state__in=("waiting", "running")).order_by("id")
        job = next((each for each in open_ if _free(each, now)), None)
        if job is None:
            return None
        changed = Job.objects.filter(id=job.id, fence=job.fence).update(
            state="running",
            owner=owner,
            fence=job.fence + 1,
            lease_until=now + LEASE,
            started_at=job.started_at or now,
        )
        if not changed:
            return None
        job.refresh_from_db()
        return job


def _free(job: Job, now: datetime) -> bool:
    over = job.lease_until is None or job.lease_until < now
    return job.state == "waiting" or over or surely_dead(job.owner)


def _ours(job: Job) -> Any:
    return Job.objects.filter(id=job.id, fence=job.fence)


def _asked_to_stop(job: Job) -> bool:
    with guard():
        return bool(_ours(job).values_list("stop", flat=True).first())


def _beat(job: Job, halt: threading.Event, done: threading.Event, ended: threading.Event) -> None:
    """Keep the lease, and listen for whether to stop."""
    try:
        beats = 0
        while not done.wait(1.0):
            with suppress(ServandaError):
                if ended.is_set() or _asked_to_stop(job):
                    halt.set()
                beats += 1
                if beats % int(_BEAT_S) == 0:
                    with guard():
                        _ours(job).update(lease_until=datetime.now(UTC) + LEASE)
    finally:
        state.close_thread()


def _tell(job: Job, what: Mapping[str, Any]) -> None:
    with guard():
        _ours(job).update(told=dict(what))


def _give_back(job: Job) -> None:
    with guard():
        _ours(job).update(state="waiting", lease_until=None)


def _finish(job: Job, failed: str, *, stopped: bool) -> None:
    outcome = "failed" if failed else "stopped" if stopped else "done"
    with guard():
        _ours(job).update(
            state=outcome, error=failed[:2000], ended_at=datetime.now(UTC), lease_until=None
        )
