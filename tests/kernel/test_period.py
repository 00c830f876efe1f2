"""Periods: calendar-true, and `cutoff` is exactly the inverse of `after`, in any time zone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from servanda.kernel.period import Period, PeriodError

# Summer time in both hemispheres, half hours, a day that was skipped, and none of it.
ZONES = [
    ZoneInfo(name)
    for name in (
        "UTC",
        "Europe/London",
        "Europe/Dublin",
        "America/New_York",
        "America/Jamaica",
        "Africa/Nairobi",
        "Australia/Lord_Howe",
        "Pacific/Apia",
        "Asia/Kathmandu",
    )
]
zones = st.sampled_from(ZONES)
moments = st.datetimes(
    min_value=datetime(1975, 1, 1),
    max_value=datetime(2090, 1, 1),
    timezones=st.just(UTC),
)
periods = st.builds(
    Period,
    months=st.one_of(st.integers(0, 14), st.sampled_from([24, 26, 84, 120])),
    days=st.one_of(st.just(0), st.integers(0, 40)),
    hours=st.one_of(st.just(0), st.integers(0, 100)),
)
# Periods of nearly the same length, counted in different units.
near_pairs = st.builds(
    lambda days, hours, turned: (
        (Period(days=days), Period(hours=max(0, days * 24 + hours)))
        if turned
        else (Period(hours=max(0, days * 24 + hours)), Period(days=days))
    ),
    st.integers(0, 62),
    st.integers(-30, 30),
    st.booleans(),
)
MICRO = timedelta(microseconds=1)
# A moment at which the wall clock of one of the zones jumps, or a month ends.
edges = st.sampled_from(
    [
        datetime(2024, 2, 29, 12, tzinfo=UTC),
        datetime(2023, 2, 28, 23, 59, 59, 999_999, tzinfo=UTC),
        datetime(2026, 1, 31, tzinfo=UTC),
        datetime(2026, 3, 29, 1, tzinfo=UTC),  # London springs forward
        datetime(2026, 10, 25, 1, tzinfo=UTC),  # London falls back
        datetime(2026, 3, 8, 7, tzinfo=UTC),  # New York springs forward
        datetime(2026, 11, 1, 6, tzinfo=UTC),  # New York falls back
        datetime(2011, 12, 30, 10, tzinfo=UTC),  # Samoa loses a day
        datetime(2026, 4, 4, 15, tzinfo=UTC),  # Lord Howe falls back by half an hour
    ]
)
near_edges = st.builds(
    lambda edge, seconds: edge + timedelta(seconds=seconds), edges, st.integers(-90_000, 90_000)
)
whenever = st.one_of(moments, edges, near_edges)


@settings(max_examples=600, deadline=None)
@given(periods, whenever, zones)
def test_what_began_at_the_cutoff_has_run_out(
    period: Period, now: datetime, zone: ZoneInfo
) -> None:
    assert period.after(period.cutoff(now, zone), zone) <= now


@settings(max_examples=600, deadline=None)
@given(periods, whenever, zones, st.integers(1, 10**12))
def test_what_began_later_than_the_cutoff_has_not(
    period: Period, now: datetime, zone: ZoneInfo, later: int
) -> None:
    start = period.cutoff(now, zone) + later * MICRO
    assume(start.year < 2095)
    assert period.after(start, zone) > now


@settings(max_examples=600, deadline=None)
@given(periods, whenever, zones)
def test_the_cutoff_of_an_end_is_no_earlier_than_its_start(
    period: Period, start: datetime, zone: ZoneInfo
) -> None:
    assert period.cutoff(period.after(start, zone), zone) >= start


@settings(max_examples=400, deadline=None)
@given(periods, whenever, whenever, zones)
def test_a_later_now_has_no_earlier_cutoff(
    period: Period, one: datetime, other: datetime, zone: ZoneInfo
) -> None:
    first, second = sorted((one, other))
    assert period.cutoff(first, zone) <= period.cutoff(second, zone)


@settings(max_examples=400, deadline=None)
@given(periods, whenever, zones)
def test_nothing_is_in_the_future(period: Period, now: datetime, zone: ZoneInfo) -> None:
    assert period.cutoff(now, zone) <= now
    assert period.after(now, zone) >= now


@settings(max_examples=400, deadline=None)
@given(st.one_of(st.tuples(periods, periods), near_pairs), whenever, zones)
def test_at_least_as_long_as_holds_for_every_start(
    pair: tuple[Period, Period], start: datetime, zone: ZoneInfo
) -> None:
    for long, short in (pair, pair[::-1]):
        if long.at_least_as_long_as(short):
            assert long.after(start, zone) >= short.after(start, zone)


@given(periods)
def test_a_period_reads_back_as_it_is_written(period: Period) -> None:
    assert Period.parse(str(period)) == period


@pytest.mark.parametrize(
    ("start", "period", "end"),
    [
        ("2026-01-31T10:00", "1 month", "2026-02-28T10:00"),
        ("2024-01-31T10:00", "1 month", "2024-02-29T10:00"),
        ("2024-02-29T10:00", "12 months", "2025-02-28T10:00"),
        ("2024-02-29T10:00", "4 years", "2028-02-29T10:00"),
        ("2026-03-28T10:00", "1 day", "2026-03-29T10:00"),  # 23 hours later
        ("2026-03-28T10:00", "24 hours", "2026-03-29T11:00"),
        ("2026-10-24T10:00", "1 day", "2026-10-25T10:00"),  # 25 hours later
        ("2026-12-31T23:59", "1 year and 6 months", "2028-06-30T23:59"),
        ("2026-05-01T00:00", "0 days", "2026-05-01T00:00"),
    ],
)
def test_by_the_calendar_of_london(start: str, period: str, end: str) -> None:
    zone = ZoneInfo("Europe/London")
    began = datetime.fromisoformat(start).replace(tzinfo=zone)
    ended = datetime.fromisoformat(end).replace(tzinfo=zone)
    assert Period.parse(period).after(began, zone) == ended.astimezone(UTC)


@settings(max_examples=400, deadline=None)
@given(st.integers(0, 5000), whenever, zones)
def test_hours_are_straight(hours: int, start: datetime, zone: ZoneInfo) -> None:
    assert Period(hours=hours).after(start, zone) - start == timedelta(hours=hours)
    assert start - Period(hours=hours).cutoff(start, zone) == timedelta(hours=hours)


def test_hours_that_begin_while_the_clock_shows_an_hour_again() -> None:
    zone = ZoneInfo("America/New_York")
    start = datetime(2026, 11, 1, 1, 30, fold=1, tzinfo=zone)
    assert Period(hours=5).after(start, zone) == datetime(2026, 11, 1, 11, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("now", "period", "cutoff"),
    [
        ("2025-03-01T12:00", "12 months", "2024-03-01T12:00"),
        ("2025-02-28T12:00", "12 months", "2024-02-29T12:00"),  # the 28th and the 29th have ended
        ("2026-03-31T12:00", "1 month", "2026-02-28T23:59:59.999999"),  # all of the 28th
        ("2026-03-30T01:30", "1 day", "2026-03-29T00:59:59.999999"),  # no clock showed 01:30
        ("2026-10-26T01:30", "1 day", "2026-10-25T01:30+00:00"),  # the second 01:30
    ],
)
def test_the_cutoff_in_london(now: str, period: str, cutoff: str) -> None:
    zone = ZoneInfo("Europe/London")
    moment = datetime.fromisoformat(now).replace(tzinfo=zone)
    expected = datetime.fromisoformat(cutoff)
    expected = expected if expected.tzinfo else expected.replace(tzinfo=zone)
    assert Period.parse(period).cutoff(moment, zone) == expected.astimezone(UTC)


def test_the_clock_may_jump_at_both_ends() -> None:
    """In Samoa, summer time began on 26 September 2010, and 30 December 2011 never was."""
    zone = ZoneInfo("Pacific/Apia")
    now = datetime(2011, 12, 31, 0, 30, tzinfo=zone)
    cutoff = Period(days=461).cutoff(now, zone)
    assert cutoff == datetime(2010, 9, 25, 0, 30, tzinfo=zone).astimezone(UTC)
    assert Period(days=461).after(cutoff, zone) == now.astimezone(UTC)


def test_three_days_may_run_out_on_one() -> None:
    """On 28 February a month has run out for the 28th, 29th, 30th and 31st of January."""
    zone = ZoneInfo("Europe/London")
    now = datetime(2026, 2, 28, 12, tzinfo=zone)
    assert Period(months=1).cutoff(now, zone) == datetime(2026, 1, 31, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "months", "days", "hours"),
    [
        ("26 months", 26, 0, 0),
        ("7 years", 84, 0, 0),
        ("72 hours", 0, 0, 72),
        ("1 year and 6 months", 18, 0, 0),
        ("2 weeks, 1 day", 0, 15, 0),
        (" 1  month ", 1, 0, 0),
    ],
)
def test_parse(text: str, months: int, days: int, hours: int) -> None:
    assert Period.parse(text) == Period(months, days, hours)


@pytest.mark.parametrize(
    "text",
    ["", "months", "12", "12months", "-1 day", "1.5 years", "12 monthes", "1 day x", "1001 years"],
)
def test_what_is_no_period(text: str) -> None:
    with pytest.raises(PeriodError):
        Period.parse(text)


def test_a_message_quotes_on_one_line_and_briefly() -> None:
    with pytest.raises(PeriodError) as told:
        Period.parse("12\nmonths\x1b[31m" + "x" * 500)
    assert str(told.value).startswith('"12·months·[31mx')
    assert str(told.value).isprintable()
    assert len(str(told.value)) < 120


def test_the_longest() -> None:
    assert Period.parse("1000 years") == Period(months=12_000)
    assert Period.parse("8784000 hours") == Period(hours=8_784_000)
    with pytest.raises(PeriodError, match="longer than 1,000 years"):
        Period.parse("600 years and 600 years")


def test_not_every_pair_can_be_compared() -> None:
    assert Period(months=1).at_least_as_long_as(Period(days=28))
    assert not Period(months=1).at_least_as_long_as(Period(days=30))
    assert not Period(days=30).at_least_as_long_as(Period(months=1))
    assert Period(days=31).at_least_as_long_as(Period(months=1))
    # Where summer time begins a day has 23 hours, where it ends 25.
    assert not Period(days=1).at_least_as_long_as(Period(hours=24))
    assert not Period(hours=24).at_least_as_long_as(Period(days=1))
    assert Period(days=4).at_least_as_long_as(Period(hours=72))
    assert Period(months=1, hours=1).at_least_as_long_as(Period(days=28, hours=1))


def test_a_moment_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        Period(days=1).after(datetime(2026, 1, 1), UTC)
    with pytest.raises(ValueError, match="time zone"):
        Period(days=1).cutoff(datetime(2026, 1, 1), UTC)


def test_beyond_the_calendar() -> None:
    with pytest.raises(PeriodError):
        Period(months=12_000).after(datetime(9500, 1, 1, tzinfo=UTC), UTC)
