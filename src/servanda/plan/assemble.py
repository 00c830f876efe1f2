"""From counts to the steps of one collection: what is done, what is kept and why, what is
counted again afterwards. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from servanda.kernel.predicate import NOTHING
from servanda.plan import words
from servanda.plan.count import Counted, partial_name
from servanda.plan.retention import Partial, Rules, Targets
from servanda.plan.steps import (
    Archive,
    Delete,
    Keep,
    KeepReason,
    Redact,
    Return,
    Verify,
    Write,
)
from servanda.policy.rules import Outcome, Policy
from servanda.stores.port import Tally


def writes(counted: Counted, policy: Policy, now: datetime) -> Iterator[Write]:
    """The steps that change the store; none where nothing is due."""
    rules, found = counted.rules, counted.targets
    if rules is None or found is None or counted.trouble:
        return
    promises = promised(rules, policy)
    id_, total = counted.collection.id, counted.total
    if tally := _some(counted, "delete"):
        why, parts = words.due(rules, now, "delete"), counted.partitions
        clock = _deciding_clock(rules, "delete")
        yield Delete(
            f"delete:{id_}", id_, found.delete, clock, tally, total, why, promises, (), parts
        )
    if tally := _some(counted, "return"):
        why, to = words.due(rules, now, "return"), counted.collection.return_to or ""
        clock = _deciding_clock(rules, "return")
        yield Return(f"return:{id_}", id_, found.give_back, clock, to, tally, total, why, promises)
    if tally := _some(counted, "archive"):
        why, to = words.due(rules, now, "archive"), counted.collection.archive_to or ""
        clock = _deciding_clock(rules, "archive")
        yield Archive(f"archive:{id_}", id_, found.archive, clock, to, tally, total, why, promises)
    if tally := _some(counted, "anonymise"):
        why = words.due(rules, now, "anonymise")
        yield _redact(f"anonymise:{id_}", counted, found.anonymise, tally, why, promises)
    for number, partial in enumerate(found.partials):
        if tally := _some(counted, partial_name(number)):
            why = words.due(rules, now, "delete", "anonymise")
            why += tuple(f"kept back by the floor {words.floor(f)}" for f in partial.floors)
            step = "redact:" + "+".join(str(rules.floors.index(f) + 1) for f in partial.floors)
            yield _redact(f"{step}:{id_}", counted, partial, tally, why, promises)


def _redact(
    step: str,
    counted: Counted,
    partial: Partial,
    tally: Tally,
    why: tuple[str, ...],
    promises: tuple[str, ...],
) -> Redact:
    made = partial.changes
    because = (*why, "changes " + words.names(words.change(*each) for each in made.fields))
    if made.stays:
        because += (f"{words.names(made.stays)} cannot be changed, so nothing is anonymous",)
    id_, total = counted.collection.id, counted.total
    return Redact(
        step, id_, partial.target, None, made.fields, made.kind, tally, total, because, promises
    )


def keeps(counted: Counted, policy: Policy, now: datetime) -> Iterator[Keep]:
    """Records that stay, each kind with its count and its reason."""
    rules, found = counted.rules, counted.targets
    if rules is None or found is None or counted.trouble:
        return
    for reason, because in _reasons(counted, rules, found, now):
        if tally := _some(counted, reason):
            yield keep(counted, reason, tally, because, promised(rules, policy))


def _reasons(
    counted: Counted, rules: Rules, found: Targets, now: datetime
) -> Iterator[tuple[KeepReason, tuple[str, ...]]]:
    yield "hold", ("past a ceiling, but a legal hold covers them: suspended until it is released",)
    floors = tuple(f"kept by the floor {words.floor(f)}" for f in rules.floors)
    waiting = counted.tally("floor unstarted").count
    if waiting:
        events = words.names(sorted({f.event for f in rules.floors}))
        floors += (f"of {words.count(waiting)} among them {events} has not happened",)
    yield "floor", floors
    events = words.names(sorted({c.event for c in rules.all_ceilings}))
    yield "event", (f"{events} has not happened, so no clock is running",)
    purposes = sorted({c.unless_consent for c in rules.all_ceilings if c.unless_consent})
    why = [f"the person consented to {words.names(purposes)}"] if purposes else []
    editions = sorted({each.edition for each in rules.older if each.free})
    why += [f"the person accepted edition {words.names(map(str, editions))}"] if editions else []
    yield "consent", (f"past a ceiling that does not bind: {' or '.join(why)}",)
    yield "tenant", ("whose customer's records these are is not known: not touched",)


def keep(
    counted: Counted,
    reason: KeepReason,
    tally: Tally,
    because: tuple[str, ...],
    promises: tuple[str, ...] = (),
) -> Keep:
    id_ = counted.collection.id
    return Keep(f"keep:{reason}:{id_}", id_, reason, tally, because, promises)


def verify(counted: Counted, policy: Policy) -> Verify | None:
    """What the recount looks for; None where no rule decides. Holds are left to the recount: a
    plan lies about as a file, and a hold names people."""
    rules, found = counted.rules, counted.targets
    if rules is None or found is None:
        return None
    id_ = counted.collection.id
    return Verify(f"verify:{id_}", id_, found.overdue, NOTHING, promised(rules, policy))


def promised(rules: Rules, policy: Policy) -> tuple[str, ...]:
    """Ids of the promises that this collection's rule keeps."""
    return tuple(promise.id for promise in policy.promises_of(rules.control))


def due(counted: Counted) -> Tally:
    """Everything that would be changed, as one tally."""
    names = ["delete", "return", "archive", "anonymise"]
    if counted.targets is not None:
        names += [partial_name(number) for number in range(len(counted.targets.partials))]
    found = [counted.tally(name) for name in names]
    oldest = [t.oldest for t in found if t.oldest is not None]
    newest = [t.newest for t in found if t.newest is not None]
    return Tally(sum(t.count for t in found), min(oldest, default=None), max(newest, default=None))


def _some(counted: Counted, question: str) -> Tally | None:
    tally = counted.tally(question)
    return tally if tally.count else None


def _deciding_clock(rules: Rules, outcome: Outcome) -> str | None:
    """The one clock that decides, so that a connector may walk its index; None of several."""
    events = {c.event for c in rules.all_ceilings if c.outcome == outcome}
    return events.pop() if len(events) == 1 else None
