"""Steps of a run as rows: pending, running, ended. Every change is conditional on what was seen.

A step has two phases: whole partitions (0), then records (1). Splitting only reads the store, so
it needs no claim: of two workers that split at once, one finds the step still pending and writes
its windows, the other throws its own away.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db.models import Exists, F, OuterRef, Sum

from servanda import state
from servanda.plan.steps import Write
from servanda.state.models import StepRun, Window

PARTITIONS, RECORDS = 0, 1
_ENDED = (StepRun.State.DONE, StepRun.State.FAILED, StepRun.State.SKIPPED)
_ILL = (StepRun.State.FAILED, StepRun.State.SKIPPED)


def states(run: str) -> dict[str, StepRun]:
    """The steps of a run by id, in plan order."""
    return {row.step_id: row for row in StepRun.objects.filter(run_id=run).order_by("number")}


def running(run: str, steps: Collection[str]) -> list[str]:
    """Those of `steps` whose windows may be claimed."""
    rows = StepRun.objects.filter(run_id=run, step_id__in=steps, state=StepRun.State.RUNNING)
    return list(rows.order_by("number").values_list("step_id", flat=True))


def begin(
    run: str,
    step: str,
    phase: int,
    windows: Sequence[tuple[str, Mapping[str, Any]]],
    now: datetime,
) -> bool:
    """Record the windows (partition or blank, bounds) of a pending step; False if another did."""
    with state.transaction():
        seen = StepRun.objects.filter(
            run_id=run, step_id=step, state=StepRun.State.PENDING, phase=phase
        )
        if not seen.update(
            state=StepRun.State.RUNNING, windows=F("windows") + len(windows), started_at=now
        ):
            return False
        first = Window.objects.filter(run_id=run, step=step).count()
        Window.objects.bulk_create(
            [
                Window(run_id=run, step=step, number=number, part=part, bounds=dict(bounds))
                for number, (part, bounds) in enumerate(windows, first)
            ],
            batch_size=500,
        )
    return True


def end_finished(run: str, now: datetime) -> None:
    """End running steps that have no window left; those with partitions go on with records."""
    with state.transaction():
        left = Window.objects.filter(run_id=run, step=OuterRef("step_id")).exclude(
            state=Window.State.DONE
        )
        rows = StepRun.objects.filter(run_id=run, state=StepRun.State.RUNNING)
        for row in rows.filter(~Exists(left)):
            done = Window.objects.filter(run_id=run, step=row.step_id)
            total = done.aggregate(Sum("count"))["count__sum"] or 0
            seen = StepRun.objects.filter(pk=row.pk, state=row.state, phase=row.phase)
            if row.phase == PARTITIONS:
                seen.update(state=StepRun.State.PENDING, phase=RECORDS, records=total)
            else:
                seen.update(state=StepRun.State.DONE, records=total, ended_at=now)


def fail(run: str, step: str, kind: str, message: str, now: datetime) -> None:
    """The step ends here; its windows stay as they are, for a later resume."""
    with state.transaction():
        total = Window.objects.filter(run_id=run, step=step, state=Window.State.DONE).aggregate(
            Sum("count")
        )
        StepRun.objects.filter(run_id=run, step_id=step).exclude(state__in=_ENDED).update(
            state=StepRun.State.FAILED,
            error=kind,
            message=message,
            records=total["count__sum"] or 0,
            ended_at=now,
        )


def skip(run: str, step: str, kind: str, message: str, now: datetime) -> None:
    """The step is not begun, for a reason."""
    with state.transaction():
        StepRun.objects.filter(run_id=run, step_id=step, state=StepRun.State.PENDING).update(
            state=StepRun.State.SKIPPED, error=kind, message=message, ended_at=now
        )


def bar(run: str, step: str, kind: str, message: str, now: datetime) -> None:
    """The step's store must not, or cannot, be worked in: it ends, its windows stay as they are."""
    ill = StepRun.State.FAILED if kind == "StoreUnreachable" else StepRun.State.SKIPPED
    with state.transaction():
        rows = StepRun.objects.filter(run_id=run, step_id=step).exclude(state__in=_ENDED)
        rows.update(state=ill, error=kind, message=message, ended_at=now)


def leave(run: str, step: str, left: int, why: str) -> None:
    """Add to the records the step should have removed and could not, and say why."""
    with state.transaction():
        StepRun.objects.filter(run_id=run, step_id=step).update(left=F("left") + left, message=why)


def ready(run: str, plan_steps: Sequence[Write], now: datetime) -> Write | None:
    """The next pending step of these whose predecessors all ended well; steps that wait for an
    ill one are skipped on the way."""
    rows = states(run)
    for step in plan_steps:
        row = rows[step.id]
        if row.state != StepRun.State.PENDING:
            continue
        ill = [each for each in step.after if each in rows and rows[each].state in _ILL]
        if ill:
            what = f"waits for {rows[ill[0]].collection}, which could not be finished"
            skip(run, step.id, "after", what, now)
        elif all(rows[each].state == StepRun.State.DONE for each in step.after if each in rows):
            return step
    return None


def ended(run: str, steps: Collection[str]) -> bool:
    rows = StepRun.objects.filter(run_id=run, step_id__in=steps)
    return not rows.exclude(state__in=_ENDED).exists()


def reopen(run: str) -> None:
    """For a resume: what failed or was skipped gets another chance, where it stopped."""
    with state.transaction():
        ill = StepRun.objects.filter(run_id=run, state__in=_ILL)
        begun = Window.objects.filter(run_id=run, step=OuterRef("step_id")).exclude(
            state=Window.State.DONE
        )
        fresh = {"error": "", "message": "", "ended_at": None, "left": 0}
        going = list(ill.filter(Exists(begun)).values_list("pk", flat=True))
        ill.exclude(pk__in=going).update(state=StepRun.State.PENDING, **fresh)
        StepRun.objects.filter(pk__in=going).update(state=StepRun.State.RUNNING, **fresh)
