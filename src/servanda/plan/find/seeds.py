"""Where people are recognised: one read per collection for everybody who is looked for.

A row comes back because a field of it has one of the identities asked for; whose it is, is decided
here by the field's value, so rows of many people come in one stream.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from servanda.kernel.predicate import NOTHING, Predicate, any_of
from servanda.plan.find import identity
from servanda.plan.find.model import Subject, Way
from servanda.plan.find.parties import Person, parties
from servanda.plan.find.reader import Ask
from servanda.plan.find.sheets import Record, Sheet
from servanda.stores.port import Row

AT_ONCE = 10_000  # identities asked for in one read
_Named = tuple[str, str]  # (kind, normal form)


@dataclass
class People:
    """Everybody who is looked for, by the normal forms of their identities. `own`: identities of
    the organisation itself, which make nobody the owner of a record."""

    subjects: Sequence[Subject]
    own_identities: Iterable[_Named] = ()
    own: set[_Named] = field(default_factory=set)
    by_identity: dict[_Named, list[int]] = field(default_factory=dict)
    typed: dict[str, dict[str, str]] = field(default_factory=dict)  # kind: normal form: as typed

    def __post_init__(self) -> None:
        for kind, value in self.own_identities:
            if (normal := identity.normal(kind, value)) is not None:
                self.own.add((kind, normal))
        for number, subject in enumerate(self.subjects):
            for kind, value in dict.fromkeys(subject.identities):
                normal = identity.normal(kind, value)
                if normal is None or (kind, normal) in self.own:
                    continue
                numbers = self.by_identity.setdefault((kind, normal), [])
                if number not in numbers:
                    numbers.append(number)
                self.typed.setdefault(kind, {}).setdefault(normal, value)

    def of(self, kind: str, value: object) -> Sequence[int]:
        normal = identity.normal(kind, value)
        return () if normal is None else self.by_identity.get((kind, normal), ())

    def somebody(self, kind: str, value: object) -> bool:
        """Whether the value names a person at all, and not the organisation."""
        normal = identity.normal(kind, value)
        return normal is not None and (kind, normal) not in self.own


@dataclass
class Recognised:
    """Which fields of a record named which subjects, and the persons it tells of."""

    people: People
    matched: dict[Record, dict[int, list[_Named]]] = field(default_factory=dict)
    _parties: dict[str, tuple[Person, ...]] = field(default_factory=dict)
    _ways: dict[tuple[str, tuple[str, ...]], Way] = field(default_factory=dict)

    def parties(self, sheet: Sheet) -> tuple[Person, ...]:
        id_ = sheet.collection.id
        if id_ not in self._parties:
            self._parties[id_] = parties(sheet.collection)
        return self._parties[id_]

    def asks(self, sheets: Iterable[Sheet]) -> Iterator[Ask]:
        for sheet in sheets:
            for where in self._wheres(sheet):
                if where != NOTHING:
                    yield Ask(sheet.collection, where, sheet.fields, _Taker(self, sheet))

    def _wheres(self, sheet: Sheet) -> Iterator[Predicate]:
        """Kinds beside each other in one condition; very many identities in several."""
        for start in range(0, max(map(len, self.people.typed.values()), default=0), AT_ONCE):
            yield any_of(
                identity.matching(kind, name, values)
                for kind, names in sheet.collection.identify
                if (values := list(self.people.typed.get(kind, {}).values())[start:][:AT_ONCE])
                for name in names
            )

    def take(self, sheet: Sheet, record: Record) -> None:
        if record in self.matched:
            return
        found: dict[int, list[_Named]] = {}
        for kind, names in sheet.collection.identify:
            for name in names:
                for number in self.people.of(kind, sheet.value(record, name)):
                    found.setdefault(number, []).append((kind, name))
        self.matched[record] = found
        for number, by in found.items():
            tenant = self.people.subjects[number].tenant
            if tenant is None or sheet.tenant(record) in (tenant, None):
                kinds = tuple(dict.fromkeys(kind for kind, _ in by))
                record.owned[number] = self.way(sheet.collection.id, kinds)

    def way(self, collection: str, kinds: tuple[str, ...]) -> Way:
        return self._ways.setdefault((collection, kinds), Way(collection, kinds))

    def identities(self, record: Record, number: int) -> set[_Named]:
        """The identities (kind, normal form) by which the subject was recognised in the record."""
        named = self.matched.get(record, {}).get(number, ())
        values = ((kind, identity.normal(kind, record.sheet.value(record, f))) for kind, f in named)
        return {(kind, normal) for kind, normal in values if normal is not None}

    def others(self, record: Record, numbers: Container[int]) -> list[Person]:
        """The persons the record tells of besides these."""
        sheet = record.sheet
        persons = self.parties(sheet)
        if not persons:
            return []
        named = self.matched.get(record, {})
        ours = {by for number, found in named.items() if number in numbers for by in found}
        return [
            person
            for person in persons
            if not ours.intersection(person.identifiers)
            and any(
                self.people.somebody(kind, sheet.value(record, name))
                for kind, name in person.identifiers
            )
        ]

    def themselves(self, record: Record, number: int) -> list[Person]:
        """Which of the persons the record tells of are this subject."""
        if record not in self.matched:
            return []
        ours = set(self.matched.get(record, {}).get(number, ()))
        return [p for p in self.parties(record.sheet) if ours.intersection(p.identifiers)]


@dataclass(frozen=True, slots=True)
class _Taker:
    recognised: Recognised
    sheet: Sheet

    def __call__(self, row: Row) -> None:
        self.recognised.take(self.sheet, self.sheet.meet(row))
