"""What is remembered of each collection while a search runs: the few fields that matter, no more.

A sheet keeps, for every record met, what names it, what its ties join on, and whose it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from servanda.kernel.evaluate import is_missing
from servanda.kernel.predicate import Scalar
from servanda.plan.find.joints import text_of
from servanda.plan.find.model import Gone, Key, Way
from servanda.plan.find.parties import Person, parties
from servanda.stores.mapping import Collection
from servanda.stores.port import Row


@dataclass(eq=False, slots=True)
class Record:
    """One record met. `owned`, `seen`: by which subjects (numbers), and on which way each."""

    sheet: Sheet
    key: Key
    values: Row
    owned: dict[int, Way] = field(default_factory=dict)
    seen: dict[int, Way] = field(default_factory=dict)
    gone: bool = False  # erased earlier: it leads on, and is no record any more


@dataclass(eq=False, slots=True)
class Sheet:
    """The records met in one collection; `fields` is what is read of each."""

    collection: Collection
    fields: tuple[str, ...]
    named_by: tuple[str, ...]
    parties: tuple[Person, ...]  # the persons that a record tells of
    records: dict[Key, Record] = field(default_factory=dict)
    _places: dict[str, int] = field(default_factory=dict)

    @classmethod
    def of(cls, collection: Collection, joined: Sequence[str]) -> Sheet:
        """`joined`: fields that ties of this collection join on, at either end."""
        named_by = collection.key or tuple(f.name for f in collection.fields)
        wanted = [*named_by, *(f for _, fields in collection.identify for f in fields), *joined]
        if collection.tenant is not None and not collection.tenant_constant:
            wanted.append(collection.tenant)
        fields = tuple(dict.fromkeys(wanted))
        sheet = cls(collection, fields, named_by, parties(collection))
        sheet._places.update({name: place for place, name in enumerate(fields)})
        return sheet

    def blank(self) -> Sheet:
        """Another one for the same collection."""
        return Sheet(self.collection, self.fields, self.named_by, self.parties, {}, self._places)

    def meet(self, row: Row) -> Record:
        """The record of this row, the same one each time."""
        key = row[: len(self.named_by)]
        found = self.records.get(key)
        if found is None:
            found = self.records[key] = Record(self, key, row)
        return found

    def remember(self, gone: Gone, number: int) -> None:
        """Records of subject `number` that went earlier, by the values they owned others with."""
        if not set(gone.fields) <= self._places.keys():
            return  # the mapping has changed: that tie is not followed any more
        way = Way(self.collection.id, ("earlier",))
        for row in gone.rows:
            values: list[Scalar] = [None] * len(self.fields)
            for name, value in zip(gone.fields, row, strict=True):
                values[self._places[name]] = value
            key: Key = ("", number, len(self.records))
            record = Record(self, key, tuple(values), {number: way}, gone=True)
            self.records[key] = record

    def places(self, names: Sequence[str]) -> tuple[int, ...]:
        return tuple(self._places[name] for name in names)

    def value(self, record: Record, name: str) -> Scalar:
        return record.values[self._places[name]]

    def tenant(self, record: Record) -> str | None:
        """Whose record it is; blank where the collection is nobody's but ours, None if unsaid."""
        name = self.collection.tenant
        if name is None or self.collection.tenant_constant:
            return name or ""
        found = self.value(record, name)
        return None if is_missing(found) else text_of(found)
