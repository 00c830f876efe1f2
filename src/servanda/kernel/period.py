"""Periods as a person writes them (`26 months`), with calendar-true arithmetic.

A month is not 30 days. Adding months keeps the day of the month and clamps it to the last day
of a shorter month (31 January + 1 month = 28 or 29 February). Calendar units move the local
wall clock; hours move the instant (Regulation (EEC, Euratom) 1182/71, article 3).
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo

from servanda.kernel.errors import printable

_UNITS = {
    "hour": ("hours", 1),
    "day": ("days", 1),
    "week": ("days", 7),
    "month": ("months", 1),
    "year": ("months", 12),
}
_RESOLUTION = timedelta(microseconds=1)
_PART = re.compile(r"([0-9]{1,7})\s+(hour|day|week|month|year)s?")
_WHOLE = re.compile(rf"\s*{_PART.pattern}(?:(?:\s*,\s*|\s+and\s+|\s+){_PART.pattern})*\s*")


class PeriodError(ValueError):
    """The text is not a period."""


@dataclass(frozen=True, slots=True)
class Period:
    """Months (calendar), then days (calendar), then hours (straight)."""

    months: int = 0
    days: int = 0
    hours: int = 0

    @classmethod
    def parse(cls, text: str) -> Period:
        """`26 months`, `7 years`, `72 hours`, `1 year and 6 months`, `0 days`."""
        quoted = f'"{printable(text[:40])}"'
        if not _WHOLE.fullmatch(text):
            raise PeriodError(
                f'{quoted} is not a period; write a number and a unit, for example "12 months"'
            )
        totals = {"months": 0, "days": 0, "hours": 0}
        for number, unit in _PART.findall(text):
            name, factor = _UNITS[unit]
            totals[name] += int(number) * factor
        if totals["months"] > 12_000 or totals["days"] > 366_000 or totals["hours"] > 8_784_000:
            raise PeriodError(f"{quoted} is longer than 1,000 years; use `forever` with a reason")
        return cls(**totals)

    def __str__(self) -> str:
        parts = []
        years, months = divmod(self.months, 12)
        if months:  # 26 months reads better than 2 years and 2 months
            years, months = 0, self.months
        for number, unit in (
            (years, "year"),
            (months, "month"),
            (self.days, "day"),
            (self.hours, "hour"),
        ):
            if number:
                parts.append(f"{number} {unit}{'s' if number != 1 else ''}")
        return " and ".join(parts) or "0 days"

    def after(self, start: datetime, zone: tzinfo) -> datetime:
        """The UTC instant this period after `start`, counted on the wall clock of `zone`."""
        _aware(start)
        if not self.months and not self.days:  # hours alone never touch the wall clock
            return start.astimezone(UTC) + timedelta(hours=self.hours)
        local = start.astimezone(zone).replace(tzinfo=None)
        moved = _add_months(local, self.months) + timedelta(days=self.days)
        return moved.replace(tzinfo=zone).astimezone(UTC) + timedelta(hours=self.hours)

    def cutoff(self, now: datetime, zone: tzinfo) -> datetime:
        """The latest UTC instant `c` with `after(c) <= now`: what began by then has run out.

        Clamping makes this more than a subtraction: on 28 February, one month has also run out
        for what began on the 29th, 30th and 31st of January.
        """
        _aware(now)
        target = now.astimezone(UTC) - timedelta(hours=self.hours)
        if not self.months and not self.days:
            return target
        wall = _last_wall(target, zone) - timedelta(days=self.days)
        began = _last_to_reach(wall, self.months).replace(tzinfo=zone)
        either = [began.replace(fold=fold).astimezone(UTC) for fold in (0, 1)]
        low, high = min(either), max(either)
        if self.after(high, zone) <= now:
            return high
        # The wall clock jumped over `began`: the last moment before the jump is the answer.
        while self.after(low, zone) > now:
            low -= timedelta(hours=1)
        return _last(lambda moment: self.after(moment, zone) <= now, low, high)

    def at_least_as_long_as(self, other: Period) -> bool:
        """True when this period never ends before `other`, whatever day both begin."""
        spare = self.months * 28 + self.days - other.months * 31 - other.days
        never_fewer_days = spare >= 0 or (self.months >= other.months and self.days >= other.days)
        if never_fewer_days and self.hours >= other.hours:
            return True
        # Days against hours: a day of the wall clock is not 24 hours long where the clock jumps,
        # by a whole day at most (Samoa, 30 December 2011).
        return spare * 24 + self.hours - other.hours >= 24


def _aware(moment: datetime) -> None:
    if moment.tzinfo is None:
        raise ValueError("a moment needs a time zone")


def _add_months(moment: datetime, months: int) -> datetime:
    if not months:
        return moment
    month0 = moment.month - 1 + months
    year, month = moment.year + month0 // 12, month0 % 12 + 1
    if not 1 <= year <= 9999:
        raise PeriodError("that reaches outside the calendar")
    day = min(moment.day, calendar.monthrange(year, month)[1])
    return moment.replace(year=year, month=month, day=day)


def _last(holds: Callable[[datetime], bool], low: datetime, high: datetime) -> datetime:
    """The last moment for which `holds`, which is true at `low`, false at `high`, turns once."""
    while high - low > _RESOLUTION:
        middle = low + (high - low) // 2
        low, high = (middle, high) if holds(middle) else (low, middle)
    return low


def _last_wall(target: datetime, zone: tzinfo) -> datetime:
    """The latest wall clock reading that stood in `zone` for the first time by `target`."""
    local = target.astimezone(zone)
    wall = local.replace(tzinfo=None, fold=0)
    if not local.fold:
        return wall
    # The clock was put back and shows for the second time what it has shown already, and more.
    return _last(
        lambda each: each.replace(tzinfo=zone).astimezone(UTC) <= target,
        wall,
        wall + timedelta(days=1),
    )


def _last_to_reach(wall: datetime, months: int) -> datetime:
    """The latest wall clock reading which, `months` later and clamped, is not after `wall`."""
    if not months:
        return wall
    first = _add_months(wall.replace(day=1), -months)
    length = calendar.monthrange(first.year, first.month)[1]
    if wall.day > length:
        return first.replace(day=length, hour=23, minute=59, second=59, microsecond=999_999)
    is_last = wall.day == calendar.monthrange(wall.year, wall.month)[1]
    return first.replace(day=length if is_last else wall.day)
