"""When a ceiling or a floor ends, as a comparison on the clock that every engine can use.

Ceilings use `Period.cutoff`: the latest event that may have run out. Floors must never end too
soon, and around the end of a month the plain cutoff is too eager: one month after the evening of
29 January ends on the evening of 28 February, yet one month after the morning of the 31st ends
that morning. A floor counted in days, months or years therefore lasts to the end of its last
day, as Regulation (EEC, Euratom) 1182/71 has it. On days, order is kept and summer time is moot.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, tzinfo

from servanda.kernel.period import Period, PeriodError

NO_LEAD = timedelta(0)
_MICROSECOND = timedelta(microseconds=1)
_END_OF_TIME = datetime.max.replace(tzinfo=UTC)


def ceiling_cutoff(
    period: Period, now: datetime, zone: tzinfo, lead: timedelta = NO_LEAD
) -> datetime | None:
    """What began by this instant has reached its ceiling at `now + lead`; None: nothing can have.
    Never later than `now`: what has not happened yet has not begun, however short the period."""
    try:
        return min(period.cutoff(now + lead, zone), now)
    except (PeriodError, OverflowError):
        return None


def ceiling_end(period: Period, start: datetime, zone: tzinfo) -> datetime:
    """When a ceiling ends, for a person to read; the end of the calendar where it lies beyond."""
    try:
        return period.after(start, zone)
    except (PeriodError, OverflowError):
        return _END_OF_TIME


def floor_cutoff(period: Period, moment: datetime, zone: tzinfo) -> datetime | None:
    """The floor has ended at `moment` for what happened by this instant; None: for nothing."""
    try:
        if not period.months and not period.days:
            return period.cutoff(moment, zone)
        today = (moment - timedelta(hours=period.hours)).astimezone(zone).date()
        first_open = _first_day_reaching(period, today)
        cutoff = _start_of(first_open, zone)
        # A store that knows a date gives the midnight that ends it, which is `cutoff` itself.
        return cutoff if floor_end(period, cutoff, zone) <= moment else cutoff - _MICROSECOND
    except (PeriodError, OverflowError):
        return None


def floor_end(period: Period, event: datetime, zone: tzinfo) -> datetime:
    """The instant from which the floor no longer holds. `event`: end of the day where only a
    date is known. Beyond the calendar: its end."""
    try:
        if not period.months and not period.days:
            return period.after(event, zone)
        local = event.astimezone(zone).replace(tzinfo=None)
        day = local.date()
        last = _moved(period, day)
        is_midnight = event == _start_of(day, zone)
        if not (is_midnight and _moved(period, day - timedelta(days=1)) < last):
            last += timedelta(days=1)
        return _start_of(last, zone) + timedelta(hours=period.hours)
    except (PeriodError, OverflowError):
        return _END_OF_TIME


def _first_day_reaching(period: Period, target: date) -> date:
    """The first day whose floor lasts at least to the day `target`."""
    noon = datetime.combine(target, time(12), tzinfo=UTC)
    day = Period(period.months, period.days).cutoff(noon, UTC).date() + timedelta(days=1)
    while _moved(period, day - timedelta(days=1)) >= target:
        day -= timedelta(days=1)
    return day


def _moved(period: Period, day: date) -> date:
    noon = datetime.combine(day, time(12), tzinfo=UTC)
    return Period(period.months, period.days).after(noon, UTC).date()


def _start_of(day: date, zone: tzinfo) -> datetime:
    return datetime.combine(day, time(), tzinfo=zone).astimezone(UTC)
