"""What may go with a person and what stays: a record goes when its last owner goes.

The harm is in both directions: a record taken from its other owners, and a record kept alive by
nothing but a circle of records that all go. So what stays is worked out from its causes: whatever
has an owner outside stays, and what that owns stays, and so on; all else goes. A tie that takes
its records along (`on_erase: delete`) ends this for them. tests/plan/find/test_oracle.py guards it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace

from servanda.plan.find.joints import Joint
from servanda.plan.find.model import Why
from servanda.plan.find.owners import Owners
from servanda.plan.find.seeds import Recognised
from servanda.plan.find.sheets import Record, Sheet
from servanda.plan.find.walk import Join

_Group = tuple[Join, Joint]


@dataclass(frozen=True, slots=True)
class Fate:
    """Of one record that somebody owns. `others`: owners that stay."""

    why: tuple[Why, ...] = ()
    others: int = 0
    waits_for: tuple[str, ...] = ()

    @property
    def goes(self) -> bool:
        return not self.why


_FREE = Fate()  # of most records, so it is made once


@dataclass
class Judge:
    """Judges what becomes of records when certain subjects go, alone or together."""

    joins: Sequence[Join]
    owners: Owners
    recognised: Recognised
    failed: AbstractSet[str]  # stores that did not answer
    contested: AbstractSet[tuple[Record, int]] = frozenset()
    _into: dict[Sheet, list[Join]] = field(default_factory=dict)
    _out_of: dict[Sheet, list[Join]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for way in self.joins:
            if way.tie.owns:
                self._into.setdefault(way.lower, []).append(way)
                self._out_of.setdefault(way.upper, []).append(way)

    def fates(self, records: Iterable[Record], numbers: Sequence[int]) -> dict[Record, Fate]:
        """Of these records, all of which the subjects own, when all the subjects go at once."""
        going = dict.fromkeys(records)
        inside = self._inside(going)
        fates = {each: self._alone(each, inside, numbers) for each in going}
        taken: set[Record] = set()
        while True:
            kept, owners = self._kept(fates, taken)
            more = self._taken_along(fates, kept) - taken
            if not more:
                break
            taken |= more
        for record in taken:
            if set(fates[record].why) <= {"others"}:
                fates[record] = replace(fates[record], why=())
        for record in kept:
            fate = fates[record]
            if record not in taken or not set(fate.why) <= {"others"}:
                others = fate.others + self._staying(record, owners)
                fates[record] = replace(fate, others=others, why=fate.why or ("others",))
        return fates

    def _inside(self, going: Mapping[Record, None]) -> Counter[_Group]:
        """How many of the owners of each group are among those that may go."""
        found: Counter[_Group] = Counter()
        for record in going:
            if record.gone:  # it is not counted among the owners either
                continue
            for way in self._out_of.get(record.sheet, ()):
                group = way.above(record)
                if group is not None:
                    found[way, group] += 1
        return found

    def _alone(self, record: Record, inside: Counter[_Group], numbers: Sequence[int]) -> Fate:
        """Why the record stays whatever becomes of the others."""
        if record.gone:
            return _FREE
        sheet = record.sheet
        others = len(self.recognised.others(record, numbers))
        waits = {sheet.collection.store} & self.failed if self.failed else set()
        for way in self._into.get(sheet, ()):
            group = way.group(record)
            if group is None:
                continue
            others += max(0, self.owners.of(way, group) - inside[way, group])
            if way.upper.collection.store in self.failed:
                waits.add(way.upper.collection.store)
        why: list[Why] = ["others"] if others else []
        if sheet.tenant(record) is None:
            why.append("tenant")
        if waits:
            why.append("waits")
        if self.contested and any((record, number) in self.contested for number in numbers):
            why.append("contested")
        if not why and not others:
            return _FREE
        return Fate(tuple(why), others, tuple(sorted(waits)))

    def _kept(
        self, fates: Mapping[Record, Fate], taken: AbstractSet[Record]
    ) -> tuple[set[Record], Counter[_Group]]:
        """What stays, and how many owners of each group stay that were found themselves."""
        todo = [r for r, f in fates.items() if f.why and (r not in taken or f.why != ("others",))]
        kept, owners = set(todo), Counter[_Group]()
        while todo:
            record = todo.pop()
            for way in self._out_of.get(record.sheet, ()):
                group = way.above(record)
                if group is None:
                    continue
                owners[way, group] += 1
                if owners[way, group] > 1:  # what it owns has been told already
                    continue
                for below in way.below.get(group, ()):
                    if below in fates and below not in kept and below not in taken:
                        kept.add(below)
                        todo.append(below)
        return kept, owners

    def _staying(self, record: Record, owners: Counter[_Group]) -> int:
        """How many of the record's owners were found and stay, itself left out."""
        found = 0
        for way in self._into.get(record.sheet, ()):
            group = way.group(record)
            if group is not None:
                itself = way.upper is record.sheet and way.above(record) == group
                found += owners[way, group] - itself
        return found

    def _taken_along(self, fates: Mapping[Record, Fate], kept: AbstractSet[Record]) -> set[Record]:
        """What goes with an owner that goes, whoever else owns it."""
        groups = {
            (way, group)
            for record in fates
            if record not in kept
            for way in self._out_of.get(record.sheet, ())
            if way.tie.goes and (group := way.above(record)) is not None
        }
        return {r for way, group in groups for r in way.below.get(group, ()) if r in fates}
