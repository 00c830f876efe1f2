"""A policy with forms of every sort, and its gate."""

from __future__ import annotations

from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

from servanda import policy
from servanda.desk.intake import Gate, Given
from servanda.policy.rules import Policy

MASTER = bytes(range(32))
NOW = datetime(2026, 3, 20, 9, 0, tzinfo=UTC)
NOTICE = sha256(b"I agree that you note my allergies.").hexdigest()
CARD = "4111 1111 1111 1111"

POLICY = """\
servanda: 1
organisation: {name: Acme Shop, country: GB, contact: privacy@acme.example}
jurisdictions: [GB]
activities:
  enquiries:
    purposes: [support]
    basis: legitimate_interest
    subjects: [enquirer]
    data: [name, contact, preference.privacy, comms]
    retain: {at_most: 30 days, after: received, then: delete}
  visits:
    purposes: [support]
    basis: consent_explicit
    subjects: [enquirer]
    data: [name, contact.email, sensitive.health]
    retain: {at_most: 30 days, after: received, then: delete}
  leads:
    purposes: [marketing]
    basis: legitimate_interest
    subjects: [enquirer]
    data: [name, contact.email]
    source: partners who hand leads on
    retain: {at_most: 30 days, after: received, then: delete}
consents:
  support: {point: the tick box of the visit form}
children: {below: 16}
forms:
  contact:
    activity: enquiries
    fields:
      name: {holds: name, required: true}
      email: {holds: contact.email, required: true}
      phone: contact.phone
      message: {holds: comms.enquiry, free: true}
  visit:
    activity: visits
    fields:
      name: {holds: name, required: true}
      email: contact.email
      allergies: {holds: sensitive.health, free: true}
  leads:
    activity: leads
    third_party: true
    fields: {name: name, email: contact.email}
  club:
    activity: enquiries
    asks_age: true
    fields: {name: name, email: contact.email}
"""


def compiled(folder: Path) -> Policy:
    path = folder / "policy.yaml"
    path.write_text(POLICY, encoding="utf-8")
    loaded = policy.load(path)
    assert loaded.policy is not None, loaded.diagnostics
    return loaded.policy


class Records:
    """Consents on record, and an id for each."""

    def __init__(self) -> None:
        self.given: list[Given] = []

    def __call__(self, given: Given) -> str:
        self.given.append(given)
        return f"record-{len(self.given)}"


def gate(folder: Path, records: Records | None = None) -> Gate:
    return Gate(compiled(folder), MASTER, records)
