"""Which of a person's records may go, and which are kept by a floor or a hold, and until when.

The harm is that of `plan.retention`: to delete what the law wants kept. The same predicates decide
here, for the records of a request instead of a whole collection, and they are asked once more, by
the store, in the statement that acts. tests/plan/requests/test_classes.py guards this.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from servanda.kernel.evaluate import day_edge
from servanda.kernel.predicate import NOTHING, Among, Everything, Predicate, all_of
from servanda.plan.find import Key
from servanda.plan.moments import floor_end
from servanda.plan.retention import Rules, exactly, floor_sets
from servanda.policy.rules import Floor
from servanda.stores.mapping import Collection
from servanda.stores.port import Store


class Class(NamedTuple):
    """Records under the same floors. `until`: when the last of them ends, None if unknown."""

    floors: tuple[Floor, ...]
    condition: Predicate
    until: datetime | None


@dataclass(frozen=True, slots=True)
class Sorted:
    """The records asked about: under a hold, or in classes; `free` is the class without floors."""

    held: frozenset[Key]
    classes: Mapping[Key, Class]
    free: Class

    def of(self, key: Key) -> Class:
        return self.classes.get(key, self.free)


_UNRULED = Class((), Everything(), None)


def sort(
    store: Store,
    collection: Collection,
    rules: Rules | None,
    zone: str,
    fields: Sequence[str],
    keys: Sequence[Key],
    held: Predicate | None,
    now: datetime,
) -> Sorted:
    """Ask the store about these records. `rules` None: nothing decides there. Raises its errors."""
    this = Among(tuple(fields), tuple(keys))
    under: frozenset[Key] = frozenset()
    classes: dict[Key, Class] = {}
    if held is not None and held != NOTHING:
        under = frozenset(store.rows(collection, all_of([this, held]), fields))
    if rules is None:
        return Sorted(under, classes, _UNRULED)
    for floors in floor_sets(rules, now):
        condition = exactly(rules, floors, now)
        events = sorted({f.event for f in floors if collection.clock_named(f.event)})
        known: dict[datetime | None, Class] = {}
        for row in store.rows(collection, all_of([this, condition]), [*fields, *events]):
            key, moments = row[: len(fields)], dict(zip(events, row[len(fields) :], strict=True))
            until = _until(rules, floors, moments, ZoneInfo(zone))
            if until not in known:
                known[until] = Class(floors, condition, until)
            classes[key] = known[until]
    return Sorted(under, classes, Class((), exactly(rules, (), now), None))


def _until(
    rules: Rules, floors: Sequence[Floor], moments: Mapping[str, object], zone: ZoneInfo
) -> datetime | None:
    """None where the event of one of the floors has not happened: its end is not known."""
    ends = [_end(rules, floor, moments.get(floor.event), zone) for floor in floors]
    known = [each for each in ends if each is not None]
    return max(known) if len(known) == len(ends) else None


def _end(rules: Rules, floor: Floor, begun: object, zone: ZoneInfo) -> datetime | None:
    if not isinstance(begun, datetime):
        return None
    clock = rules.collection.clock_named(floor.event)
    local = begun.astimezone(ZoneInfo(clock.zone) if clock and clock.zone else zone)
    if not (local.hour or local.minute or local.second or local.microsecond):
        begun = day_edge(local.date(), "end", local.tzinfo or zone)  # perhaps only a date is known
    return floor_end(floor.period, begun, rules.zone)
