"""The arithmetic of deadlines: worked examples, the law of the day, and what must always hold."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from servanda.kernel.errors import UsageError
from servanda.law import clock, codes, find
from servanda.law.days import is_working, later, rolled
from servanda.law.holidays import years


class Example(NamedTuple):
    place: str
    what: str
    received: str
    due: str
    events: dict[str, str] = {}  # noqa: RUF012
    safe: str = ""


EXAMPLES = [
    Example("GB-ENG", "access", "2026-09-03", "2026-10-05", safe="2026-10-02"),  # 3 Oct: Saturday
    Example("GB-NIR", "erasure", "2026-02-28", "2026-03-30", safe="2026-03-27"),  # came on Saturday
    Example("GB-ENG", "access", "2026-02-17", "2026-03-17", safe="2026-03-16"),
    Example("GB-NIR", "access", "2026-02-17", "2026-03-18", safe="2026-03-16"),  # St Patrick's Day
    Example("GB-ENG", "access", "2026-11-30", "2027-03-01", {"extended": "2026-12-10"}),  # 28 Feb
    Example(
        "GB-ENG",
        "access",
        "2026-03-02",
        "2026-04-10",
        {"scope_asked": "2026-03-05", "scope_answered": "2026-03-12"},
        safe="2026-04-01",
    ),
    Example("GB", "complaint", "2026-06-19", "2026-07-20", safe="2026-07-18"),
    Example("GB", "complaint", "2026-11-22", "2026-12-22", safe="2026-12-21"),
    Example("KE", "access", "2026-11-29", "2026-12-07", safe="2026-12-06"),  # the 6th is a Sunday
    Example("KE", "access", "2026-11-28", "2026-12-05", safe="2026-12-05"),  # a Saturday counts
    Example("KE", "portability", "2026-11-27", "2026-12-28", safe="2026-12-27"),
    Example("PR", "breach_regulator", "2026-11-22", "2026-12-02", safe="2026-12-02"),
    Example("US-CA", "access", "2026-01-01", "2026-02-15", safe="2026-02-14"),  # a Sunday
    Example("US-CA", "erasure", "2026-01-01", "2026-04-01", {"extended": "2026-02-01"}),  # 90 days
    Example("US-CA", "acknowledgement", "2026-12-21", "2027-01-06"),  # Christmas and New Year
    # The identity restarts the clock under the new law, and did not under the old one.
    Example("GB-ENG", "access", "2026-03-02", "2026-04-20", {"identity_received": "2026-03-20"}),
    Example("GB-ENG", "access", "2026-01-05", "2026-02-05", {"identity_received": "2026-01-20"}),
    # Asking what is meant stops the clock of an access request only, and only in Britain.
    Example(
        "GB-ENG",
        "erasure",
        "2026-03-02",
        "2026-04-02",
        {"scope_asked": "2026-03-05", "scope_answered": "2026-03-12"},
    ),
    Example(
        "EU-DE",
        "access",
        "2026-03-02",
        "2026-04-02",
        {"scope_asked": "2026-03-05", "scope_answered": "2026-03-12"},
    ),
    Example("EU-DE", "access", "2026-01-31", "2026-03-02", safe="2026-02-27"),  # clamped, Saturday
    Example("JM", "access", "2026-11-01", "2026-12-15", {"fee_paid": "2026-11-15"}),
]


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda e: f"{e.place} {e.what} {e.received}")
def test_example(example: Example) -> None:
    events = {name: date.fromisoformat(day) for name, day in example.events.items()}
    found = clock(find(example.place), example.what, date.fromisoformat(example.received), events)
    assert found.statutory_due == date.fromisoformat(example.due)
    if example.safe:
        assert found.safe_due == date.fromisoformat(example.safe)
    assert found.steps[0].startswith(found.rule.source)


def test_hours_run_straight_through_the_weekend() -> None:
    friday = datetime(2026, 11, 20, 16, 40, tzinfo=UTC)
    found = clock(find("EU-IE"), "breach_regulator", friday)
    assert found.safe_due == datetime(2026, 11, 23, 16, 40, tzinfo=UTC)
    assert found.statutory_due == datetime(2026, 11, 23, 17, 0, tzinfo=UTC)
    kenya = clock(find("KE"), "breach_processor", friday)
    assert kenya.safe_due == kenya.statutory_due == datetime(2026, 11, 22, 16, 40, tzinfo=UTC)
    with pytest.raises(UsageError, match="moment"):
        clock(find("KE"), "breach_processor", date(2026, 11, 20))


def test_a_question_that_was_not_answered_is_shown_as_waiting() -> None:
    asked = {"scope_asked": date(2026, 3, 5)}
    found = clock(find("GB-ENG"), "access", date(2026, 3, 2), asked)
    assert found.waiting
    assert not clock(find("EU-IE"), "access", date(2026, 3, 2), asked).waiting


@pytest.mark.parametrize(
    ("place", "what", "received", "events", "said"),
    [
        ("GB", "complaint", "2026-06-18", {}, "had no deadline"),  # in force the day after
        ("PR", "access", "2026-06-18", {}, "sets no deadline"),
        ("US-CA", "acess", "2026-06-18", {}, "acess"),
        ("EU-FR", "access", "2026-03-02", {"extended": "2026-04-03"}, "before the first date"),
        ("KE", "access", "2026-03-02", {"extended": "2026-03-03"}, "allows no longer period"),
        ("GB", "access", "2026-03-02", {"fee_payed": "2026-03-03"}, "fee_payed"),
        ("GB", "access", "2026-03-02", {"fee_paid": "2026-03-01"}, "before the request"),
        ("GB", "access", "2026-03-02", {"scope_answered": "2026-03-04"}, "scope_asked"),
        ("GB", "access", "2044-03-02", {}, "2044"),
    ],
)
def test_what_cannot_be_computed_says_why(
    place: str, what: str, received: str, events: dict[str, str], said: str
) -> None:
    days = {name: date.fromisoformat(day) for name, day in events.items()}
    with pytest.raises(UsageError, match=said):
        clock(find(place), what, date.fromisoformat(received), days)


def test_a_place_that_is_not_known_says_what_was_meant() -> None:
    with pytest.raises(UsageError) as refused:
        find("GB-NRI")
    assert refused.value.remedy == 'did you mean "GB-NIR"?'
    assert find("DE").code == "EU-DE"
    assert find("gb-nir").name == "Northern Ireland"


def test_a_right_reached_by_others_says_by_which() -> None:
    with pytest.raises(UsageError, match="no right of erasure") as told:
        clock(find("JM"), "erasure", date(2026, 11, 2))
    assert told.value.remedy == "ask for rectification or object"


DAYS = st.dates(date(years()[0], 1, 1), date(years()[-1] - 1, 6, 30))
DATED = [
    (code, what)
    for code in codes()
    for rule in find(code).law.clocks
    if rule.unit != "hours" and rule.until is None
    for what in rule.what
]


@given(DAYS, st.sampled_from(DATED))
def test_the_cautious_date_is_never_later_and_no_end_falls_on_a_day_off(
    day: date, case: tuple[str, str]
) -> None:
    place = find(case[0])
    try:
        found = clock(place, case[1], day)
    except UsageError:  # before that law
        return
    assert found.safe_due <= found.statutory_due
    assert day < found.safe_due
    assert isinstance(found.statutory_due, date)
    if found.rule.roll == "weekends":
        assert is_working(found.statutory_due, place)


@given(DAYS, st.sampled_from(DATED), st.integers(1, 20))
def test_who_asks_later_is_not_answered_earlier(
    day: date, case: tuple[str, str], more: int
) -> None:
    place = find(case[0])
    try:
        one, other = (clock(place, case[1], d) for d in (day, day + timedelta(days=more)))
    except UsageError:
        return
    if one.rule == other.rule:
        assert one.statutory_due <= other.statutory_due


@given(DAYS, st.integers(1, 24))
def test_months_end_on_the_same_date_or_the_last(day: date, months: int) -> None:
    end = later(day, months, "months", find("GB"))
    assert (end.year * 12 + end.month) - (day.year * 12 + day.month) == months
    assert end.day == day.day or (end.day < day.day and (end + timedelta(days=1)).day == 1)


@given(DAYS)
def test_rolling_is_short_and_ends(day: date) -> None:
    for code in ("GB-NIR", "KE", "EU-HR"):
        for roll in ("weekends", "sundays"):
            assert timedelta() <= rolled(day, roll, find(code)) - day <= timedelta(days=5)
