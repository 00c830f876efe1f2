"""Clocks: when an event happened to a record, compared in the column's own representation.

The instant is turned into the column's terms once, here; the column itself stays bare in the
comparison, so that an index on it serves. NULL, blank and zero dates have not happened.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from servanda.connectors.sql import sources
from servanda.connectors.sql.clockkinds import ClockReader, reader
from servanda.connectors.sql.express import Condition, Expression, as_text
from servanda.connectors.sql.reflect import Mapped, kind
from servanda.kernel.errors import StoreRefused
from servanda.kernel.predicate import Edge
from servanda.stores.mapping import Clock, Column, Lookup


def by(mapped: Mapped, event: str, instant: datetime, edge: Edge) -> Condition:
    """The event happened at or before `instant` (aware). Never NULL; for a column of the
    collection's own table a comparison of the bare column, so that an index on it serves."""
    clock = _clock(mapped, event)
    if isinstance(clock.source, Lookup):
        kept, _ = _inner(mapped, clock, clock.source)
        return kept.key_at_most(_looked_up(mapped, clock, clock.source), instant, edge)
    kept, expression = _own(mapped, clock)
    return kept.at_most(expression, instant, edge)


def happened(mapped: Mapped, event: str) -> Condition:
    """The event has happened: there is a value, and it can be read. Never NULL."""
    clock = _clock(mapped, event)
    if isinstance(clock.source, Lookup):
        return _looked_up(mapped, clock, clock.source).is_not(None)
    kept, expression = _own(mapped, clock)
    return kept.valid(expression)


def key(mapped: Mapped, event: str) -> Expression:
    """What sorts by time (for min and max); NULL where the event has not happened."""
    clock = _clock(mapped, event)
    if isinstance(clock.source, Lookup):
        return _looked_up(mapped, clock, clock.source)
    kept, expression = _own(mapped, clock)
    return kept.key(expression)


def decoder(mapped: Mapped, event: str) -> Callable[[Any], datetime | None]:
    """Makes of what `key` gave the aware UTC instant; of a date, its local start."""
    clock = _clock(mapped, event)
    if isinstance(clock.source, Lookup):
        kept, _ = _inner(mapped, clock, clock.source)
    else:
        kept, _ = _own(mapped, clock)
    return lambda found: None if found is None else kept.decode(found)


def _clock(mapped: Mapped, event: str) -> Clock:
    clock = mapped.collection.clock_named(event)
    if clock is None:
        raise StoreRefused(f'{mapped.collection.id} has no clock "{event}"', "map it under clocks:")
    return clock


# ── lookups ───────────────────────────────────────────────────────────────────────────────────


def _looked_up(mapped: Mapped, clock: Clock, lookup: Lookup) -> Expression:
    """The picked key among the matching rows of the other table.

    For `max`, one matching row whose event has not happened means that it has not happened:
    a customer with one contract ended and one still running has not left.
    """
    kept, column = _inner(mapped, clock, lookup)
    found = kept.key(column)
    picked: Expression
    if lookup.pick == "min":
        picked = sa.func.min(found)
    elif lookup.pick == "any":
        picked = sa.func.max(found)
    else:
        picked = sa.case((sa.func.count() == sa.func.count(found), sa.func.max(found)))
    return sources.lookup_value(mapped, lookup, picked, column.table)


def _inner(mapped: Mapped, clock: Clock, lookup: Lookup) -> tuple[ClockReader, sa.Column[Any]]:
    other = sources.lookup_table(mapped, lookup)
    column = sources.table_column(other, lookup.column, of=mapped.collection.id)
    return reader(mapped, clock, kind(column)), column


def _own(mapped: Mapped, clock: Clock) -> tuple[ClockReader, Expression]:
    expression = sources.of_source(mapped, clock.source, clock.event)
    if isinstance(clock.source, Column) and isinstance(expression, sa.Column):
        found = kind(expression)
        if found == "char" or (found == "other" and clock.kind == "text"):
            expression = as_text(mapped.db.dialect, expression)
        return reader(mapped, clock, found), expression
    return reader(mapped, clock, "text"), expression
