"""Periods as a person writes them (`26 months`), with calendar-true arithmetic.

A month is not 30 days. Adding months keeps the day of the month and clamps it to the last day
of a shorter month (31 January + 1 month = 28 or 29 February). Calendar units move the local
wall clock; hours move the instant (Regulation (EEC, Euratom) 1182/71, article 3).
"""

from __future__ import annotations

import calendar
import re
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
_PART = re.compile(r"(\d{1,6})\s+(hour|day|week|month|year)s?")
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
        local = start.astimezone(zone).replace(tzinfo=None)
        moved = _add_months(local, self.months) + timedelta(days=self.days)
        return moved.replace(tzinfo=zone).astimezone(UTC) + timedelta(hours=self.hours)

    def cutoff(self, now: datetime, zone: tzinfo) -> datetime:
        """The latest UTC instant `c` with `after(c) <= now`: what began by then has run out.

        Clamping makes this more than a subtraction: on 28 February, one month has also run out
        for what began on the 29th, 30th and 31st of January.
        """
        _aware(now)
        target = (now - timedelta(hours=self.hours)).astimezone(zone).replace(tzinfo=None)
        guess = _add_months(target - timedelta(days=self.days), -self.months)
        # Subtracting clamps down; up to three later days may have been clamped onto `target` too.
        whole = Period(self.months, self.days, self.hours)
        best = guess.replace(tzinfo=zone).astimezone(UTC)
        while whole.after(best, zone) > now:  # a wall clock that jumped (summer time)
            best -= timedelta(hours=1)
        for _ in range(4):
            day_end = best.astimezone(zone).replace(
                tzinfo=None, hour=23, minute=59, second=59, microsecond=999_999
            )
            candidate = day_end.replace(tzinfo=zone).astimezone(UTC)
            if candidate > best and whole.after(candidate, zone) <= now:
                best = candidate
            following = best.astimezone(zone).replace(tzinfo=None) + timedelta(days=1)
            same_time = following.replace(
                hour=target.hour,
                minute=target.minute,
                second=target.second,
                microsecond=target.microsecond,
            )
            candidate = same_time.replace(tzinfo=zone).astimezone(UTC)
            if candidate <= best or whole.after(candidate, zone) > now:
                break
            best = candidate
        return best

    def at_least_as_long_as(self, other: Period) -> bool:
        """True when this period never ends before `other`, whatever day both begin."""
        return self._shortest() >= other._longest() or (
            self.months >= other.months and self.days >= other.days and self.hours >= other.hours
        )

    def _shortest(self) -> int:
        return (self.months * 28 + self.days) * 24 + self.hours

    def _longest(self) -> int:
        return (self.months * 31 + self.days) * 24 + self.hours


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
