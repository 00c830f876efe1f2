"""A constant of a predicate in the terms of the column that it is compared with.

A mapping says `"1"` or `"yes"` where a column holds a number or a boolean; the engines would
raise, or compare as they please. What cannot be said in the column's terms equals nothing.
"""

from __future__ import annotations

import uuid
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from zoneinfo import ZoneInfo

from servanda.connectors.sql.reflect import Kind
from servanda.kernel.predicate import Scalar


class Unsayable(Exception):
    """No value of the column's kind is meant."""


_TRUE = {"true", "t", "yes", "y", "on", "1"}
_FALSE = {"false", "f", "no", "n", "off", "0"}


def fit(constant: Scalar, kind: Kind, zone: ZoneInfo, dialect: str) -> object:
    """The constant as the driver takes it for such a column; raises Unsayable."""
    if constant is None:
        raise Unsayable
    if dialect == "sqlite" and kind not in ("bytes", "text", "char"):
        return _loose(constant, kind, zone)
    match kind:
        case "boolean":
            return _boolean(constant)
        case "integer" | "number":
            return _number(constant, kind)
        case "text" | "char" | "other":
            return text_of(constant)
        case "datetime" | "instant":
            return _moment(constant, kind, zone, dialect)
        case "date":
            return _date(constant, zone)
        case "uuid":
            return _uuid(constant)
        case "bytes":
            return constant if isinstance(constant, bytes) else text_of(constant).encode()
        case _:
            return text_of(constant)


def text_of(constant: Scalar) -> str:
    """The constant as text, as a JSON document or a text column would have it."""
    match constant:
        case bool():
            return "true" if constant else "false"
        case datetime():
            return constant.isoformat()
        case bytes():
            try:
                return constant.decode()
            except UnicodeDecodeError:
                raise Unsayable from None
        case _:
            text = str(constant)
            if "\0" in text:  # no text column of PostgreSQL can hold it
                raise Unsayable
            return text


def _loose(constant: Scalar, kind: Kind, zone: ZoneInfo) -> object:
    """SQLite: any value may be in any column; booleans are 1 and 0, moments are text."""
    if isinstance(constant, datetime):
        aware = constant if constant.tzinfo is not None else constant.replace(tzinfo=zone)
        return aware.astimezone(zone).replace(tzinfo=None).isoformat(sep=" ")
    if kind == "boolean":
        return int(_boolean(constant))
    if kind in ("integer", "number"):
        number = _number(constant, kind)
        if isinstance(number, int) and not -(2**63) <= number < 2**63:
            raise Unsayable  # no integer of SQLite is so large
        return number
    return int(constant) if isinstance(constant, bool) else constant


def _boolean(constant: Scalar) -> bool:
    if isinstance(constant, bool):
        return constant
    word = str(constant).strip().lower()
    if word in _TRUE:
        return True
    if word in _FALSE:
        return False
    raise Unsayable


def _number(constant: Scalar, kind: Kind) -> object:
    if isinstance(constant, bool):
        return int(constant)
    if isinstance(constant, int | float):
        return constant
    if isinstance(constant, bytes | datetime) or constant is None:
        raise Unsayable
    try:
        number = Decimal(constant.strip())
    except InvalidOperation:
        raise Unsayable from None
    if not number.is_finite():
        raise Unsayable
    whole = number == number.to_integral_value()
    if kind == "integer" or whole:
        return int(number) if whole else float(number)
    return number


def _moment(constant: Scalar, kind: Kind, zone: ZoneInfo, dialect: str) -> datetime:
    moment = _read(constant)
    if kind == "instant":
        aware = moment if moment.tzinfo is not None else moment.replace(tzinfo=zone)
        utc = aware.astimezone(UTC)
        return utc if dialect == "postgresql" else utc.replace(tzinfo=None)
    if moment.tzinfo is not None:
        return moment.astimezone(zone).replace(tzinfo=None)
    return moment


def _date(constant: Scalar, zone: ZoneInfo) -> date:
    moment = _read(constant)
    return (moment.astimezone(zone) if moment.tzinfo is not None else moment).date()


def _read(constant: Scalar) -> datetime:
    if isinstance(constant, datetime):
        return constant
    try:
        return datetime.fromisoformat(str(constant))
    except ValueError:
        raise Unsayable from None


def _uuid(constant: Scalar) -> object:
    try:
        if isinstance(constant, bytes):
            return uuid.UUID(bytes=constant)
        return uuid.UUID(str(constant))
    except ValueError:
        raise Unsayable from None
