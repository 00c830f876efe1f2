"""How moments are kept: one reader per representation.

Each turns the instant into the column's own terms (`at_most`), so that the column stays bare.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Protocol
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from servanda.connectors.sql import isotext, wallclock
from servanda.connectors.sql.express import Condition, Expression, certain, matches, present, value
from servanda.connectors.sql.reflect import Kind, Mapped
from servanda.connectors.sql.textclock import TextFormat
from servanda.kernel.errors import StoreRefused
from servanda.kernel.predicate import Edge
from servanda.stores.mapping import Clock


class ClockReader(Protocol):
    """`key`: what sorts by time, NULL where it has not happened; `decode` makes it an instant."""

    def valid(self, expression: Expression) -> Condition: ...
    def key(self, expression: Expression) -> Expression: ...
    def at_most(self, expression: Expression, instant: datetime, edge: Edge) -> Condition: ...
    def key_at_most(self, key: Expression, instant: datetime, edge: Edge) -> Condition: ...
    def decode(self, found: Any) -> datetime | None: ...


def reader(mapped: Mapped, clock: Clock, found: Kind) -> ClockReader:
    """The way to read a clock from a column of that kind. StoreRefused where there is none."""
    dialect = mapped.db.dialect
    zone = ZoneInfo(clock.zone) if clock.zone else mapped.db.zone
    wanted = clock.kind
    if wanted in ("epoch_s", "epoch_ms") and found in ("integer", "number", "text", "other"):
        scale = 1 if wanted == "epoch_s" else 1000
        return _Epoch(dialect, scale, whole=found == "integer", text=found in ("text", "other"))
    if wanted == "text" and found in ("text", "char", "other"):
        where = f"{mapped.collection.id}, clock {clock.event}"
        return _Text(dialect, zone, TextFormat.parse(clock.format, of=where))
    if wanted == "date" and found in ("datetime", "instant", "text", "char"):
        return _ByDay(_timed(mapped, clock, found, dialect, zone), zone)
    return _timed(mapped, clock, found, dialect, zone)


def _timed(mapped: Mapped, clock: Clock, found: Kind, dialect: str, zone: ZoneInfo) -> ClockReader:
    if clock.kind in ("auto", "datetime", "date"):
        if dialect == "sqlite" and found in ("datetime", "instant", "date", "text", "char"):
            return _Iso(dialect, zone)
        if found == "date":
            return _Day(dialect, zone)
        if found in ("datetime", "instant"):
            return _Stamp(dialect, zone, with_zone=found == "instant")
        if found in ("text", "char"):
            return _Iso(dialect, zone)
    raise StoreRefused(
        f'{mapped.collection.id}: clock "{clock.event}" cannot be read from a column of kind'
        f" {found}",
        "say its `kind`: epoch_s, epoch_ms, or text with a format",
    )


@dataclass(frozen=True, slots=True)
class _ByDay:
    """Moments of which only the day shall count, so that two stores of which one knows the day
    alone decide alike (a call's row, and its recording in a dated folder)."""

    timed: ClockReader
    zone: ZoneInfo

    def valid(self, expression: Expression) -> Condition:
        return self.timed.valid(expression)

    def key(self, expression: Expression) -> Expression:
        return self.timed.key(expression)

    def at_most(self, expression: Expression, instant: datetime, edge: Edge) -> Condition:
        return self.timed.at_most(expression, self._last(instant, edge), "start")

    def key_at_most(self, key: Expression, instant: datetime, edge: Edge) -> Condition:
        return self.timed.key_at_most(key, self._last(instant, edge), "start")

    def decode(self, found: Any) -> datetime | None:
        return self.timed.decode(found)

    def _last(self, instant: datetime, edge: Edge) -> datetime:
        """The last moment of the last day whose start, or end, lies at or before `instant`."""
        day = instant.astimezone(self.zone).date()
        if edge == "start":
            day += timedelta(days=1)
        midnight = datetime.combine(day, time(), tzinfo=self.zone)
        return midnight.astimezone(UTC) - timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class _Stamp:
    """The engine's own timestamp, naive in `zone` or kept as UTC."""

    dialect: str
    zone: ZoneInfo
    with_zone: bool

    def valid(self, expression: Expression) -> Condition:
        return present(expression, self._real(expression))

    def key(self, expression: Expression) -> Expression:
        return sa.case((self._real(expression), expression))

    def at_most(self, expression: Expression, instant: datetime, edge: Edge) -> Condition:
        real = sa.and_(expression <= self._limit(instant, edge), expression >= self._least())
        return present(expression, real)

    def key_at_most(self, key: Expression, instant: datetime, edge: Edge) -> Condition:
        return certain(key <= self._limit(instant, edge))

    def decode(self, found: Any) -> datetime | None:
        if not isinstance(found, datetime):  # a driver's own word for a zero date
            return None
        if found.tzinfo is not None:
            return found.astimezone(UTC)
        return wallclock.instant_of(found, UTC if self.with_zone else self.zone)

    def _limit(self, instant: datetime, edge: Edge) -> Expression:
        if not self.with_zone:
            return value(wallclock.greatest_reading(instant, self.zone, edge))
        utc = instant.astimezone(UTC)
        return value(utc if self.dialect == "postgresql" else utc.replace(tzinfo=None))

    def _least(self) -> Expression:
        """Zero dates, -infinity and years before Christ have not happened."""
        if self.dialect == "mariadb":
            return value("1970-01-01 00:00:01" if self.with_zone else "0001-01-01 00:00:00")
        first = datetime(1, 1, 1)  # noqa: DTZ001  a wall clock reading
        return value(first.replace(tzinfo=UTC) if self.with_zone else first)

    def _real(self, expression: Expression) -> Condition:
        """Also not `infinity`: no calendar has it."""
        if self.dialect == "mariadb":
            return expression >= self._least()
        last = datetime(9999, 12, 31)  # noqa: DTZ001
        return expression.between(
            self._least(), value(last.replace(tzinfo=UTC) if self.with_zone else last)
        )


@dataclass(frozen=True, slots=True)
class _Day:
    """The engine's own date."""

    dialect: str
    zone: ZoneInfo

    def valid(self, expression: Expression) -> Condition:
        return present(expression, self._real(expression))

    def key(self, expression: Expression) -> Expression:
        return sa.case((self._real(expression), expression))

    def at_most(self, expression: Expression, instant: datetime, edge: Edge) -> Condition:
        limit = value(wallclock.greatest_day(instant, self.zone, edge))
        return present(expression, sa.and_(expression <= limit, expression >= value(date(1, 1, 1))))

    def key_at_most(self, key: Expression, instant: datetime, edge: Edge) -> Condition:
        return certain(key <= value(wallclock.greatest_day(instant, self.zone, edge)))

    def decode(self, found: Any) -> datetime | None:
        if not isinstance(found, date):
            return None
        start = datetime(found.year, found.month, found.day)  # noqa: DTZ001
        return wallclock.instant_of(start, self.zone)

    def _real(self, expression: Expression) -> Condition:
        return expression.between(value(date(1, 1, 1)), value(date(9999, 12, 31)))


@dataclass(frozen=True, slots=True)
class _Epoch:
    """Seconds (`scale` 1) or milliseconds (1000) since 1970; 0 is a product's word for never."""

    dialect: str
    scale: int
    whole: bool
    text: bool

    def valid(self, expression: Expression) -> Condition:
        if self.text or self.dialect == "sqlite":
            return certain(self.key(expression) != 0)
        return present(expression, expression != 0)

    def key(self, expression: Expression) -> Expression:
        number = self._number(expression)
        return sa.case((number != 0, number))

    def at_most(self, expression: Expression, instant: datetime, edge: Edge) -> Condition:
        if self.text:
            return self.key_at_most(self.key(expression), instant, edge)
        limit = sa.and_(expression <= self._limit(instant), expression != 0)
        if self.dialect == "sqlite":  # any type may be in any column
            limit = sa.and_(limit, sa.func.typeof(expression).in_(["integer", "real"]))
        return present(expression, limit)

    def key_at_most(self, key: Expression, instant: datetime, edge: Edge) -> Condition:
        return certain(key <= self._limit(instant))

    def decode(self, found: Any) -> datetime | None:
        try:
            return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(
                microseconds=int(found * 1_000_000 // self.scale)
            )
        except OverflowError:
            return None

    def _limit(self, instant: datetime) -> Expression:
        micros = (instant - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)
        units = micros * self.scale
        return value(units // 1_000_000 if self.whole else units / 1_000_000)

    def _number(self, expression: Expression) -> Expression:
        if self.text:
            digits = matches(self.dialect, expression, r"^-?[0-9]{1,15}(?:\.[0-9]{1,9})?$")
            return sa.case((digits, sa.cast(expression, sa.Numeric(24, 9, asdecimal=True))))
        if self.dialect == "sqlite":
            return sa.case((sa.func.typeof(expression).in_(["integer", "real"]), expression))
        return expression


@dataclass(frozen=True, slots=True)
class _Iso:
    """ISO 8601 text."""

    dialect: str
    zone: ZoneInfo

    def valid(self, expression: Expression) -> Condition:
        return isotext.valid(self.dialect, expression)

    def key(self, expression: Expression) -> Expression:
        return isotext.key(self.dialect, expression)

    def at_most(self, expression: Expression, instant: datetime, edge: Edge) -> Condition:
        return isotext.at_most(self.dialect, expression, instant, self.zone, edge)

    def key_at_most(self, key: Expression, instant: datetime, edge: Edge) -> Condition:
        return isotext.key_at_most(self.dialect, key, instant, self.zone, edge)

    def decode(self, found: Any) -> datetime | None:
        return isotext.decode(found, self.zone)


@dataclass(frozen=True, slots=True)
class _Text:
    """Text in a format of its own."""

    dialect: str
    zone: ZoneInfo
    format: TextFormat

    def valid(self, expression: Expression) -> Condition:
        return self.format.valid(self.dialect, expression)

    def key(self, expression: Expression) -> Expression:
        return self.format.key(self.dialect, expression)

    def at_most(self, expression: Expression, instant: datetime, edge: Edge) -> Condition:
        return self.format.at_most(self.dialect, expression, instant, self.zone, edge)

    def key_at_most(self, key: Expression, instant: datetime, edge: Edge) -> Condition:
        return self.format.key_at_most(key, instant, self.zone, edge)

    def decode(self, found: Any) -> datetime | None:
        return self.format.decode(str(found), self.zone)
