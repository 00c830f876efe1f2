"""From the records in which people were recognised to everything below them.

Breadth first, so the way that is told is a shortest one. One read per tie and level for all people
together, and no value is asked for twice along a tie: chains, circles and links of a table to
itself end by themselves.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from servanda.plan.find.joints import Asked, Joint, asking, joint
from servanda.plan.find.model import Subject, Way
from servanda.plan.find.reader import Ask, Reader
from servanda.plan.find.sheets import Record, Sheet
from servanda.stores.mapping import Collection
from servanda.stores.ownership import Tie, by_key
from servanda.stores.port import Row

_Step = tuple[Record, int]  # a record, and the subject who has just been found to reach it


@dataclass(eq=False, slots=True)
class Join:
    """One tie while it is followed. `below`: records of the lower side by what they join on."""

    tie: Tie
    upper: Sheet
    lower: Sheet
    up: tuple[int, ...]
    down: tuple[int, ...]
    unique: bool  # a value has one owner at most
    marked: bool  # by which ties the records below were reached has to be known
    below: dict[Joint, dict[Record, None]] = field(default_factory=dict)
    group_of: dict[Joint, Joint] = field(default_factory=dict)  # answers spelt otherwise
    _above: dict[Record, Joint | None] = field(default_factory=dict)

    def between(self, upper: Sheet, lower: Sheet) -> Join:
        """The same tie between other sheets, not followed yet."""
        return Join(self.tie, upper, lower, self.up, self.down, self.unique, self.marked)

    def above(self, record: Record) -> Joint | None:
        """The group of this record as an owner."""
        try:
            return self._above[record]
        except KeyError:
            found = self._above[record] = joint(record.values, self.up)
            return found

    def group(self, record: Record) -> Joint | None:
        """The group of this record as one that is owned."""
        found = joint(record.values, self.down)
        if found is None or not self.group_of:
            return found
        return self.group_of.get(found, found)


def joins(ties: Iterable[Tie], sheets: Mapping[str, Sheet]) -> list[Join]:
    listed = list(ties)
    marked = {tie.lower for tie in listed if tie.hide or tie.redact or tie.goes}
    return [
        Join(
            tie,
            sheets[tie.upper],
            sheets[tie.lower],
            sheets[tie.upper].places(tie.ours),
            sheets[tie.lower].places(tie.theirs),
            by_key(tie, sheets[tie.upper].collection),
            tie.lower in marked,
        )
        for tie in listed
    ]


def sheets_of(collections: Iterable[Collection], ties: Sequence[Tie]) -> dict[str, Sheet]:
    joined: dict[str, list[str]] = {}
    for tie in ties:
        joined.setdefault(tie.upper, []).extend(tie.ours)
        joined.setdefault(tie.lower, []).extend(tie.theirs)
    return {each.id: Sheet.of(each, joined.get(each.id, ())) for each in collections}


@dataclass(eq=False, slots=True)
class Arrival:
    """By which tie a subject came to some records, and from which of theirs."""

    way: Join
    above: list[Record]
    owning: bool  # they own these records, and so what the tie owns


@dataclass
class Walk:
    reader: Reader
    subjects: Sequence[Subject]
    joins: Sequence[Join]
    contested: set[tuple[Record, int]] = field(default_factory=set)
    arrivals: dict[tuple[Record, int], list[Arrival]] = field(default_factory=dict)
    _ways: dict[tuple[Way, Join], Way] = field(default_factory=dict)
    _done: dict[tuple[Join, bool], dict[tuple[Joint, int], Arrival]] = field(default_factory=dict)

    def everything(self, sheets: Iterable[Sheet]) -> None:
        """First all that people own, then all that they only see."""
        listed = list(sheets)
        start = [(r, n) for sheet in listed for r in sheet.records.values() for n in r.owned]
        self._follow(start, [each for each in self.joins if each.tie.owns], seen=False)
        owned = [(r, n) for sheet in listed for r in sheet.records.values() for n in r.owned]
        accesses = [each for each in self.joins if not each.tie.owns]
        if accesses:
            first = self._level(owned, accesses, seen=True)
            self._follow(first, self.joins, seen=True)

    def _follow(self, steps: list[_Step], ways: Sequence[Join], *, seen: bool) -> None:
        """Records that share a value lead to the same ones, so a group is followed once."""
        while steps:
            steps = self._level(steps, ways, seen=seen)

    def _level(self, steps: list[_Step], ways: Sequence[Join], *, seen: bool) -> list[_Step]:
        by_sheet: dict[Sheet, list[_Step]] = {}
        for step in steps:
            by_sheet.setdefault(step[0].sheet, []).append(step)
        leading = [(way, by_sheet[way.upper]) for way in ways if way.upper in by_sheet]
        asks = [ask for way, here in leading for ask in _asks(way, here)]
        self.reader.ask(asks)
        return [new for way, here in leading for new in self._arrive(way, here, seen)]

    def _arrive(self, way: Join, steps: Sequence[_Step], seen: bool) -> Iterable[_Step]:
        done = self._done.setdefault((way, seen), {})
        for record, number in steps:
            group = way.above(record)
            if group is None:
                continue
            if (group, number) in done:
                done[group, number].above.append(record)
                continue
            arrival = done[group, number] = Arrival(way, [record], way.tie.owns and not seen)
            come = record.seen[number] if number in record.seen else record.owned[number]
            for each in way.below.get(group, ()):
                if not self._within(each, number):
                    continue
                if way.marked:
                    self.arrivals.setdefault((each, number), []).append(arrival)
                if arrival.owning and (record, number) not in self.contested:
                    # Somebody who was chosen owns it, whoever shares the address in it.
                    self.contested.discard((each, number))
                if number in each.owned or (seen and number in each.seen):
                    continue
                (each.seen if seen else each.owned)[number] = self._way(come, way)
                yield each, number

    def _within(self, record: Record, number: int) -> bool:
        """Where a customer asks, only that customer's records; what is nobody's in particular
        belongs to the record that led to it."""
        tenant = self.subjects[number].tenant
        return tenant is None or record.sheet.tenant(record) in (tenant, None, "")

    def _way(self, above: Way, join: Join) -> Way:
        """One step further; going round a circle again is no new way."""
        known = self._ways.get((above, join))
        if known is None:
            tie = join.tie
            again = (step for step in above.steps if step.tie == tie)
            known = next(again, None) or Way(tie.lower, (), tie, above)
            self._ways[above, join] = known
        return known


def _asks(way: Join, steps: Iterable[_Step]) -> Iterable[Ask]:
    wanted: dict[Joint, Row] = {}
    for record, _ in steps:
        group = way.above(record)
        if group is not None and group not in way.below:
            way.below[group] = {}
            wanted[group] = tuple(record.values[place] for place in way.up)
    if not wanted:
        return
    asked = Asked(wanted)

    def take(row: Row) -> None:
        answer = joint(row, way.down)
        group = None if answer is None else asked.of(answer, [row[each] for each in way.down])
        if answer is not None and group is not None:
            way.below[group][way.lower.meet(row)] = None
            if group != answer:
                way.group_of[answer] = group

    for where in asking(way.tie.theirs, wanted.values()):
        yield Ask(way.lower.collection, where, way.lower.fields, take)
