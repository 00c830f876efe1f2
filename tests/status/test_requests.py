"""Promises about requests: overdue breaks them, silence proves nothing, history stays true."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from servanda.status import Verdict, board
from servanda.status.board import Row
from tests.status.entries import Ledger, day, promise

ACCESS = "rights.access"


def ledger(*controls: str, **changes: Any) -> Ledger:
    made = Ledger()
    promises = [promise(f"P-{n}", each) for n, each in enumerate(controls or (ACCESS,), 1)]
    made.policy("2026-01-01", *promises, **changes)
    return made


def received(made: Ledger, at: str, ref: str, due: str | None, **body: Any) -> None:
    entry = {"right": "access", "place": "KE", "via": "mail", "tenant": None, **body}
    made.add("request.received", at, request=ref, due=due, **entry)


def censuses(made: Ledger, *days: str, **body: Any) -> None:
    for each in days:
        made.add("requests.census", each, open=0, overdue=0, acting=0, **body)
    made.entries.sort(key=lambda pair: pair[1]["at"])
    made.entries = [(index, entry) for index, (_, entry) in enumerate(made.entries)]


def row(made: Ledger, as_of: str | datetime) -> Row:
    moment = day(as_of) if isinstance(as_of, str) else as_of
    until = [pair for pair in made.entries if datetime.fromisoformat(pair[1]["at"]) <= moment]
    first = board(made.entries, moment).rows[0]
    # What comes later in the ledger says nothing about an earlier moment.
    assert board(until, moment).rows[0].verdict is first.verdict
    return first


def why(found: Row) -> str:
    return found.checks[0].why


def test_a_request_past_its_day_breaks_the_promise_until_it_is_answered() -> None:
    made = ledger()
    received(made, "2026-03-02", "1", "2026-03-09")
    received(made, "2026-03-02", "2", "2026-03-20")
    made.add("request.replied", "2026-03-14", request="1", letter="d", says=["complaint"])
    censuses(made, *(f"2026-03-{n:02d}" for n in range(1, 17)))
    assert why(row(made, "2026-03-01")) == "no request yet"
    assert why(row(made, "2026-03-09")) == "0 answered in time, 2 open, none overdue"
    late = row(made, "2026-03-10")
    assert (late.verdict, why(late)) == (
        Verdict.BROKEN,
        "past the day and unanswered: request 1",
    )
    after = row(made, "2026-03-15")
    assert (after.verdict, why(after)) == (
        Verdict.KEPT,
        "0 answered in time, 1 late, 1 open, none overdue",
    )
    # It stays in the history that it was broken, from the end of the day that was due.
    changes = [(at, verdict) for at, verdict in after.history if verdict is Verdict.BROKEN]
    assert changes == [(datetime(2026, 3, 10, tzinfo=UTC), Verdict.BROKEN)]
    assert Verdict.BROKEN in after.strip


def test_a_reply_that_is_not_all_answers_nothing() -> None:
    made = ledger()
    for number in ("1", "2"):
        received(made, "2026-03-02", number, "2026-03-09")
        whole = number == "2"
        said = {"letter": "d", "says": ["complaint"], "finished": whole}
        made.add("request.replied", "2026-03-05", request=number, **said)
    censuses(made, "2026-03-09", "2026-03-10")
    assert why(row(made, "2026-03-10")) == "past the day and unanswered: request 1"


def test_a_day_ends_at_midnight_where_the_policy_is() -> None:
    made = ledger(zone="Africa/Nairobi")
    received(made, "2026-03-02", "1", "2026-03-09")
    censuses(made, "2026-03-09")
    midnight = datetime(2026, 3, 9, 21, tzinfo=UTC)
    assert row(made, midnight - timedelta(seconds=1)).verdict is Verdict.KEPT
    assert row(made, midnight).verdict is Verdict.BROKEN


def test_nobody_looking_proves_nothing() -> None:
    made = ledger()
    assert row(made, "2026-01-02").verdict is Verdict.UNPROVEN
    censuses(made, "2026-01-02")
    assert row(made, "2026-01-03").verdict is Verdict.KEPT
    silent = row(made, "2026-01-05")
    assert (silent.verdict, why(silent)) == (
        Verdict.UNPROVEN,
        "nobody has looked at the requests since 2026-01-02",
    )


def test_what_is_overdue_is_broken_whether_or_not_somebody_looks() -> None:
    made = ledger()
    received(made, "2026-03-02", "1", "2026-03-09")
    assert row(made, "2026-03-30").verdict is Verdict.BROKEN


def test_a_date_moves_with_what_happens() -> None:
    made = ledger()
    received(made, "2026-03-02", "1", "2026-03-09")
    made.add("request.event", "2026-03-05", request="1", event="extended", due="2026-05-02")
    censuses(made, "2026-03-15")
    assert row(made, "2026-03-15").verdict is Verdict.KEPT
    late = ledger()
    received(late, "2026-03-02", "1", "2026-03-09")
    late.add("request.event", "2026-03-12", request="1", event="extended", due="2026-05-02")
    censuses(late, "2026-03-15")
    assert row(late, "2026-03-11").verdict is Verdict.BROKEN
    assert row(late, "2026-03-15").verdict is Verdict.KEPT
    # An event that says nothing of the date leaves it as it is.
    same = ledger()
    received(same, "2026-03-02", "1", "2026-03-09")
    same.add("request.event", "2026-03-05", request="1", event="scope_answered")
    assert row(same, "2026-03-15").verdict is Verdict.BROKEN


def test_rights_are_judged_apart_and_no_day_is_no_breach() -> None:
    made = ledger("rights.erasure", "rights.access")
    received(made, "2026-03-02", "1", "2026-03-09")
    received(made, "2026-03-02", "2", None, right="erasure")
    censuses(made, "2026-03-15")
    found = {each.id: each.verdict for each in board(made.entries, day("2026-03-15")).rows}
    assert found == {"P-1": Verdict.KEPT, "P-2": Verdict.BROKEN}


def test_a_routed_request_is_the_customers_until_it_is_instructed() -> None:
    made = ledger("requests.routing", ACCESS)
    received(made, "2026-03-02", "1", "2026-03-09", tenant="acme")
    received(made, "2026-03-02", "2", "2026-03-09", tenant="bolt")
    made.add("request.routed", "2026-03-04", request="1", tenant="acme")
    made.add("request.routed", "2026-03-09", request="2", tenant="bolt")
    made.add("request.event", "2026-03-20", request="1", event="instructed", due="2026-03-27")
    censuses(made, *(f"2026-03-{n:02d}" for n in range(8, 31)))
    assert why(row(made, "2026-03-08")) == "1 routed in time, 1 open, none overdue"
    assert row(made, "2026-03-12").verdict is Verdict.KEPT
    verdicts = {each.id: each.verdict for each in board(made.entries, day("2026-03-28")).rows}
    assert verdicts == {"P-1": Verdict.KEPT, "P-2": Verdict.BROKEN}


def test_a_request_of_a_customers_person_that_is_not_routed_breaks_the_promise() -> None:
    made = ledger("requests.routing")
    received(made, "2026-03-02", "1", "2026-03-09", tenant="acme")
    received(made, "2026-03-02", "2", "2026-03-09")
    censuses(made, "2026-03-10")
    found = row(made, "2026-03-10")
    assert why(found) == "past the day and not routed: request 1"
    assert found.history[0] == (datetime(2026, 3, 10, tzinfo=UTC), Verdict.BROKEN)


@pytest.mark.parametrize("decision", ["refuse", "part"])
def test_a_refusal_without_a_ground_or_a_letter_breaks_the_promise(decision: str) -> None:
    made = ledger("requests.refusals")
    received(made, "2026-03-02", "1", "2026-03-09")
    made.add("request.decided", "2026-03-03", request="1", decision=decision, grounds=[])
    made.add("request.decided", "2026-03-05", request="1", decision=decision, grounds=["exempt"])
    made.add("request.closed", "2026-03-07", request="1", outcome="refused", on="2026-03-07")
    made.add("request.replied", "2026-03-09", request="1", letter="d", says=["reasons"])
    censuses(made, *(f"2026-03-{n:02d}" for n in range(1, 11)))
    told = [why(row(made, f"2026-03-{n:02d}")) for n in (2, 4, 6, 8, 10)]
    assert told == [
        "nothing was refused yet",
        "refused without a ground: request 1",
        "1 refused, each with its ground",
        "refused without a letter: request 1",
        "1 refused, each with its ground",
    ]


def test_complaints_are_acknowledged_and_replies_name_the_regulator() -> None:
    made = ledger("requests.complaints")
    received(made, "2026-03-02", "1", "2026-03-09", right="complaint")
    made.add("request.event", "2026-03-05", request="1", event="acknowledged")
    received(made, "2026-03-02", "2", "2026-04-01")
    made.add("request.replied", "2026-03-11", request="2", letter="d", says=["reasons"])
    made.add("request.replied", "2026-03-13", request="2", letter="e")
    says = ["reasons", "complaint_to_regulator"]
    made.add("request.replied", "2026-03-15", request="2", letter="f", says=says)
    censuses(made, *(f"2026-03-{n:02d}" for n in range(3, 17)))
    acknowledged = row(made, "2026-03-10")
    assert acknowledged.verdict is Verdict.KEPT
    assert why(acknowledged).endswith("complaints: 1 acknowledged in time, 0 open, none overdue")
    assert [row(made, f"2026-03-{n}").verdict for n in (12, 14, 16)] == [
        Verdict.BROKEN,
        Verdict.UNPROVEN,
        Verdict.KEPT,
    ]


def test_what_is_found_of_a_child_is_erased_in_time_not_only_answered() -> None:
    made = ledger("requests.children")
    received(made, "2026-03-02", "1", "2026-03-09", right="erasure", because="under 18")
    received(made, "2026-03-02", "2", "2026-03-09", right="erasure")
    made.add("request.replied", "2026-03-05", request="1", letter="d", says=["complaint"])
    made.add("request.acted", "2026-03-06", requests=["1"], run="r", complete=False, stores=[])
    made.add("request.acted", "2026-03-12", requests=["1"], run="s", complete=True, stores=[])
    censuses(made, *(f"2026-03-{n:02d}" for n in range(3, 17)))
    assert row(made, "2026-03-08").verdict is Verdict.KEPT
    assert why(row(made, "2026-03-11")) == "past the day and not erased: request 1"
    assert why(row(made, "2026-03-13")) == "0 erased in time, 1 late, 0 open, none overdue"


def test_a_restored_store_must_be_replayed() -> None:
    made = ledger("requests.replay")
    censuses(made, "2026-03-01")
    assert row(made, "2026-03-01").verdict is Verdict.UNPROVEN
    censuses(made, "2026-03-02", restored={})
    assert why(row(made, "2026-03-02")) == "no store was restored"
    censuses(made, "2026-03-03", "2026-03-05", restored={"crm": "2026-03-02T20:00:00+00:00"})
    assert why(row(made, "2026-03-03")) == "restored, and not replayed since: crm"
    made.add("replay", "2026-03-05T10:00:00+00:00", stores=["pbx"], found=1, left=0)
    assert row(made, "2026-03-05").verdict is Verdict.BROKEN
    made.add("replay", "2026-03-05T11:00:00+00:00", stores=["crm"], found=2, left=1)
    assert "could not be erased again" in why(row(made, "2026-03-05"))
    away = {"stores": ["crm"], "found": 1, "left": 0}
    made.add("replay", "2026-03-05T11:10:00+00:00", **away, unreachable=["crm"])
    assert row(made, "2026-03-05").verdict is Verdict.BROKEN
    made.add("replay", "2026-03-05T11:20:00+00:00", **away, doubtful=1, unreachable=[])
    assert row(made, "2026-03-05").verdict is Verdict.UNPROVEN
    made.add("replay", "2026-03-05T11:30:00+00:00", **away, doubtful=0, unreachable=[])
    assert row(made, "2026-03-05").verdict is Verdict.KEPT


def test_many_overdue_are_counted_and_a_few_are_named() -> None:
    made = ledger()
    for n in range(1, 6):
        received(made, "2026-03-02", str(n), "2026-03-09")
    assert why(row(made, "2026-03-30")) == (
        "past the day and unanswered: request 1, 2, 3 and 2 more"
    )


_STEP = st.tuples(
    st.sampled_from(["received", "replied", "closed", "routed", "extended", "instructed"]),
    st.sampled_from(["1", "2", "3"]),
    st.integers(1, 9),
)


@given(steps=st.lists(_STEP, max_size=25), looked=st.integers(0, 40))
def test_the_verdict_is_that_of_a_plain_reading_of_the_ledger(
    steps: list[tuple[str, str, int]], looked: int
) -> None:
    """An oracle that knows no spans: it replays the entries up to the day it is asked of."""
    made = ledger()
    start = date(2026, 3, 1)
    happened: list[tuple[date, str, str, date]] = []
    for n, (what, ref, length) in enumerate(steps):
        on = start + timedelta(days=n)
        due = on + timedelta(days=length)
        happened.append((on, what, ref, due))
        if what == "received":
            received(made, on.isoformat(), ref, due.isoformat())
        elif what in ("extended", "instructed"):
            body = {"event": what, "due": due.isoformat()}
            made.add("request.event", on.isoformat(), request=ref, **body)
        else:
            made.add(f"request.{what}", on.isoformat(), request=ref, says=["complaint"])
    today = start + timedelta(days=looked)
    running: dict[str, date] = {}
    known: set[str] = set()
    for on, what, ref, due in happened:
        if on > today:
            break
        if what == "received" or (what == "instructed" and ref in known):
            known.add(ref)
            running[ref] = due
        elif what == "extended" and ref in running:
            running[ref] = due
        elif what in ("replied", "closed", "routed"):
            running.pop(ref, None)
    overdue = any(due < today for due in running.values())
    assert (row(made, today.isoformat()).verdict is Verdict.BROKEN) == overdue
