"""From what was met to one tree per person."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import TypeAlias

from servanda.plan.find.fates import Fate, Judge
from servanda.plan.find.homonyms import ambiguities
from servanda.plan.find.model import Branch, Gone, Key, Pending, Role, Subject, Tree, Way
from servanda.plan.find.seeds import Recognised
from servanda.plan.find.sheets import Record, Sheet
from servanda.plan.find.walk import Arrival
from servanda.stores.mapping import Collection

_Sort: TypeAlias = tuple[Sheet, Way, Role, Fate, tuple[str, ...], tuple[str, ...], str | None]


@dataclass
class Gatherer:
    """Puts the records of each subject into branches that share a way and a fate."""

    subjects: Sequence[Subject]
    sheets: Mapping[str, Sheet]
    recognised: Recognised
    arrivals: Mapping[tuple[Record, int], Sequence[Arrival]]
    judge: Judge
    persons: AbstractSet[str]
    pending: tuple[Pending, ...]
    searched: tuple[str, ...]

    def trees(self, *, together: bool) -> list[Tree]:
        owned: list[list[Record]] = [[] for _ in self.subjects]
        seen: list[list[Record]] = [[] for _ in self.subjects]
        for sheet in self.sheets.values():
            for record in sheet.records.values():
                for number in record.owned:
                    owned[number].append(record)
                for number in record.seen.keys() - record.owned.keys():
                    seen[number].append(record)
        shared = None
        if together:
            everybody = range(len(self.subjects))
            shared = self.judge.fates((r for each in owned for r in each), everybody)
        return [
            self._tree(
                number,
                owned[number],
                seen[number],
                self.judge.fates(owned[number], (number,)) if shared is None else shared,
            )
            for number in range(len(self.subjects))
        ]

    def _tree(
        self,
        number: int,
        owned: Sequence[Record],
        seen: Sequence[Record],
        fates: Mapping[Record, Fate],
    ) -> Tree:
        branches: dict[_Sort, list[Key]] = {}
        for record in owned:
            if record.gone:
                continue
            fate = fates[record]
            role: Role = "co-owner" if fate.others else "owner"
            sort = self._sort(record, number, record.owned[number], role, fate, fates)
            branches.setdefault(sort, []).append(record.key)
        accessor = Fate(("accessor",))
        for record in seen:
            sort = self._sort(record, number, record.seen[number], "accessor", accessor, fates)
            branches.setdefault(sort, []).append(record.key)
        made = [_branch(sort, keys) for sort, keys in branches.items()]
        made.sort(key=lambda each: (len(each.way.steps), each.collection, not each.goes))
        return Tree(
            self.subjects[number],
            tuple(made),
            ambiguities(number, owned, self.persons, self.recognised),
            self.pending,
            self.searched,
            tuple(self._leads(owned)),
        )

    def _leads(self, owned: Sequence[Record]) -> Iterator[Gone]:
        """What has to be remembered of records that go, to find again what they owned: in other
        stores, and wherever their own key does not say it."""
        for way in self.judge.joins:
            if way.unique and way.upper.collection.store == way.lower.collection.store:
                continue
            rows = dict.fromkeys(
                tuple(record.values[place] for place in way.up)
                for record in owned
                if record.sheet is way.upper and way.above(record) is not None
            )
            if rows:
                yield Gone(way.upper.collection.id, way.tie.ours, tuple(rows))

    def _sort(
        self,
        record: Record,
        number: int,
        way: Way,
        role: Role,
        fate: Fate,
        fates: Mapping[Record, Fate],
    ) -> _Sort:
        """What records have to share to stand in one branch."""
        collection = record.sheet.collection
        # What tells of all at once is theirs alone only where nobody else is.
        mixed = () if role == "owner" and fate.goes else collection.shared
        redact = () if fate.goes else self._redacted(record, number, fates)
        if role != "accessor":
            told = (name for name in mixed if _erasable(collection, name))
            redact = tuple(dict.fromkeys((*redact, *told)))
        hide = tuple(dict.fromkeys((*self._hidden(record, number, role), *mixed)))
        return record.sheet, way, role, fate, redact, hide, record.sheet.tenant(record)

    def _redacted(
        self, record: Record, number: int, fates: Mapping[Record, Fate]
    ) -> tuple[str, ...]:
        """What tells of this person in a record that stays, as far as that person goes."""
        ours = self.recognised.themselves(record, number)
        found = [name for person in ours for name in person.traces]
        for arrival in self.arrivals.get((record, number), ()):
            tie = arrival.way.tie
            if tie.redact and any(r in fates and fates[r].goes for r in arrival.above):
                found += tie.redact
        return tuple(dict.fromkeys(found))

    def _hidden(self, record: Record, number: int, role: Role) -> tuple[str, ...]:
        """What none of the ways by which the person has the record lets them see, and what tells
        of the other persons in it."""
        if (record, number) not in self.arrivals and not record.sheet.parties:
            return ()
        named = self.recognised.themselves(record, number)
        ours = {name for person in named for name in person.fields}
        theirs = [f for p in self.recognised.others(record, (number,)) for f in p.fields]
        others = [name for name in theirs if name not in ours]
        hidden = [
            arrival.way.tie.hide
            for arrival in self.arrivals.get((record, number), ())
            if role == "accessor" or arrival.owning
        ]
        if named or not hidden:
            return tuple(dict.fromkeys(others))
        shut = [name for name in hidden[0] if all(name in each for each in hidden)]
        return tuple(dict.fromkeys((*shut, *others)))


def _erasable(collection: Collection, name: str) -> bool:
    return collection.field_named(name).erase is not None


def _branch(sort: _Sort, keys: list[Key]) -> Branch:
    sheet, way, role, fate, redact, hide, tenant = sort
    return Branch(
        sheet.collection.id,
        way,
        role,
        fate.others,
        fate.goes,
        fate.why,
        redact,
        hide,
        tenant,
        fate.waits_for,
        sheet.named_by,
        _sorted(keys),
    )


def _sorted(keys: list[Key]) -> tuple[Key, ...]:
    try:
        return tuple(sorted(keys))
    except TypeError:  # of several kinds
        return tuple(sorted(keys, key=repr))
