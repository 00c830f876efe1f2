"""After the steps: count again with other eyes, search for traces, and record the run's end.

The danger: a run that believes its own counting. So a reader of its own, opened for this and
with its own credential where there is one, counts what is overdue; traces are searched for
in the data itself; and what could not be looked at is said to be so, never passed over.
Tests: tests/apply/test_finish.py.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, TypeVar

from servanda import ledger, state
from servanda.apply import recount, residue, steps
from servanda.apply.boundaries import reach
from servanda.apply.job import Job
from servanda.apply.outcome import Outcome, Recount, ResidueFound, Result, StepOutcome
from servanda.apply.site import store_of
from servanda.kernel.errors import Drift, StoreBusy, StoreRefused, StoreUnreachable
from servanda.plan.steps import Verify
from servanda.state.models import Run, StepRun
from servanda.stores.port import Store

T = TypeVar("T")
_FINAL = (Run.State.DONE, Run.State.BROKEN)


def finish(job: Job, drifted: Mapping[str, str], unreachable: set[str]) -> Outcome:
    """Recount, scan, record. `drifted` and `unreachable`: stores that are not looked at."""
    reach("before-recount")
    silent = set(unreachable)
    findings: list[str] = []
    recounts: list[Recount] = []
    residues: list[ResidueFound] = []
    for name in _stores(job):
        if name in drifted or name in silent:
            continue
        counted = _looked(findings, silent, name, partial(_read, job, name, recount.of))
        recounts += counted or []
        searched = _looked(findings, silent, name, partial(_read, job, name, residue.of))
        residues += searched or []
    findings += _sentences(recounts, residues)
    outcomes = step_outcomes(job.run)
    looked_at = {each.collection for each in recounts}
    wanted = {step.collection for step in job.plan.steps if isinstance(step, Verify)}
    missed = {id_ for id_ in wanted - looked_at if store_of(id_) not in drifted}
    result = _result(outcomes, recounts, silent, missed)
    outcome = Outcome(
        run=job.run,
        result=result,
        steps=tuple(outcomes),
        recounts=tuple(recounts),
        residues=tuple(residues),
        unreachable=tuple(sorted(silent)),
        findings=tuple(findings),
    )
    reach("before-end")
    recorded(job, outcome)
    return outcome


def step_outcomes(run: str) -> list[StepOutcome]:
    return [_outcome(row) for row in steps.states(run).values()]


def recorded(job: Job, outcome: Outcome) -> None:
    """The end of the run, in one commit with its evidence; then the ledger is signed."""
    now = job.site.now()
    final = outcome.result in ("done", "broken")
    entries: list[dict[str, Any]] = [
        {
            "kind": "recount",
            "run": job.run,
            "collection": each.collection,
            "overdue": each.overdue,
            "suspended": each.suspended,
            "total": each.total,
            "unstarted": each.unstarted,
            "reader": each.reader,
            "expected": each.expected,
        }
        for each in outcome.recounts
    ]
    entries += [
        {
            "kind": "residue",
            "run": job.run,
            "collection": each.collection,
            "searched": each.searched,
            "found": each.found,
            "statements": [{"where": where, "until": until} for where, until in each.statements],
        }
        for each in outcome.residues
    ]
    entries.append(
        {
            "kind": "run.ended",
            "run": job.run,
            "plan": job.plan.digest,
            "outcome": outcome.result,
            "unreachable": list(outcome.unreachable),
            "steps": [
                {
                    "step": each.id,
                    "collection": each.collection,
                    "action": each.action,
                    "state": each.state,
                    "planned": each.planned,
                    "count": each.count,
                    "left": each.left,
                    "reason": each.reason,
                }
                for each in outcome.steps
            ],
        }
    )
    with state.transaction():
        ended = Run.objects.filter(id=job.run).exclude(state__in=_FINAL)
        changes = {"state": outcome.result, "owner": "", "lease_until": None}
        if ended.update(ended_at=now if final else None, **changes):
            ledger.append(entries, now=now)
    if job.site.checkpoint is not None:
        job.site.checkpoint()


def _stores(job: Job) -> list[str]:
    names = [store_of(step.collection) for step in job.plan.steps]
    return list(dict.fromkeys(names))


def _read(job: Job, store: str, look: Callable[[Job, str, Store], T]) -> T:
    reader = job.site.open(job.site.config(store), True)
    try:
        return look(job, store, reader)
    finally:
        reader.close()


def _looked(findings: list[str], silent: set[str], store: str, look: Callable[[], T]) -> T | None:
    """What `look` gives; None, with a finding, where the store does not let itself be looked at."""
    try:
        return look()
    except StoreUnreachable as error:
        silent.add(error.store)
        findings.append(str(error))
    except (StoreBusy, StoreRefused, Drift) as error:
        findings.append(f'store "{store}" could not be recounted: {error}')
    return None


def _sentences(recounts: list[Recount], residues: list[ResidueFound]) -> list[str]:
    said = [
        f"{each.overdue:,} records of {each.collection} are past their ceiling and still there"
        for each in recounts
        if each.overdue
    ]
    said += [
        f"{each.collection} has {each.expected - each.total:,} records fewer than the evidence "
        "says: something else deletes there too"
        for each in recounts
        if each.expected is not None and each.total < each.expected
    ]
    said += [
        f"{each.found:,} places still hold one of {each.searched:,} erased values of "
        f"{each.collection}"
        for each in residues
        if each.found
    ]
    return said


def _result(
    outcomes: list[StepOutcome], recounts: list[Recount], silent: set[str], missed: set[str]
) -> Result:
    if silent or missed or any(each.state != "done" or each.left for each in outcomes):
        return "incomplete"
    return "broken" if any(each.overdue for each in recounts) else "done"


def _outcome(row: StepRun) -> StepOutcome:
    return StepOutcome(
        id=row.step_id,
        collection=row.collection,
        action=row.action,
        state=row.state,
        planned=row.planned,
        count=row.records,
        left=row.left,
        reason=row.message,
    )
