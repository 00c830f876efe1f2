"""Where people are recognised: one read per collection for everybody who is looked for.

A row comes back because a field of it has one of the identities asked for; whose it is, is decided
here by the field's value, so rows of many people come in one stream.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass, field

from servanda.kernel.predicate import NOTHING, Predicate, any_of
from servanda.plan.find.model import Way
from servanda.plan.find.parties import Person
from servanda.plan.find.people import Named, People
from servanda.plan.find.reader import Ask
from servanda.plan.find.sheets import Record, Sheet
from servanda.stores.port import Row

AT_ONCE = 10_000  # identities asked for in one read


@dataclass
class Recognised:
    """Which fields of a record (kind, field) named which subjects, and the persons it tells of."""

    people: People
    matched: dict[Record, dict[int, list[tuple[str, str]]]] = field(default_factory=dict)
    _ways: dict[tuple[str, tuple[str, ...]], Way] = field(default_factory=dict)

    def asks(self, sheets: Iterable[Sheet]) -> Iterator[Ask]:
        for sheet in sheets:
            for where in self._wheres(sheet):
                if where != NOTHING:
                    yield Ask(sheet.collection, where, sheet.fields, _Taker(self, sheet))

    def _wheres(self, sheet: Sheet) -> Iterator[Predicate]:
        """Kinds beside each other in one condition; very many identities in several."""
        for start in range(0, max(map(len, self.people.known.values()), default=0), AT_ONCE):
            yield any_of(
                self.people.condition(sheet.collection, kind, name, wanted)
                for kind, names in sheet.collection.identify
                if (wanted := list(self.people.known.get(kind, ()))[start:][:AT_ONCE])
                for name in names
            )

    def take(self, sheet: Sheet, record: Record) -> None:
        if record in self.matched:
            return
        found: dict[int, list[tuple[str, str]]] = {}
        for kind, names in sheet.collection.identify:
            for name in names:
                value = sheet.value(record, name)
                for folded in self.people.named(sheet.collection, kind, name, value):
                    for number in self.people.known[kind][folded]:
                        if (kind, name) not in found.setdefault(number, []):
                            found[number].append((kind, name))
        self.matched[record] = found
        for number, by in found.items():
            tenant = self.people.subjects[number].tenant
            if tenant is None or sheet.tenant(record) in (tenant, None):
                kinds = tuple(dict.fromkeys(self._kind(record, number, *each) for each in by))
                record.owned[number] = self.way(sheet.collection.id, kinds)

    def _kind(self, record: Record, number: int, kind: str, name: str) -> str:
        """How the field named the subject, as it is told."""
        collection = record.sheet.collection
        if (kind, name) in collection.texts:
            return f"{kind} in a text"
        alias = self.people.by_alias(number, kind, record.sheet.value(record, name))
        return f"{kind} (an alias)" if alias else kind

    def way(self, collection: str, kinds: tuple[str, ...]) -> Way:
        return self._ways.setdefault((collection, kinds), Way(collection, kinds))

    def identities(self, record: Record, number: int) -> set[Named]:
        """The identities (kind, folded) by which the subject was recognised in the record."""
        sheet = record.sheet
        return {
            (kind, folded)
            for kind, name in self.matched.get(record, {}).get(number, ())
            for folded in self.people.named(sheet.collection, kind, name, sheet.value(record, name))
            if number in self.people.known[kind][folded]
        }

    def others(self, record: Record, numbers: Container[int]) -> list[Person]:
        """The persons the record tells of besides these."""
        sheet = record.sheet
        if not sheet.parties:
            return []
        named = self.matched.get(record, {})
        mine = [number for number in named if number in numbers]
        ours = {by for number in mine for by in named[number]}
        texts = sheet.collection.texts
        theirs = {each for number in (mine if texts else ()) for each in self.people.of(number)}
        return [
            person
            for person in sheet.parties
            if any(
                self.people.others_in(
                    sheet.collection, kind, name, sheet.value(record, name), theirs
                )
                for kind, name in person.identifiers
                # A person who is one of ours is nobody else; a text may name others beside them.
                if (kind, name) in texts or not ours.intersection(person.identifiers)
            )
        ]

    def themselves(self, record: Record, number: int) -> list[Person]:
        """Which of the persons the record tells of are this subject."""
        if record not in self.matched:
            return []
        ours = set(self.matched.get(record, {}).get(number, ()))
        return [p for p in record.sheet.parties if ours.intersection(p.identifiers)]


@dataclass(frozen=True, slots=True)
class _Taker:
    recognised: Recognised
    sheet: Sheet

    def __call__(self, row: Row) -> None:
        self.recognised.take(self.sheet, self.sheet.meet(row))
