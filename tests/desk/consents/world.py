"""A company that asks for consent, and what its evidence says."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from servanda import policy
from servanda.desk.consents import Act, Recorded, person, record
from servanda.desk.consents.asking import Gate
from servanda.desk.consents.gate import Answer, Question
from servanda.desk.requests import Desk
from servanda.desk.requests.book import Book
from servanda.kernel.digest import sha256_hex
from servanda.state.models import Leaf

MASTER = bytes(range(32))
NOW = datetime(2026, 3, 20, 9, 0, tzinfo=UTC)
NOTICE = sha256_hex(b"May we send you news?")
JO, KIM, LEE = "jo@example.test", "kim@example.test", "lee@example.test"

POLICY = """\
servanda: 1
organisation: {name: Acme Shop, country: GB, contact: privacy@acme.example, zone: Europe/London}
jurisdictions: [JURISDICTIONS]
consents:
  marketing:
    point: the box under the form
    channels: [email, phone, post, sms]
    asks_again: 24 months
  improve: {point: the survey}
cookies:
  _stats: {category: analytics, purpose: It counts visits., lasts: 13 months}
banner: {sites: [www.acme.example], asks_again: 6 months}
messages:
  newsletter: {kind: marketing, purpose: marketing, says: News once a month.}
  invoice: {kind: service, purpose: billing, says: Your invoices.}
children: {below: 16}
activities:
  clients:
    purposes: [billing, service_provision]
    basis: contract
    subjects: [client]
    data: [name, contact.email]
    retain: {at_most: 6 years, after: created, then: delete}
  care:
    purposes: [crm]
    basis: legitimate_interest
    subjects: [client]
    data: [name, contact.email]
    retain: {at_most: 6 years, after: created, then: delete}
  news:
    purposes: [marketing]
    basis: consent
    subjects: [enquirer]
    data: [name, contact.email]
    retain: {at_most: 30 days, after: received, then: delete}
promises:
  A-1:
    says: Messages are deleted after thirty days.
    kept_by: [activities.news.retain]
"""


def desk(folder: Path, jurisdictions: str = "GB", more: str = "") -> Desk:
    path = folder / "policy.yaml"
    path.write_text(POLICY.replace("JURISDICTIONS", jurisdictions) + more, encoding="utf-8")
    loaded = policy.load(path)
    assert loaded.policy is not None, loaded.diagnostics
    return Desk(MASTER, loaded.policy)


def book(folder: Path, jurisdictions: str = "GB", more: str = "") -> Book:
    return desk(folder, jurisdictions, more).book


def said(
    book: Book, email: str = JO, how: str = "form", now: datetime = NOW, **more: Any
) -> Recorded:
    """Somebody's choices; `marketing=("email",)` is yes there and no on the other channels."""
    channels = ("email", "phone", "post", "sms")
    given = more.pop("yes", ())
    choices = more.pop("choices", None) or {"marketing": {each: each in given for each in channels}}
    act = Act(person(("email", email)), choices, how, notice=NOTICE, edition=3, **more)
    return record(book, act, now=now)


def yes(*channels: str) -> dict[str, dict[str, bool]]:
    return {"marketing": dict.fromkeys(channels, True)}


def no(*channels: str) -> dict[str, dict[str, bool]]:
    return {"marketing": dict.fromkeys(channels, False)}


def may(book: Book, subject: str = f"email:{JO}", now: datetime = NOW, **asked: Any) -> Answer:
    question = Question(**{"purpose": "marketing", "channel": "email", **asked})
    return Gate(book).ask(subject, question, now)


def entries(kind: str = "consent.") -> list[dict[str, Any]]:
    found = [json.loads(bytes(leaf.entry)) for leaf in Leaf.objects.order_by("index")]
    return [each for each in found if each["kind"].startswith(kind)]
