"""Events set the clocks as the law says, and only where they can have happened."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from servanda.desk.requests import identity
from servanda.kernel.errors import UsageError
from tests.desk.requests.desk_world import NOW, RECEIVED, entries, make, opened


def test_a_question_stops_the_clock_until_it_is_answered(each_state: str, tmp_path: Path) -> None:
    desk = make(tmp_path)
    ref, other, third = (opened(desk, email=f"{name}@example.test") for name in "abc")
    first = desk.get(ref).statutory_due
    later = NOW + timedelta(days=7)
    desk.event(ref, "scope_asked", NOW.date(), "ann", "which years?", now=NOW)
    assert (desk.get(ref).state, desk.get(ref).waiting_for) == ("waiting", "scope")
    with pytest.raises(UsageError, match="waits for scope"):
        desk.event(ref, "fee_paid", later.date(), "ann", now=later)
    desk.event(ref, "scope_answered", later.date(), "ann", now=later)
    seen = desk.get(ref)
    assert (seen.state, seen.waiting) == ("received", False)
    assert first is not None
    assert seen.statutory_due == first + timedelta(days=8)
    assert seen.safe_due == first - timedelta(days=1), "the cautious date trusts no pause"
    assert [desk.get(each).statutory_due for each in (other, third)] == [first, first]
    last = entries("request.event")[-1]
    assert (last["event"], last["statutory_due"]) == (
        "scope_answered",
        seen.statutory_due.isoformat(),
    )


@pytest.mark.parametrize(
    ("zone", "hour", "today"),
    [
        ("UTC", 23, date(2026, 11, 27)),
        ("Africa/Nairobi", 23, date(2026, 11, 28)),  # a new day there already
        ("America/Jamaica", 3, date(2026, 11, 26)),  # not yet
    ],
)
def test_days_are_those_of_where_the_policy_is_at_home(
    sqlite_state: str, tmp_path: Path, zone: str, hour: int, today: date
) -> None:
    now = datetime(2026, 11, 27, hour, 30, tzinfo=UTC)
    desk = make(tmp_path, zone=zone)
    with pytest.raises(UsageError, match="after today"):
        opened(desk, received=today + timedelta(days=1), now=now)
    ref = opened(desk, received=today, now=now)
    identity.send_code(desk.book, ref, "phone", by="ann", now=now)
    identity.seen(desk.book, ref, "passport", by="ann", now=now)
    days = {each["event"]: each["on"] for each in entries("request.event")}
    assert days == dict.fromkeys(("identity_asked", "identity_received"), today.isoformat())


def test_what_else_was_asked_still_counts(sqlite_state: str, tmp_path: Path) -> None:
    desk = make(tmp_path)
    ref, other = opened(desk), opened(desk, email="max@example.test")
    day = NOW.date()
    identity.send_code(desk.book, ref, "phone", by="ann", now=NOW)
    desk.event(ref, "scope_asked", day, "ann", now=NOW)
    desk.event(ref, "scope_answered", day, "ann", now=NOW)
    assert (desk.get(ref).state, desk.get(ref).waiting_for) == ("waiting", "identity")
    desk.event(other, "scope_asked", day, "ann", now=NOW)
    identity.seen(desk.book, other, "passport", by="ann", now=NOW)
    assert (desk.get(other).state, desk.get(other).waiting_for) == ("waiting", "scope")
    assert desk.get(other).verified
    desk.event(other, "scope_answered", day, "ann", now=NOW)
    assert desk.get(other).state == "verified"


def test_more_time_is_told_before_the_first_date(sqlite_state: str, tmp_path: Path) -> None:
    desk = make(tmp_path)
    ref, late = opened(desk), opened(desk, email="max@example.test")
    due = desk.get(ref).statutory_due
    assert due is not None
    with pytest.raises(UsageError, match="needs its reason"):
        desk.event(ref, "extended", NOW.date(), "ann", now=NOW)
    after = NOW + timedelta(days=60)
    with pytest.raises(UsageError, match="before the first date"):
        desk.event(late, "extended", due + timedelta(days=1), "ann", "much", now=after)
    assert desk.get(late).statutory_due == due
    desk.event(ref, "extended", due, "ann", "many recordings", now=after)
    assert desk.get(ref).statutory_due == date(2026, 6, 16)
    with pytest.raises(UsageError, match="once"):
        desk.event(ref, "extended", due, "ann", "more", now=after)


@pytest.mark.parametrize(
    ("kind", "day", "said"),
    [
        ("acknowledged", NOW.date() + timedelta(days=1), "after today"),
        ("acknowledged", RECEIVED - timedelta(days=1), "before the request"),
        ("scope_answered", NOW.date(), "possible now"),
        ("instructed", NOW.date(), "possible now"),
        ("customer_told", NOW.date(), "customer's data"),
        ("outcome_told", NOW.date(), "only a complaint"),
        ("identity_received", NOW.date(), "request verify"),
        ("exploded", NOW.date(), "no event"),
    ],
)
def test_what_cannot_have_happened(
    sqlite_state: str, tmp_path: Path, kind: str, day: date, said: str
) -> None:
    desk = make(tmp_path)
    ref = opened(desk)
    with pytest.raises(UsageError) as refused:
        desk.event(ref, kind, day, "ann", now=NOW)
    assert said in str(refused.value)
    assert entries("request.event") == []
    assert desk.get(ref).state == "received"


def test_a_complaint_has_its_own_clock(sqlite_state: str, tmp_path: Path) -> None:
    desk = make(tmp_path)
    july = NOW.replace(month=7)
    ref = opened(desk, "complaint", received=date(2026, 7, 1), now=july)
    assert desk.get(ref).statutory_due == date(2026, 7, 31)
    desk.event(ref, "acknowledged", date(2026, 7, 2), "ann", now=july)
    desk.decide(ref, "act", by="ann", now=july)
    desk.event(ref, "outcome_told", date(2026, 7, 20), "ann", now=july)
    desk.replied(ref, b"you were right", by="ann", now=july)
    desk.close(ref, "upheld", by="ann", now=july)
    assert desk.get(ref).outcome == "upheld"
