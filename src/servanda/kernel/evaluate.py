"""What a predicate means, in Python: the reference the other engines are held against.

Pure and lazy: a field or a clock is asked for only when the answer still depends on it, so a
store may read a file's sidecar only for those files that need it.

Two-valued, as `predicate` says: whatever is unknown is not true, and `Not` turns exactly that
around.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import assert_never

from servanda.kernel.comparing import as_text as as_text
from servanda.kernel.comparing import compare
from servanda.kernel.erased import is_erased
from servanda.kernel.identity import folded
from servanda.kernel.identity_within import names
from servanda.kernel.predicate import (
    All,
    Among,
    AnyOf,
    ClockBy,
    ClockMissing,
    Compare,
    Contains,
    Edge,
    Erased,
    Everything,
    Folded,
    Missing,
    Not,
    OneOf,
    Predicate,
    Scalar,
    Within,
)

GetField = Callable[[str], Scalar]
"""The value of a field of the record, None where it is null or absent."""

GetClock = Callable[[str, Edge], datetime | None]
"""When the clock's event happened (aware), None where it has not. Where only a date is known,
`edge` says which end of that day to give: see `day_edge`."""


def evaluate(predicate: Predicate, get_field: GetField, get_clock: GetClock) -> bool:
    """Whether the predicate is true of one record."""
    match predicate:
        case Everything():
            return True
        case Compare(field, op, value):
            return compare(get_field(field), op, value)
        case OneOf(field):
            return predicate.has(get_field(field))
        case Among(fields):
            return predicate.has([get_field(field) for field in fields])
        case Contains(field, text):
            have = get_field(field)
            return have is not None and text.casefold() in as_text(have).casefold()
        case Missing(field):
            return is_missing(get_field(field))
        case ClockBy(clock, instant, edge):
            happened = get_clock(clock, edge)
            return happened is not None and happened <= instant
        case ClockMissing(clock):
            return get_clock(clock, "start") is None
        case Erased(field, form):
            return is_erased(get_field(field), form)
        case Folded(field, fold):
            return folded(fold, get_field(field)) in predicate.wanted
        case Within(field, fold):
            return any(names(fold, as_text(get_field(field)), predicate.wanted))
        case All(parts):
            return all(evaluate(part, get_field, get_clock) for part in parts)
        case AnyOf(parts):
            return any(evaluate(part, get_field, get_clock) for part in parts)
        case Not(part):
            return not evaluate(part, get_field, get_clock)
        case _:
            assert_never(predicate)


def day_edge(day: date, edge: Edge, zone: tzinfo) -> datetime:
    """The UTC instant at which a local day starts, or has ended (the start of the next one)."""
    if edge == "end":
        try:
            day += timedelta(days=1)
        except OverflowError:  # the calendar ends with this day
            return datetime.max.replace(tzinfo=UTC)
    return datetime.combine(day, time(), tzinfo=zone).astimezone(UTC)


def is_missing(value: Scalar) -> bool:
    """Null, absent, or blank text."""
    if isinstance(value, bytes):
        return not value.strip()
    return value is None or (isinstance(value, str) and not value.strip())
