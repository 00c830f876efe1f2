"""Caller checks: what verifies, what refuses, how often may be tried, how long it counts."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from servanda.desk import callers
from servanda.desk.contacts import Details, Known, List
from servanda.kernel.errors import UsageError
from servanda.ledger import history
from servanda.state.models import CallerCheck, CallerCode, Customer

NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
JO = Details("Jo Doe", "head of IT", "028 9000 0011", "jo@acme.test")
KIM = Details("Kim Roe", "office", "", "")


@pytest.fixture
def contacts(each_state: str) -> List:
    return List(b"k" * 32, "GB")


@pytest.fixture
def acme(contacts: List) -> Customer:
    return contacts.add_customer("Acme Ltd")


@pytest.fixture
def jo(contacts: List, acme: Customer) -> int:
    return contacts.add(acme, JO, by="member 1", codeword="blue elephant", now=NOW)


def test_it_counts_for_an_hour_and_one_member(contacts: List, acme: Customer, jo: int) -> None:
    assert callers.verified_until(acme, "member 2", NOW) is None
    assert callers.codeword(contacts, acme, jo, "Blue Elephant", by="member 2", now=NOW)
    later = NOW + 59 * MINUTE
    assert callers.verified_until(acme, "member 2", later) == NOW + 60 * MINUTE
    assert callers.verified_until(acme, "member 3", later) is None
    assert callers.verified_until(contacts.add_customer("Beta"), "member 2", later) is None
    assert callers.verified_until(acme, "member 2", NOW + 61 * MINUTE) is None
    entry = history.last("caller.checked")
    assert entry is not None
    told = {name: entry.data[name] for name in ("customer", "contact", "how", "outcome", "by")}
    assert told == {
        "customer": str(acme.id),
        "contact": jo,
        "how": "codeword",
        "outcome": "verified",
        "by": "member 2",
    }


def test_a_refusal_ends_what_was_verified(contacts: List, acme: Customer, jo: int) -> None:
    assert callers.called_back(contacts, acme, jo, verified=True, by="member 2", now=NOW)
    assert callers.verified_until(acme, "member 2", NOW)
    assert not callers.unknown(acme, by="member 2", now=NOW + MINUTE)
    assert callers.verified_until(acme, "member 2", NOW + MINUTE) is None
    assert callers.rate(NOW - MINUTE) == callers.Rate(2, 1)
    assert callers.rate(NOW - MINUTE).percent == 50


def test_a_contact_taken_off_ends_it_too(contacts: List, acme: Customer, jo: int) -> None:
    callers.called_back(contacts, acme, jo, verified=True, by="member 2", now=NOW)
    contacts.remove(acme, jo, by="member 1", now=NOW)
    assert callers.verified_until(acme, "member 2", NOW) is None


def test_codewords_are_tried_five_times_an_hour(contacts: List, acme: Customer, jo: int) -> None:
    for n in range(callers.TRIES):
        assert not callers.codeword(contacts, acme, jo, f"wrong {n}", by=f"member {n}", now=NOW)
    with pytest.raises(UsageError, match="too often"):
        callers.codeword(contacts, acme, jo, "blue elephant", by="member 9", now=NOW)
    assert CallerCheck.objects.filter(verified=False).count() == callers.TRIES
    later = NOW + 61 * MINUTE
    assert callers.codeword(contacts, acme, jo, "blue elephant", by="member 9", now=later)


def test_codes(contacts: List, acme: Customer, jo: int) -> None:
    sent: list[tuple[Known, str]] = []

    def send(known: Known, code: str) -> None:
        sent.append((known, code))

    callers.send_code(contacts, acme, jo, send=send, by="member 2", now=NOW)
    callers.send_code(contacts, acme, jo, send=send, by="member 2", now=NOW + MINUTE)
    (_, old), (known, code) = sent
    assert known.details.email == "jo@acme.test" and old != code
    assert code.replace("-", "") not in str(list(CallerCode.objects.values()))
    two = NOW + 2 * MINUTE
    assert not callers.code(contacts, acme, jo, old, by="member 2", now=two)
    with pytest.raises(UsageError):  # somebody else's call
        callers.code(contacts, acme, jo, code, by="member 3", now=two)
    assert callers.code(contacts, acme, jo, code.lower(), by="member 2", now=two)
    with pytest.raises(UsageError):  # it counts once
        callers.code(contacts, acme, jo, code, by="member 2", now=two)
    callers.send_code(contacts, acme, jo, send=send, by="member 2", now=two)
    with pytest.raises(UsageError):
        callers.code(contacts, acme, jo, sent[-1][1], by="member 2", now=two + 16 * MINUTE)


def test_only_ways_that_are_on_file(contacts: List, acme: Customer, jo: int) -> None:
    kim = contacts.add(acme, KIM, by="member 1", now=NOW)
    for deed in (
        lambda: callers.called_back(contacts, acme, kim, verified=True, by="m", now=NOW),
        lambda: callers.codeword(contacts, acme, kim, "", by="m", now=NOW),
        lambda: callers.send_code(contacts, acme, kim, send=print, by="m", now=NOW),
        lambda: callers.called_back(contacts, acme, 99, verified=True, by="m", now=NOW),
    ):
        with pytest.raises(UsageError):
            deed()
    assert not CallerCheck.objects.exists()


def test_who_may_not_speak_any_more(contacts: List, acme: Customer, jo: int) -> None:
    contacts.change(acme, jo, by="member 1", until=NOW.date() - timedelta(days=1))
    with pytest.raises(UsageError, match="may not speak"):
        callers.called_back(contacts, acme, jo, verified=True, by="member 2", now=NOW)
