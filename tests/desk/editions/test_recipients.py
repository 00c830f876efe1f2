"""A new processor gets nothing before its window is over, nor while somebody objects."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from servanda.desk import changenotices, recipients
from servanda.desk.changenotices import Addressee
from servanda.desk.contacts import List
from servanda.desk.editions import letters
from servanda.desk.requests import Desk, outbox
from servanda.kernel.errors import UsageError
from servanda.ledger import history
from servanda.state.models import Customer, RecipientObjection, RecipientProposal
from tests.desk.editions.edition_world import NOW, load, policy, publish
from tests.desk.requests.desk_world import MASTER, make

NEXT = NOW + timedelta(days=1)
OVER = NEXT + timedelta(days=31)
CLOUD = "  cloud: {name: Example Cloud, kind: subprocessor, country: GB}"


def wider(**more: str) -> object:
    return policy(more=CLOUD, recipients="host, cloud", **more)


@pytest.fixture
def acme(each_state: str) -> Customer:
    contacts = List(MASTER, "GB")
    contacts.add_customer("Best Ltd")
    return contacts.add_customer("Acme Ltd")


@pytest.fixture
def desk(each_state: str, tmp_path: Path) -> Desk:
    return make(tmp_path)


def number() -> int:
    return RecipientProposal.objects.get(recipient="cloud", ended_at=None).id


def proposed(desk: Desk, to: list[Addressee]) -> int:
    publish(policy())
    publish(wider(), material=True, now=NEXT)  # type: ignore[arg-type]
    about = recipients.about(number())
    letter = letters.letter(desk.book, about)
    changenotices.queue(desk.book, about, to, letter, apart=True, now=NEXT)
    outbox.deliver(desk.book, now=NEXT)
    assert changenotices.settle(about, "Europe/London", now=NEXT)
    return number()


def state(at: datetime) -> str:
    return recipients.one(number(), at).state


def test_unwatched_before_anything_is_published(each_state: str) -> None:
    assert recipients.active("host", NOW)
    publish(policy())
    assert recipients.active("host", NOW)
    assert not recipients.active("cloud", NOW), "an unknown one gets nothing"


def test_it_waits_until_customers_are_told_and_the_window_is_over(
    desk: Desk, acme: Customer
) -> None:
    publish(policy())
    publish(wider(), material=True, now=NEXT)  # type: ignore[arg-type]
    assert recipients.active("host", OVER) and not recipients.active("cloud", OVER)
    assert state(OVER) == "untold"
    with pytest.raises(UsageError, match="not told yet"):
        recipients.activate(number(), by="member 1", now=OVER)
    about = recipients.about(number())
    letter = letters.letter(desk.book, about)
    made = changenotices.queue(
        desk.book, about, [Addressee("jo@acme.test", acme.id)], letter, apart=True, now=NEXT
    )
    assert made == 1 and not changenotices.settle(about, "UTC", now=NEXT), "it waits in the outbox"
    outbox.deliver(desk.book, now=NEXT)
    assert changenotices.settle(about, "UTC", now=NEXT)
    assert state(NEXT) == "told"
    with pytest.raises(UsageError, match="may object until 2026-04-01"):
        recipients.activate(number(), by="member 1", now=NEXT + timedelta(days=29))
    recipients.activate(number(), by="member 1", now=OVER)
    assert recipients.active("cloud", OVER) and not recipients.active("cloud", NEXT)
    kinds = [entry.kind for entry in history.entries(("recipient.proposed", "recipient.activated"))]
    assert kinds == ["recipient.activated", "recipient.proposed", "recipient.activated"]


def test_an_objection_stops_it_until_it_is_settled(desk: Desk, acme: Customer) -> None:
    best = Customer.objects.get(name="Best Ltd")
    cloud = proposed(desk, [Addressee("jo@acme.test", acme.id), Addressee("b@best.test", best.id)])
    first = recipients.object_(MASTER, cloud, acme.id, "We fear it.", by="link", now=NEXT)
    other = recipients.object_(MASTER, cloud, best.id, "So do we.", by="member 1", now=NEXT)
    assert recipients.object_(MASTER, cloud, acme.id, "again", by="link", now=NEXT) == first
    assert RecipientObjection.objects.count() == 2
    row = RecipientObjection.objects.get(id=first)
    assert b"fear" not in bytes(row.words)
    assert recipients.words_of(MASTER, row) == "We fear it."
    with pytest.raises(UsageError, match="Acme Ltd, Best Ltd"):
        recipients.activate(cloud, by="member 1", now=OVER)
    recipients.settle(first, "withdrawn", by="member 1", now=OVER)
    with pytest.raises(UsageError, match="stands: Best Ltd"):
        recipients.activate(cloud, by="member 1", now=OVER)
    with pytest.raises(UsageError, match="how it was settled"):
        recipients.settle(other, "ignored", by="member 1")
    recipients.settle(other, "accommodated", by="member 1", now=OVER)
    with pytest.raises(UsageError, match="no such objection"):
        recipients.settle(other, "withdrawn", by="member 1")
    recipients.activate(cloud, by="member 1", now=OVER)
    assert recipients.active("cloud", OVER)
    with pytest.raises(UsageError, match="over"):
        recipients.object_(MASTER, cloud, acme.id, "late", by="link", now=OVER)


def test_a_link_is_of_one_customer_and_one_proposal(desk: Desk, acme: Customer) -> None:
    token = recipients.link(MASTER, 4, acme.id)
    assert recipients.linked(MASTER, token) == (4, acme.id)
    sign = token.rpartition("-")[2]
    for forged in (f"5-{acme.id}-{sign}", f"4-{acme.id + 1}-{sign}", token[:-1], "", "4", "a-b-c"):
        assert recipients.linked(MASTER, forged) is None
    assert recipients.linked(bytes(32), token) is None


def test_the_mail_leads_each_customer_to_their_own_page(desk: Desk, acme: Customer) -> None:
    best = Customer.objects.get(name="Best Ltd")
    publish(policy())
    publish(wider(), material=True, now=NEXT)  # type: ignore[arg-type]
    about = recipients.about(number())
    letter = letters.letter(desk.book, about)
    shared = [Addressee("it@group.test", acme.id), Addressee("it@group.test", best.id)]
    assert changenotices.queue(desk.book, about, shared, letter, apart=True, now=NEXT) == 2
    texts = [letter(each).text for each in shared]
    for text, customer in zip(texts, (acme, best), strict=True):
        assert recipients.link(MASTER, number(), customer.id) in text
    assert "30 days" in texts[0] and "Example Cloud" in texts[0]


def test_another_country_is_proposed_anew(desk: Desk, acme: Customer) -> None:
    cloud = proposed(desk, [])
    recipients.object_(MASTER, cloud, acme.id, "", by="link", now=NEXT)
    moved = policy(more=CLOUD.replace("GB", "IE"), recipients="host, cloud")
    publish(moved, material=True, now=NEXT + timedelta(days=2))
    assert RecipientProposal.objects.get(id=cloud).ended_at is not None
    assert RecipientObjection.objects.get().outcome == "ended"
    assert number() != cloud and state(OVER) == "untold"
    with pytest.raises(UsageError, match="no such recipient"):
        recipients.activate(cloud, by="member 1", now=OVER)


def test_the_first_recipient_of_a_later_edition_waits_too(each_state: str) -> None:
    none = policy(recipients="").source.decode()
    lonely = none.replace(
        "recipients:\n  host: {name: Acme Hosting, kind: processor, country: GB}", ""
    )
    publish(load(lonely))
    assert RecipientProposal.objects.count() == 0
    publish(policy(), material=True, now=NEXT)
    assert not recipients.active("host", OVER)


def test_without_that_promise_it_is_active_at_once(each_state: str) -> None:
    publish(policy(changes=""))
    publish(wider(changes=""), material=True, now=NEXT)  # type: ignore[arg-type]
    assert recipients.active("cloud", NEXT)
