"""Counting days as the laws do. Regulation 1182/71 art. 3 for the EU and the United Kingdom.

The day of the event does not count. A period of months ends on the same date, or on the last day
of a month that lacks it. Weekends and holidays count, but may move the end.
"""

from __future__ import annotations

import calendar
from datetime import date, timedelta
from typing import assert_never

from servanda.law.facts import Roll, Unit
from servanda.law.holidays import is_holiday
from servanda.law.tables import Place

_DAY = timedelta(days=1)
_SATURDAY, _SUNDAY = 5, 6


def later(day: date, n: int, unit: Unit, place: Place) -> date:
    """The last day of a period that begins with the event of `day`. Not for hours."""
    match unit:
        case "months":
            month0 = day.month - 1 + n
            year, month = day.year + month0 // 12, month0 % 12 + 1
            return date(year, month, min(day.day, calendar.monthrange(year, month)[1]))
        case "days":
            return day + n * _DAY
        case "business_days":
            while n:
                day += _DAY
                n -= is_working(day, place)
            return day
        case "hours":
            raise ValueError("hours are no days")
        case _:
            assert_never(unit)


def rolled(day: date, roll: Roll, place: Place) -> date:
    """Where an end on such a day moves to."""
    while not _may_end(day, roll, place):
        day += _DAY
    return day


def is_working(day: date, place: Place) -> bool:
    return day.weekday() < _SATURDAY and not is_holiday(place, day)


def _may_end(day: date, roll: Roll, place: Place) -> bool:
    match roll:
        case "none":
            return True
        case "weekends":
            return is_working(day, place)
        case "sundays":
            return day.weekday() != _SUNDAY and not is_holiday(place, day)
        case _:
            assert_never(roll)
