"""Counts by a separate reader: what is past its ceiling, held, and there at all."""

from __future__ import annotations

from servanda.apply import steps
from servanda.apply.job import Job
from servanda.apply.outcome import Recount
from servanda.apply.site import store_of
from servanda.kernel.predicate import NOTHING, Everything
from servanda.plan.holds import recount_predicates
from servanda.plan.steps import Archive, Delete, Keep, Return, Verify
from servanda.stores.port import Store


def of(job: Job, store: str, reader: Store) -> list[Recount]:
    """One recount for each Verify step of the store. Raises the store's errors."""
    own = job.site.config(store).recount is not None
    found: list[Recount] = []
    for step in job.plan.steps:
        if not isinstance(step, Verify) or store_of(step.collection) != store:
            continue
        held = job.shield.now().covered(step.collection)
        overdue, suspended = recount_predicates(step, None if held == NOTHING else held)
        counts = reader.tallies(
            job.site.collection(step.collection), [overdue, suspended, Everything()]
        )
        found.append(
            Recount(
                collection=step.collection,
                overdue=counts[0].count,
                suspended=counts[1].count,
                total=counts[2].count,
                unstarted=_unstarted(job, step.collection),
                reader="recount" if own else "same",
                expected=_expected(job, step.collection),
            )
        )
    return found


def _unstarted(job: Job, collection: str) -> int:
    """As counted for the plan: records whose clock's event has not happened."""
    return sum(
        step.tally.count
        for step in job.plan.steps
        if isinstance(step, Keep) and step.collection == collection and step.reason == "event"
    )


def _expected(job: Job, collection: str) -> int | None:
    """The collection's size in the plan less what went; None where nothing was to go."""
    rows = steps.states(job.run)
    removals = [
        step
        for step in job.plan.steps
        if isinstance(step, Delete | Archive | Return) and step.collection == collection
    ]
    if not removals:
        return None
    return removals[0].total - sum(rows[step.id].records for step in removals)
