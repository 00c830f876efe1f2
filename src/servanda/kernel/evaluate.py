"""What a predicate means, in Python: the reference the other engines are held against.

Pure and lazy: a field or a clock is asked for only when the answer still depends on it, so a
store may read a file's sidecar only for those files that need it.

Two-valued, as `predicate` says: whatever is unknown is not true, and `Not` turns exactly that
around. A text read from a file name compares with a number by its numeric value (`200` as text
equals 200); where that cannot be done the two differ and have no order.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Any, assert_never

from servanda.kernel.erased import is_erased
from servanda.kernel.identity import folded
from servanda.kernel.identity_within import names
from servanda.kernel.predicate import (
    All,
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
    Operator,
    Predicate,
    Scalar,
    Within,
)

GetField = Callable[[str], Scalar]
"""The value of a field of the record, None where it is null or absent."""

GetClock = Callable[[str, Edge], datetime | None]
"""When the clock's event happened (aware), None where it has not. Where only a date is known,
`edge` says which end of that day to give: see `day_edge`."""

_ORDER: dict[Operator, Callable[[Any, Any], Any]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def evaluate(predicate: Predicate, get_field: GetField, get_clock: GetClock) -> bool:
    """Whether the predicate is true of one record."""
    match predicate:
        case Everything():
            return True
        case Compare(field, op, value):
            return _compare(get_field(field), op, value)
        case OneOf(field, values):
            have = get_field(field)
            return any(_compare(have, "=", value) for value in values)
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


def as_text(value: Scalar) -> str:
    """A value as text to search in; bytes are read as UTF-8, what is not stays recognisable."""
    if value is None:
        return ""
    return value.decode("utf-8", "surrogateescape") if isinstance(value, bytes) else str(value)


def _compare(have: Scalar, op: Operator, want: Scalar) -> bool:
    if have is None or want is None:
        return False
    left, right = _alike(have, want)
    if op == "=":
        return left == right
    if op == "!=":
        return left != right
    try:
        return bool(_ORDER[op](left, right))
    except TypeError:  # no order between a word and a number
        return False


def _alike(have: Scalar, want: Scalar) -> tuple[object, object]:
    """Both values in one type, where text stands for the other's type; else as they are."""
    if isinstance(have, bytes) or isinstance(want, bytes):
        return _bytes(have), _bytes(want)
    if isinstance(have, str) and not isinstance(want, str):
        return _read_as(have, want), want
    if isinstance(want, str) and not isinstance(have, str):
        return have, _read_as(want, have)
    return have, want


def _bytes(value: Scalar) -> bytes:
    return value if isinstance(value, bytes) else as_text(value).encode("utf-8", "surrogateescape")


def _read_as(text: str, model: Scalar) -> object:
    """The text as a value of the model's type, or the text itself where it is none."""
    try:
        if isinstance(model, bool):
            return {"true": True, "false": False, "1": True, "0": False}.get(text.lower(), text)
        if isinstance(model, int):
            return int(text)
        if isinstance(model, float):
            return float(text)
        if isinstance(model, datetime):
            moment = datetime.fromisoformat(text)
            return moment if moment.tzinfo is not None else text
    except ValueError:
        return text
    return text
