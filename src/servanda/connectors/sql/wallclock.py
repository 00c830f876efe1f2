"""From an instant to the constant that a column is compared with, in the column's own terms.

A wall clock jumps. In autumn one reading stands for two instants: a ceiling takes the earlier
(never keep too long), a floor the later (never delete too soon). In spring some readings never
happen; a row that has one is taken to lie at the jump.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, tzinfo

from servanda.kernel.predicate import Edge

_TICK = timedelta(microseconds=1)


def greatest_reading(instant: datetime, zone: tzinfo, edge: Edge) -> datetime:
    """The greatest naive reading of the wall clock that lies at or before `instant`.

    Comparing `column <= greatest_reading(...)` says exactly whether the column's instant, read
    with that edge, is at or before `instant`.
    """
    local = _local(instant, zone)
    reading = local.replace(tzinfo=None, fold=0)
    first = local.replace(fold=0).utcoffset() or timedelta()
    second = local.replace(fold=1).utcoffset() or timedelta()
    if first == second:
        return reading
    if edge == "start" and local.fold == 1:  # every reading of the doubled hour has begun by now
        return _jump(instant, instant - (first - second), zone) + first - _TICK
    if edge == "end" and local.fold == 0:  # none of them has surely ended yet
        return _jump(instant + (first - second), instant, zone) + second - _TICK
    return reading


def greatest_day(instant: datetime, zone: tzinfo, edge: Edge) -> date:
    """The latest local day that has begun (`start`) or ended (`end`) by `instant`."""
    day = _local(instant, zone).date()
    return day if edge == "start" else _day_before(day)


def greatest_month(instant: datetime, zone: tzinfo, edge: Edge) -> date:
    """The first day of the latest local month that has begun, or ended, by `instant`."""
    first = _local(instant, zone).date().replace(day=1)
    return first if edge == "start" else _day_before(first).replace(day=1)


def greatest_year(instant: datetime, zone: tzinfo, edge: Edge) -> int:
    """The latest local year that has begun, or ended, by `instant`."""
    return _local(instant, zone).year - (edge == "end")


def instant_of(reading: datetime, zone: tzinfo) -> datetime:
    """The UTC instant of a naive reading (the earlier of two)."""
    try:
        return reading.replace(tzinfo=zone).astimezone(UTC)
    except OverflowError:  # at the very ends of the calendar
        return reading.replace(tzinfo=UTC)


def _local(instant: datetime, zone: tzinfo) -> datetime:
    try:
        return instant.astimezone(zone)
    except OverflowError:
        return instant


def _day_before(day: date) -> date:
    return day - timedelta(days=1) if day > date.min else day


def _jump(after: datetime, before: datetime, zone: tzinfo) -> datetime:
    """The naive UTC moment at which the zone's offset changes, between two instants."""
    low, high = before.astimezone(UTC), after.astimezone(UTC)
    new = high.astimezone(zone).utcoffset()
    while high - low > _TICK:
        middle = low + (high - low) / 2
        if middle.astimezone(zone).utcoffset() == new:
            high = middle
        else:
            low = middle
    return high.replace(tzinfo=None)
