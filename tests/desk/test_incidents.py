"""Incidents: sealed, counted, with the law's clocks, and never twice closed."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest

from servanda.desk import breaches, incidents
from servanda.kernel.errors import UsageError
from servanda.kernel.seal import SealBroken
from servanda.ledger import history
from servanda.state.models import Incident, IncidentEvent

pytestmark = pytest.mark.usefixtures("sqlite_state")

MASTER, ANSWER = bytes(range(32)), timedelta(hours=4)
NOW = datetime(2026, 3, 6, 10, 20, tzinfo=UTC)  # a Friday
SECRET = "the laptop of customer twelve"


def opened(text: str = SECRET, **more: object) -> int:
    facts = {"kind": "loss", "severity": "high", "personal": True, "noticed_at": NOW, **more}
    return incidents.open_(MASTER, summary=text, by="member 1", now=NOW, **facts)  # type: ignore[arg-type]


def last(kind: str) -> dict[str, object]:
    found = history.last(kind)
    assert found is not None
    return dict(found.data)


def test_its_life() -> None:
    first, second = opened(), opened("a log-in from nowhere", kind="intrusion", personal=False)
    assert [each.id for each in incidents.listed(MASTER)] == [second, first]
    later = NOW + timedelta(hours=1)
    incidents.add(MASTER, first, "note", note="called the shop", by="member 2", now=later)
    assert incidents.get(MASTER, first).answered_at is None  # a note is no answer
    incidents.add(MASTER, first, "investigating", by="member 2", now=later)
    incidents.add(MASTER, first, "notified", note="form 17", by="member 2", now=later)
    incidents.close(MASTER, first, "resolved", note="it was found", by="member 1", now=later)
    found = incidents.get(MASTER, first)
    assert found.summary == SECRET and found.outcome == "resolved"
    assert (found.answered_at, found.notified_at, found.closed_at) == (later,) * 3
    kinds = ["note", "investigating", "notified", "closed"]
    assert [each.kind for each in found.events] == kinds
    notes = ["called the shop", "", "form 17", "it was found"]
    assert [each.note for each in found.events] == notes
    with pytest.raises(UsageError):
        incidents.close(MASTER, first, "resolved", note="so", by="member 1")
    for id_ in (first, second + 9):
        with pytest.raises(UsageError):
            incidents.add(MASTER, id_, "note", note="so", by="member 1")
    other = incidents.get(MASTER, second)
    assert other.closed_at is None and other.events == ()
    assert [each.id for each in incidents.listed(MASTER, closed=True)] == [first]


def test_nothing_lies_open() -> None:
    id_ = opened()
    incidents.add(MASTER, id_, "note", note=SECRET, by="member 1")
    raw = bytes(Incident.objects.get().summary) + bytes(IncidentEvent.objects.get().note)
    assert SECRET.encode() not in raw
    entries = [json.dumps(dict(e.data)) for e in history.entries()]
    assert entries and not [each for each in entries if "laptop" in each]
    assert last("incident.opened")["severity"] == "high"
    assert last("incident.event")["event"] == "note"
    with pytest.raises(SealBroken):
        incidents.get(bytes(32), id_)
    other = opened("another one")
    Incident.objects.filter(id=other).update(summary=Incident.objects.get(id=id_).summary)
    with pytest.raises(SealBroken):  # a text moved to another incident is not believed
        incidents.get(MASTER, other)


@pytest.mark.parametrize(
    "wrong",
    [
        {"kind": "alien"},
        {"severity": "mild"},
        {"text": "  "},
        {"noticed_at": NOW + timedelta(hours=1)},
        {"noticed_at": NOW.replace(tzinfo=None)},
    ],
)
def test_what_makes_no_sense_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(UsageError):
        opened(**wrong)  # type: ignore[arg-type]
    assert not Incident.objects.exists() and history.last("incident.opened") is None


def test_the_count_of_those_nobody_looks_into() -> None:
    first, second, third = opened(), opened(), opened()
    soon, late = NOW + timedelta(hours=3), NOW + timedelta(hours=5)
    assert incidents.census(ANSWER, now=soon) == {"open": 3, "unanswered": 0}
    incidents.add(MASTER, second, "investigating", by="member 1", now=soon)
    incidents.close(MASTER, third, "false_alarm", note="a test", by="member 1", now=soon)
    assert incidents.census(ANSWER, now=late) == {"open": 2, "unanswered": 1}
    counted = last("incidents.census")
    assert (counted["open"], counted["unanswered"]) == (2, 1)
    incidents.add(MASTER, first, "contained", by="member 1", now=late)
    assert incidents.census(ANSWER, now=late) == {"open": 2, "unanswered": 0}


def test_until_when_an_authority_is_told() -> None:
    (due,) = breaches.clocks(["GB-NIR"], NOW)
    assert due.safe == NOW + timedelta(hours=72)  # the weekend counts
    assert due.latest == datetime(2026, 3, 9, 11, 0, tzinfo=UTC)
    assert due.source == "UK GDPR art. 33(1)" and due.verified
    found = breaches.clocks(["PR", "GB", "GB-NIR", "US-CA"], NOW)
    assert [each.source for each in found] == ["UK GDPR art. 33(1)", "10 L.P.R.A. s.4052"]
