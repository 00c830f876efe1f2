"""What the firm of the web's tests asks consent for."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from servanda.desk.consents import Act, Recorded, person, record
from servanda.runtime.workspace import Workspace

JO, KIM, LEE = "jo@example.test", "kim@example.test", "lee@example.test"
SITE = "https://www.firm.test"
NEWS = """\
  news:
    purposes: [marketing, improve]
    basis: consent
    subjects: [enquirer]
    data: [name, contact.email]
    retain: {at_most: 30 days, after: received, then: delete}
"""
ASKS = """\
consents:
  marketing: {point: the box under the form, channels: [email, phone, sms]}
  improve: {point: the survey}
cookies:
  _stats: {category: analytics, purpose: It counts visits., lasts: 13 months}
banner: {sites: [www.firm.test], asks_again: 6 months}
messages:
  newsletter: {kind: marketing, purpose: marketing, says: News once a month.}
  invoice: {kind: service, purpose: billing, says: Your invoices.}
"""


def asks(folder: Path) -> None:
    """Let the firm of tests/web/world.py ask for consent."""
    path = folder / "policy.yaml"
    before = path.read_text()
    path.write_text(before.replace("activities:\n", f"activities:\n{NEWS}", 1) + ASKS)


def agreed(shop: Workspace, email: str = JO, *channels: str, **more: Any) -> Recorded:
    wanted = channels or ("email", "phone")
    act = Act(person(("email", email)), {"marketing": dict.fromkeys(wanted, True)}, "form", **more)
    return record(shop.desk.book, act)


def mark(shop: Workspace, email: str = JO) -> str:
    return shop.desk.book.mark("email", email)
