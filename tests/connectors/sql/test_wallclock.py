"""Instants as constants of a wall clock that jumps."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from servanda.connectors.sql import wallclock
from servanda.kernel.predicate import Edge

LONDON = ZoneInfo("Europe/London")  # 2025-10-26 01:00 UTC: 02:00 becomes 01:00
AUTUMN = datetime(2025, 10, 26, 1, tzinfo=UTC)
SPRING = datetime(2025, 3, 30, 1, tzinfo=UTC)  # 01:00 becomes 02:00


def earliest(reading: datetime) -> datetime:
    return min(reading.replace(tzinfo=LONDON, fold=f).astimezone(UTC) for f in (0, 1))


def latest(reading: datetime) -> datetime:
    return max(reading.replace(tzinfo=LONDON, fold=f).astimezone(UTC) for f in (0, 1))


def real(reading: datetime) -> bool:
    """The wall clock shows this reading at some instant."""
    there = reading.replace(tzinfo=LONDON).astimezone(UTC).astimezone(LONDON)
    return there.replace(tzinfo=None) == reading


minutes = st.integers(-36 * 60, 36 * 60)


@given(offset=minutes, apart=minutes, jump=st.sampled_from([AUTUMN, SPRING]))
@example(offset=-30, apart=-30, jump=AUTUMN)
@example(offset=-30, apart=-50, jump=AUTUMN)
@example(offset=30, apart=-10, jump=AUTUMN)
def test_the_constant_decides_as_the_instant_does(offset: int, apart: int, jump: datetime) -> None:
    instant = jump + timedelta(minutes=offset)
    reading = (jump + timedelta(minutes=apart)).replace(tzinfo=None) + timedelta(hours=1)
    if not real(reading):
        return
    ceiling = reading <= wallclock.greatest_reading(instant, LONDON, "start")
    floor = reading <= wallclock.greatest_reading(instant, LONDON, "end")
    assert ceiling == (earliest(reading) <= instant)
    assert floor == (latest(reading) <= instant)


@pytest.mark.parametrize(
    ("instant", "edge", "day"),
    [
        (datetime(2025, 6, 30, 22, 59, tzinfo=UTC), "start", date(2025, 6, 30)),
        (datetime(2025, 6, 30, 23, 0, tzinfo=UTC), "start", date(2025, 7, 1)),  # summer in London
        (datetime(2025, 6, 30, 22, 59, tzinfo=UTC), "end", date(2025, 6, 29)),
        (datetime(2025, 6, 30, 23, 0, tzinfo=UTC), "end", date(2025, 6, 30)),
    ],
)
def test_days_begin_and_end_locally(instant: datetime, edge: Edge, day: date) -> None:
    assert wallclock.greatest_day(instant, LONDON, edge) == day


def test_months_and_years() -> None:
    instant = datetime(2025, 3, 1, 0, 0, tzinfo=UTC)
    assert wallclock.greatest_month(instant, LONDON, "start") == date(2025, 3, 1)
    assert wallclock.greatest_month(instant, LONDON, "end") == date(2025, 2, 1)
    assert wallclock.greatest_year(instant, LONDON, "start") == 2025
    assert wallclock.greatest_year(instant, LONDON, "end") == 2024
