"""Promises about access, callers, enquiries, the portal and incidents: broken, kept, unproven."""

from __future__ import annotations

from typing import Any

import pytest

from servanda.desk.roles import GRANTS, May, Role
from servanda.status import Verdict, board
from servanda.status.access_checks import ROLES
from servanda.status.board import Row
from servanda.status.faces import MAY_LISTEN
from tests.status.entries import Ledger, day, promise

ACCESS = (
    "access.second-factor",
    "access.roles",
    "access.purpose",
    "access.recordings",
    "callers.verified",
)
PORTAL = ("enquiries.erased", "portal.corrections")
EVERY = (*ACCESS, *PORTAL, "incidents.register")


def ledger(*controls: str) -> Ledger:
    """A policy with one promise for each control, and a day on which somebody looked."""
    made = Ledger()
    made.policy("2026-01-01", *(promise(each, each) for each in controls))
    check(made, "2026-01-02T01:00:00+00:00", "ACME-1")
    look(made, "2026-01-02")
    return made


def look(made: Ledger, at: str, **changes: Any) -> None:
    """All three censuses, as on a good day; what is named is otherwise."""
    good: dict[str, dict[str, Any]] = {
        "access.census": {
            "roles": {"owner": 1, "support": 2},
            "without_second_factor": 0,
            "reads": 0,
            "refused": 0,
            "without_purpose": 0,
        },
        "portal.census": {"up": ["portal", "corrections", "enquiries", "policy"], "requests": 1},
        "incidents.census": {"open": 0, "unanswered": 0},
    }
    for kind, body in good.items():
        made.add(kind, at, **{k: changes.get(k, v) for k, v in body.items()})


def check(made: Ledger, at: str, customer: str, outcome: str = "verified", by: str = "7") -> None:
    made.add("caller.checked", at, customer=customer, outcome=outcome, by=by)


def read(made: Ledger, at: str, what: str = "request", **changes: Any) -> None:
    body = {"by": "7", "role": "owner", "purpose": "rights", "scope": "request:1", "task": "t"}
    made.add("access.read", at, what=what, **{**body, **changes})


def row(made: Ledger, control: str, as_of: str) -> Row:
    return next(r for r in board(made.entries, day(as_of)).rows if r.id == control)


def verdict(made: Ledger, control: str, as_of: str) -> Verdict:
    return row(made, control, as_of).verdict


def broken_from(made: Ledger, control: str, as_of: str, on: str, until: str) -> None:
    """It was broken from a day on, is no more, and stays in the history."""
    found = row(made, control, as_of)
    assert found.verdict is Verdict.KEPT
    changes = [(f"{at:%m-%d}", each) for at, each in reversed(found.history)]
    place = changes.index((on, Verdict.BROKEN))
    assert changes[place + 1] == (until, Verdict.KEPT)
    assert Verdict.BROKEN in found.strip


@pytest.mark.parametrize("control", EVERY)
def test_silence_is_never_kept(control: str) -> None:
    made = Ledger()
    made.policy("2026-01-01", promise(control, control))
    check(made, "2026-01-01", "ACME-1")
    assert verdict(made, control, "2026-01-01") is Verdict.UNPROVEN
    look(made, "2026-01-02")
    assert verdict(made, control, "2026-01-03") is Verdict.KEPT
    silent = row(made, control, "2026-01-05")
    assert silent.verdict is Verdict.UNPROVEN
    assert "since 2026-01-02" in silent.checks[0].why
    assert [v for _, v in silent.history] == [Verdict.UNPROVEN, Verdict.KEPT, Verdict.UNPROVEN]


CENSUS = (
    ("access.second-factor", {"without_second_factor": 1}, "1 of 3 members"),
    ("access.roles", {"roles": {"owner": 1, "king": 2}}, "2 members have a role"),
    ("access.roles", {"roles": {"support": 2, "owner": 0}}, "nobody is the owner"),
    ("portal.corrections", {"up": ["portal", "enquiries"]}, "offers no corrections"),
    ("incidents.register", {"open": 3, "unanswered": 2}, "2 that nobody looks into"),
)


@pytest.mark.parametrize(("control", "fault", "why"), CENSUS)
def test_a_census_that_finds_fault_breaks_the_promise_until_the_next(
    control: str, fault: dict[str, Any], why: str
) -> None:
    made = ledger(*EVERY)
    look(made, "2026-01-03", **fault)
    found = row(made, control, "2026-01-03")
    assert found.verdict is Verdict.BROKEN
    assert why in found.checks[0].why
    others = {r.id for r in board(made.entries, day("2026-01-03")).rows if r.verdict == "broken"}
    assert others == {control}
    assert verdict(made, control, "2026-01-30") is Verdict.BROKEN  # nobody looked since
    look(made, "2026-01-31")
    broken_from(made, control, "2026-01-31", "01-03", "01-31")


def test_nobody_there_proves_nothing() -> None:
    made = ledger("access.second-factor", "access.roles")
    look(made, "2026-01-03", roles={})
    for control in ("access.second-factor", "access.roles"):
        assert verdict(made, control, "2026-01-03") is Verdict.UNPROVEN


WRONGS: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("access.purpose", "request", {"purpose": None}),
    ("access.recordings", "recording 5", {"task": None}),
    ("access.recordings", "recording 5", {"role": "support"}),
    ("access.recordings", "recording 5", {"role": "nobody"}),
    ("callers.verified", "customer shown to caller", {"scope": "customer:BOLT-2"}),
    ("callers.verified", "customer shown to caller", {"scope": "customer:ACME-1", "by": "8"}),
    ("callers.verified", "customer shown to caller", {"scope": "customer:ACME-1"}),
)


@pytest.mark.parametrize(("control", "what", "wrong"), WRONGS)
def test_a_wrong_read_breaks_the_promise_until_a_census_a_heartbeat_later(
    control: str, what: str, wrong: dict[str, Any]
) -> None:
    made = ledger(*ACCESS)
    check(made, "2026-01-03T08:00:00+00:00", "ACME-1")
    check(made, "2026-01-03T08:30:00+00:00", "ACME-1", by="9")
    read(made, "2026-01-03T08:40:00+00:00", "recording 4")
    read(made, "2026-01-03T08:50:00+00:00", "customer shown to caller", scope="customer:ACME-1")
    assert verdict(made, control, "2026-01-03") is Verdict.KEPT
    read(made, "2026-01-03T09:00:01+00:00", what, **wrong)
    found = board(made.entries, day("2026-01-03")).rows
    assert {r.id for r in found if r.verdict is Verdict.BROKEN} == {control}
    assert "last on 2026-01-03 (entry 9)" in row(made, control, "2026-01-03").checks[0].why
    for number in (4, 5):
        look(made, f"2026-01-{number:02d}")
        assert verdict(made, control, f"2026-01-{number:02d}") is Verdict.BROKEN
    look(made, "2026-01-06")  # two days are the heartbeat
    broken_from(made, control, "2026-01-06", "01-03", "01-06")


def test_a_census_that_counted_reads_without_a_purpose_breaks_the_promise() -> None:
    made = ledger("access.purpose")
    read(made, "2026-01-03")
    made.add("access.refused", "2026-01-03", by="7", scope="request:2", what="request", why="x")
    assert "1 reads, each" in row(made, "access.purpose", "2026-01-03").checks[0].why
    assert "1 refused" in row(made, "access.purpose", "2026-01-03").checks[0].why
    look(made, "2026-01-04", without_purpose=2)
    assert verdict(made, "access.purpose", "2026-01-04") is Verdict.BROKEN
    look(made, "2026-01-05")
    assert verdict(made, "access.purpose", "2026-01-05") is Verdict.BROKEN
    look(made, "2026-01-07")
    broken_from(made, "access.purpose", "2026-01-07", "01-04", "01-07")


def test_a_caller_who_was_turned_away_is_verified_no_more() -> None:
    made = ledger("callers.verified")
    for customer in ("ACME-1", "BOLT-2"):
        check(made, "2026-01-03T08:00:00+00:00", customer)
    check(made, "2026-01-03T08:10:00+00:00", "ACME-1", "refused")
    shown = "customer shown to caller"
    read(made, "2026-01-03T08:20:00+00:00", shown, scope="customer:BOLT-2")
    found = row(made, "callers.verified", "2026-01-03")
    assert found.verdict is Verdict.KEPT
    assert found.checks[0].why == "3 callers verified, 1 turned away"
    read(made, "2026-01-03T08:21:00+00:00", shown, scope="customer:ACME-1")
    assert verdict(made, "callers.verified", "2026-01-03") is Verdict.BROKEN


def test_a_caller_desk_that_nobody_uses_proves_nothing() -> None:
    made = Ledger()
    made.policy("2026-01-01", promise("callers.verified", "callers.verified"))
    look(made, "2026-01-02")
    assert verdict(made, "callers.verified", "2026-01-02") is Verdict.UNPROVEN


def test_what_is_left_of_a_closed_enquiry_breaks_the_promise_until_it_is_gone() -> None:
    made = ledger("enquiries.erased")
    made.add("enquiry.closed", "2026-01-03", enquiry="a", fields=4, left=0)
    made.add("enquiry.closed", "2026-01-03T03:00:00+00:00", enquiry="b", fields=3, left=1)
    made.add("enquiry.closed", "2026-01-03T04:00:00+00:00", enquiry="c", fields=4, left=0)
    found = row(made, "enquiries.erased", "2026-01-03")
    assert found.verdict is Verdict.BROKEN
    assert found.checks[0].why == "personal data is left in 1 closed enquiries"
    look(made, "2026-01-04")
    assert verdict(made, "enquiries.erased", "2026-01-04") is Verdict.BROKEN  # time mends nothing
    made.add("enquiry.closed", "2026-01-05", enquiry="b", fields=1, left=0)
    broken_from(made, "enquiries.erased", "2026-01-05", "01-03", "01-05")


def test_a_form_that_is_not_served_proves_nothing_of_enquiries() -> None:
    made = ledger("enquiries.erased")
    look(made, "2026-01-03", up=["portal", "corrections"])
    assert verdict(made, "enquiries.erased", "2026-01-03") is Verdict.UNPROVEN


def test_roles_are_those_of_the_desk() -> None:
    assert set(ROLES) == {role.value for role in Role}
    assert set(MAY_LISTEN) == {role.value for role in Role if May.RECORDINGS in GRANTS[role]}
