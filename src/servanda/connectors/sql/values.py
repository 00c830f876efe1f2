"""Values as the drivers give them, as the few kinds that leave this connector.

Datetimes leave aware and in UTC; dates, UUIDs, addresses, documents and exact decimals as text.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, TypeAlias
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from servanda.connectors.sql import isotext, wallclock
from servanda.connectors.sql.express import Expression, as_text
from servanda.connectors.sql.reflect import Kind, Mapped, kind
from servanda.kernel.predicate import Scalar

Reader: TypeAlias = Callable[[Any], Scalar]


def selected(mapped: Mapped, expression: Expression) -> tuple[Expression, Reader]:
    """What to select for a value, and what to do with what comes back."""
    found: Kind = kind(expression) if isinstance(expression, sa.Column) else "text"
    dialect = mapped.db.dialect
    if dialect == "sqlite":
        zone = mapped.db.zone
        if found in ("datetime", "instant"):
            return expression, lambda each: isotext.decode(each, zone) or _loose(each)
        return expression, _loose if found != "boolean" else _boolean
    match found:
        case "other" | "inet" | "json" | "jsonb" | "char":
            return as_text(dialect, expression), plain
        case "datetime" | "instant":
            zone = ZoneInfo("UTC") if found == "instant" else mapped.db.zone
            return within_calendar(dialect, expression), lambda each: _moment(each, zone)
        case "date":
            return within_calendar(dialect, expression), _date
        case "boolean":
            return expression, _boolean
        case _:
            return expression, plain


def within_calendar(dialect: str, expression: Expression) -> Expression:
    """PostgreSQL knows `infinity` and years before Christ; Python does not. They read as null."""
    if dialect != "postgresql":
        return expression
    first = sa.literal(date(1, 1, 1), sa.types.NullType())
    last = sa.literal(date(9999, 12, 31), sa.types.NullType())
    return sa.case((expression.between(first, last), expression))


def plain(found: Any) -> Scalar:
    """What a driver gives, as one of the few kinds."""
    match found:
        case None | str() | bool() | int() | float() | bytes():
            return found
        case Decimal():
            return int(found) if found == found.to_integral_value() else str(found)
        case uuid.UUID():
            return str(found)
        case memoryview() | bytearray():
            return bytes(found)
        case datetime():
            return found if found.tzinfo is not None else found.replace(tzinfo=UTC)
        case date() | time():
            return found.isoformat()
        case timedelta():
            return str(found)
        case dict() | list():
            return json.dumps(found, ensure_ascii=False, separators=(",", ":"))
        case _:
            return str(found)


def _loose(found: Any) -> Scalar:
    return bytes(found) if isinstance(found, memoryview) else plain(found)


def _boolean(found: Any) -> Scalar:
    return bool(found) if isinstance(found, int) else plain(found)


def _date(found: Any) -> Scalar:
    return found.isoformat() if isinstance(found, date) else None


def _moment(found: Any, zone: ZoneInfo) -> Scalar:
    if not isinstance(found, datetime):  # a zero date
        return None
    if found.tzinfo is not None:
        return found.astimezone(UTC)
    return wallclock.instant_of(found, zone)
