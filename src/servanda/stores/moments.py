"""When something happened, read from a value of a record: text, number, or a moment already.

The answer is a span, because a date alone is a whole day: from its first instant to its last.
What cannot be read (blank, zero, not a date) has not happened; it is counted, never guessed.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, tzinfo

from servanda.kernel.evaluate import as_text, day_edge
from servanda.kernel.predicate import Scalar
from servanda.stores.mapping import ClockKind

Span = tuple[datetime, datetime]
"""From the first instant a moment may have been to the last, aware UTC; equal when exact."""

_TIME_OF_DAY = ("%H", "%I", "%s", "%c", "%X", "%T", "%R", "%r")


def read_moment(value: Scalar, kind: ClockKind, form: str, zone: tzinfo) -> Span | None:
    if isinstance(value, datetime):
        return _exactly(value, zone)
    text = as_text(value).strip()
    if not text:
        return None
    try:
        match kind:
            case "epoch_s":
                return _epoch(float(text))
            case "epoch_ms":
                return _epoch(float(text) / 1000)
            case "date":
                return _day(date.fromisoformat(text[:10]), zone)
            case "text":
                moment = datetime.strptime(text, form)  # noqa: DTZ007 - the zone is added below
                dated_only = not any(each in form for each in _TIME_OF_DAY)
                return _day(moment.date(), zone) if dated_only else _exactly(moment, zone)
            case "auto" | "datetime":
                if len(text) <= 10:
                    return _day(date.fromisoformat(text), zone)
                return _exactly(datetime.fromisoformat(text), zone)
    except (ValueError, OverflowError, OSError):
        return None


def _epoch(seconds: float) -> Span | None:
    if seconds <= 0:
        return None
    moment = datetime.fromtimestamp(seconds, UTC)
    return moment, moment


def _exactly(moment: datetime, zone: tzinfo) -> Span:
    aware = moment if moment.tzinfo is not None else moment.replace(tzinfo=zone)
    utc = aware.astimezone(UTC)
    return utc, utc


def _day(day: date, zone: tzinfo) -> Span:
    return day_edge(day, "start", zone), day_edge(day, "end", zone)
