"""Moments kept as ISO 8601 text, as SQLite's date columns and most JSON documents have them.

`2026-03-29`, `2026-03-29 01:30:00.25`, `2026-03-29T01:30:00Z`, `…+02:00` may stand side by side.
Far from the cut-off the text itself decides, so that an index serves and no function is called;
within two days of it the value is parsed. What does not parse has not happened.
"""

from __future__ import annotations

import calendar
import re
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from servanda.connectors.sql import wallclock
from servanda.connectors.sql.express import (
    Condition,
    Expression,
    certain,
    joined,
    matches,
    replaced,
    value,
)
from servanda.kernel.predicate import Edge

_DATE = "[0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])"
_TIME = r"[T ](?:[01][0-9]|2[0-3]):[0-5][0-9](?::[0-5][0-9](?:\.[0-9]+)?)?"
_OFFSET = "(?:[Zz]|[+-][0-9]{2}(?::?[0-9]{2})?)"
PATTERN = f"^(?!0000){_DATE}(?:{_TIME}(?: ?{_OFFSET})?)?$"
_PARTS = re.compile(
    r"(?P<date>\d{4}-\d\d-\d\d)(?:[T ](?P<h>\d\d):(?P<m>\d\d)(?::(?P<s>\d\d)(?:\.(?P<f>\d+))?)?"
    r"(?: ?(?P<offset>[Zz]|[+-]\d\d(?::?\d\d)?))?)?"
)
_SHAPE = re.compile(PATTERN)


class IsMoment(FunctionElement[Any]):
    """SQLite: the text is a moment. One element, because every clock of every statement has it."""

    inherit_cache = True
    name = "is_moment"
    type = sa.types.NullType()  # as a Boolean it would be written `= 1`, and all of it be looked at


# All but the last are SQLite's own and cost little. Most texts are what SQLite itself writes; of
# the others, the pattern shuts out `now` and Julian days. Offsets without a colon are unknown to
# SQLite, and few enough to be looked at by us.
_IS_MOMENT = f"""($ >= '0001' AND (coalesce(datetime($) = $, 0) OR (
    coalesce($ GLOB '[0-9][0-9][0-9][0-9]-[0-1][0-9]-[0-3][0-9]*', 0) AND rtrim($) = $
    AND (julianday($) IS NOT NULL OR coalesce(sv_match($, '{PATTERN[:-1]}\0'), 0)))))"""
_PIECES = [piece.replace("\0", "$") for piece in _IS_MOMENT.split("$")]


@compiles(IsMoment, "sqlite")
def _is_moment(element: IsMoment, compiler: Any, **options: Any) -> str:
    text: str = compiler.process(element.clauses, **options)
    return text.join(_PIECES)


def valid(dialect: str, text: Expression) -> Condition:
    """The text is a moment. Never NULL."""
    if dialect == "sqlite":
        return IsMoment(text)
    return sa.and_(text.is_not(None), certain(matches(dialect, text, PATTERN)))


def key(dialect: str, text: Expression) -> Expression:
    """The text itself where it is a moment, else NULL."""
    return sa.case((valid(dialect, text), text))


def at_most(
    dialect: str, text: Expression, instant: datetime, zone: ZoneInfo, edge: Edge
) -> Condition:
    """The text's moment lies at or before `instant`. Never NULL."""
    day = instant.astimezone(UTC).date()
    low = value(_shift(day, -2))
    high = value(_shift(day, 2))
    if dialect == "sqlite":
        micros = value(_micros(instant))
        near = sa.func.sv_iso_by(text, value(zone.key), micros, value(edge)) == 1
    else:
        near = _near(dialect, text, instant, zone, edge)
    # NULL AND FALSE is false, and `valid` is false for NULL: the whole is never NULL.
    return sa.and_(text < high, valid(dialect, text), sa.or_(text < low, near))


def key_at_most(
    dialect: str, key: Expression, instant: datetime, zone: ZoneInfo, edge: Edge
) -> Condition:
    """The same for what `key` gave, often a subquery, which SQLite then works out only once."""
    if dialect == "sqlite":
        micros = value(_micros(instant))
        return certain(sa.func.sv_iso_by(key, value(zone.key), micros, value(edge)) == 1)
    return certain(at_most(dialect, key, instant, zone, edge))


def _near(
    dialect: str, text: Expression, instant: datetime, zone: ZoneInfo, edge: Edge
) -> Condition:
    """Regular expressions tell the kinds apart. Nothing is handed to the engine's date parser,
    which would raise at the 31st of February."""
    utc = instant.astimezone(UTC).replace(tzinfo=None)
    local = wallclock.greatest_reading(instant, zone, edge)
    day = wallclock.greatest_day(instant, zone, edge).isoformat()
    plain = replaced(dialect, replaced(dialect, text, "T", " "), " ?[Zz]$", "")
    return certain(
        sa.case(
            (sa.func.length(text) == 10, text <= value(day)),
            (matches(dialect, text, "[Zz]$"), plain <= value(_plain(utc))),
            (matches(dialect, text, "[+-][0-9:]+$"), _shifted(dialect, text, plain, utc)),
            else_=plain <= value(_plain(local)),
        )
    )


def _shifted(dialect: str, text: Expression, plain: Expression, utc: datetime) -> Condition:
    """A time with an offset, in minutes since two days before, against the instant's."""
    first = utc.date() - timedelta(days=2)
    days = sa.case(
        *(
            (sa.func.substr(text, 1, 10) == value((first + timedelta(days=n)).isoformat()), n)
            for n in range(1, 4)
        ),
        else_=0,
    )
    offset = replaced(dialect, text, "^.*[+-]([0-9]{2}):?([0-9]{0,2})$", r"\1\2")
    east = sa.case((matches(dialect, text, "[+][0-9:]+$"), 1), else_=-1)
    ahead = east * (_number(dialect, offset, 1) * 60 + _number(dialect, offset, 3))
    minutes = days * 1440 + _number(dialect, plain, 12) * 60 + _number(dialect, plain, 15) - ahead
    limit = 2 * 1440 + utc.hour * 60 + utc.minute
    seconds = replaced(dialect, sa.func.substr(plain, 18), " ?[+-][0-9:]+$", "")
    second_by = seconds <= value(f"{utc.second:02}.{utc.microsecond:06}")
    return sa.or_(minutes < limit, sa.and_(minutes == limit, second_by))


def _number(dialect: str, text: Expression, at: int) -> Expression:
    """Two digits of a text as a number; none at all are zero."""
    digits = joined(dialect, value("0"), sa.func.substr(text, at, 2))
    return sa.cast(digits, sa.Integer())


def decode(text: object, zone: tzinfo, edge: Edge = "start") -> datetime | None:
    """The UTC instant of a text, None where it is none."""
    if not isinstance(text, str) or not _SHAPE.match(text):
        return None
    found = _PARTS.fullmatch(text)
    if found is None:
        return None
    year, month, day = (int(part) for part in found["date"].split("-"))
    day = min(day, calendar.monthrange(year, month)[1])
    start = datetime(year, month, day)  # noqa: DTZ001  a wall clock reading
    if found["h"] is None:
        end = start + timedelta(days=1) if edge == "end" else start
        return wallclock.instant_of(end, zone)
    fraction = (found["f"] or "")[:6].ljust(6, "0")
    reading = start + timedelta(
        hours=int(found["h"]),
        minutes=int(found["m"]),
        seconds=int(found["s"] or 0),
        microseconds=int(fraction),
    )
    if found["offset"] is not None:
        return reading.replace(tzinfo=_offset(found["offset"])).astimezone(UTC)
    return wallclock.instant_of(reading, zone)


def by(text: object, zone_key: str, micros: int, edge: Edge) -> int:
    """SQLite's `sv_iso_by`: the text's moment lies at or before so many microseconds."""
    moment = decode(text, zone_of(zone_key), edge)
    return int(moment is not None and _micros(moment) <= micros)


@lru_cache(maxsize=64)
def zone_of(key: str) -> ZoneInfo:
    return ZoneInfo(key)


def _offset(text: str) -> timezone:
    if text in "Zz":
        return UTC
    digits = text[1:].replace(":", "").ljust(4, "0")
    ahead = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    if ahead >= timedelta(hours=24):
        return UTC
    return timezone(-ahead if text[0] == "-" else ahead)


def _micros(moment: datetime) -> int:
    return (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)


def _plain(reading: datetime) -> str:
    return reading.isoformat(sep=" ", timespec="microseconds")


def _shift(day: date, days: int) -> str:
    """An ISO day some days off, kept within the calendar."""
    try:
        return (day + timedelta(days=days)).isoformat()
    except OverflowError:
        return day.isoformat()
