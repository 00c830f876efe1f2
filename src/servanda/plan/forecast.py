"""What of today's records will be due in the next weeks, of one collection, in one pass.

The same predicates as a plan's, at later moments. What does not exist yet is not foreseen, and
what is held now is taken to stay held.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from servanda.kernel.errors import Drift, StoreBusy, StoreRefused
from servanda.kernel.predicate import NOTHING, Predicate, any_of
from servanda.plan.holds import without
from servanda.plan.retention import Rules, targets
from servanda.stores.mapping import Collection
from servanda.stores.port import Store

DAYS: tuple[int, ...] = (0, *range(7, 85, 7), 90)
"""Days from now at which is counted; 0 is what is due already."""


@dataclass(frozen=True, slots=True)
class Outlook:
    """`leaving`: records that become due to be deleted, returned or archived in each span that
    ends with one of `DAYS`; `changing`: to be anonymised or redacted. `trouble`: why it could
    not be counted."""

    collection: str
    leaving: tuple[int, ...] = ()
    changing: tuple[int, ...] = ()
    trouble: str = ""


def outlook(
    store: Store, collection: Collection, rules: Rules, held: Predicate | None, now: datetime
) -> Outlook:
    """Ask the store once. StoreUnreachable passes; whatever else it raises is the `trouble`."""
    leave, touch = [], []
    for days in DAYS:
        found = targets(rules, now + timedelta(days=days))
        goes = any_of([found.delete, found.give_back, found.archive])
        changes = [found.anonymise.target, *(each.target for each in found.partials)]
        leave.append(without(goes, held) if goes != NOTHING else NOTHING)
        any_change = any_of([goes, *changes])
        touch.append(without(any_change, held) if any_change != NOTHING else NOTHING)
    try:
        counts = _counts(store, collection, [*leave, *touch])
    except (Drift, StoreRefused, StoreBusy) as error:
        return Outlook(collection.id, trouble=str(error))
    gone, touched = _steps(counts[: len(DAYS)]), _steps(counts[len(DAYS) :])
    changed = tuple(max(0, both - left) for both, left in zip(touched, gone, strict=True))
    return Outlook(collection.id, gone, changed)


def _counts(store: Store, collection: Collection, wheres: Sequence[Predicate]) -> list[int]:
    """One tally for each, in one pass; what is asked twice is counted once."""
    asked = [each for each in dict.fromkeys(wheres) if each != NOTHING]
    answers = store.tallies(collection, asked) if asked else []
    known = {each: tally.count for each, tally in zip(asked, answers, strict=True)}
    return [known.get(each, 0) for each in wheres]


def _steps(sums: Sequence[int]) -> tuple[int, ...]:
    """What came with each step; never less than nothing, should rows have gone meanwhile."""
    before = (0, *sums[:-1])
    return tuple(max(0, now - then) for now, then in zip(sums, before, strict=True))
