"""Records that an engine cannot judge for us: predicates are evaluated on them one by one.

A connector says how to get the value at a source; this says what fields and clocks make of it,
and counts and streams. For stores whose own search is weaker than our predicates, or absent.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime, tzinfo
from itertools import islice
from typing import Any
from zoneinfo import ZoneInfo

from servanda.kernel.canonical import canonical
from servanda.kernel.errors import Drift
from servanda.kernel.evaluate import evaluate
from servanda.kernel.predicate import Edge, Predicate, Scalar, all_of
from servanda.stores.counting import Count
from servanda.stores.mapping import Clock, Collection, Source
from servanda.stores.moments import read_moment
from servanda.stores.port import Keys, Row, Tally

Value = Callable[[Source], Scalar]


class Reader:
    """A collection's mapping, by name."""

    def __init__(self, collection: Collection, zone: tzinfo) -> None:
        self.collection = collection
        self.zone = zone
        self._fields = {field.name: field.source for field in collection.fields}
        self._clocks = {clock.event: clock for clock in collection.clocks}

    def has_field(self, name: str) -> bool:
        return name in self._fields

    def source(self, field: str) -> Source:
        try:
            return self._fields[field]
        except KeyError:
            raise self._undeclared("field", field) from None

    def clock(self, event: str) -> Clock:
        try:
            return self._clocks[event]
        except KeyError:
            raise self._undeclared("clock", event) from None

    def zone_of(self, clock: Clock) -> tzinfo:
        return ZoneInfo(clock.zone) if clock.zone else self.zone

    def ours(self, predicate: Predicate) -> Predicate:
        return all_of((self.collection.where, predicate))

    def sources(self, predicates: Iterable[Predicate], names: Iterable[str] = ()) -> set[Source]:
        """Everything that must be read to judge these predicates and give these fields."""
        wanted = set(names)
        for predicate in predicates:
            wanted |= named(self.ours(predicate))
        return {
            self.source(name) if self.has_field(name) else self.clock(name).source
            for name in wanted
        }

    def _undeclared(self, what: str, name: str) -> Drift:
        return Drift(f'{self.collection.id} has no {what} "{name}"', "declare it in the mapping")


class Record:
    """One record, as its collection's mapping shows it."""

    __slots__ = ("_reader", "_value")

    def __init__(self, reader: Reader, value: Value) -> None:
        self._reader = reader
        self._value = value

    def field(self, name: str) -> Scalar:
        return self._value(self._reader.source(name))

    def clock(self, event: str, edge: Edge) -> datetime | None:
        clock = self._reader.clock(event)
        value = self._value(clock.source)
        span = read_moment(value, clock.kind, clock.format, self._reader.zone_of(clock))
        return None if span is None else span[edge == "end"]

    def satisfies(self, predicate: Predicate) -> bool:
        return evaluate(predicate, self.field, self.clock)

    def field_or_clock(self, name: str) -> Scalar:
        return self.field(name) if self._reader.has_field(name) else self.clock(name, "start")

    @property
    def key(self) -> bytes:
        """The record's identity as evidence names it: canonical JSON of its key's values."""
        return canonical([_plain(self.field(name)) for name in self._reader.collection.key])


def named(predicate: Predicate) -> set[str]:
    """Fields and clocks a predicate asks for, whatever members the algebra has."""
    single = (getattr(predicate, "field", None), getattr(predicate, "clock", None))
    found = {name for name in single if name is not None} | {*getattr(predicate, "fields", ())}
    inner = getattr(predicate, "parts", ())
    for part in (*inner, getattr(predicate, "part", None)):
        if part is not None:
            found |= named(part)
    return found


def tallies(
    reader: Reader, records: Iterable[Record], wheres: Sequence[Predicate], clock: str | None
) -> list[Tally]:
    """Several tallies in one pass."""
    ours = [reader.ours(where) for where in wheres]
    counts = [Count() for _ in wheres]
    for record in records:
        moment = record.clock(clock, "start") if clock else None
        for count, where in zip(counts, ours, strict=True):
            if record.satisfies(where):
                count.add(moment)
    return [count.tally() for count in counts]


def rows(
    reader: Reader,
    records: Iterable[Record],
    where: Predicate,
    fields: Sequence[str],
    limit: int | None,
) -> Iterator[Row]:
    ours = reader.ours(where)
    found = (
        tuple(record.field_or_clock(name) for name in fields)
        for record in records
        if record.satisfies(ours)
    )
    yield from found if limit is None else islice(found, limit)


def packed(lines: list[bytes]) -> Keys:
    lines.sort()
    return Keys("json", b"\n".join(lines), len(lines))


def unpacked(keys: Keys) -> list[bytes]:
    return keys.data.split(b"\n") if keys.count else []


def values_of(line: bytes) -> list[Any]:
    """The values of a packed key, those without a word in JSON as `{kind: text}`."""
    found: list[Any] = json.loads(line)
    return found


def _plain(value: Scalar) -> object:
    """As `apply.keyvalues` reads it back."""
    match value:
        case datetime():
            return {"datetime": value.isoformat()}
        case bytes():
            return {"hex": value.hex()}
        case float():
            return {"float": repr(value)}
        case int() if not isinstance(value, bool) and abs(value) > 2**53:
            return {"int": str(value)}
        case _:
            return value
