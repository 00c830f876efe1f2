"""Small policies that change, and editions of them."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from servanda import policy as language
from servanda.desk import editions
from servanda.policy.rules import Policy
from servanda.state.models import Edition

NOW = datetime(2026, 3, 1, 10, tzinfo=UTC)

POLICY = """\
servanda: 1
organisation: {name: Acme Shop, country: GB, contact: privacy@acme.example, zone: Europe/London}
jurisdictions: [GB-NIR]
recipients:
  host: {name: Acme Hosting, kind: processor, country: GB}
%(more)s
consents:
  marketing: {point: the tick box}
activities:
  calls:
    purposes: [%(purposes)s]
    basis: legitimate_interest
    subjects: [caller]
    data: [contact.phone, comms.call_log]
    recipients: [%(recipients)s]
    retain: {at_most: %(kept)s, after: recorded, then: delete}
banner: {sites: [www.acme.example]}
%(changes)s
promises:
  A-1: {says: Calls are deleted in time., kept_by: [activities.calls.retain]}
"""
CHANGES = (
    "changes: {review: 12 months, notice: 14 days, tell: [%s], consent: %s, objection: 30 days}"
)


def written(
    kept: str = "12 months",
    purposes: str = "support",
    recipients: str = "host",
    more: str = "",
    tell: str = "banner, portal",
    consent: str = "true",
    changes: str | None = None,
) -> str:
    told = CHANGES % (tell, consent) if changes is None else changes
    return POLICY % {
        "kept": kept,
        "purposes": purposes,
        "recipients": recipients,
        "more": more,
        "changes": told,
    }


def policy(**more: Any) -> Policy:
    return load(written(**more))


def load(text: str) -> Policy:
    return language.load(Path("policy.yaml"), draft=text.encode(), today="2026-03-01").require()


def files(found: Policy) -> dict[str, bytes]:
    """What people read, as plainly as can be."""
    lines = [found.organisation, *(f"{each.id}: {each.purposes}" for each in found.activities)]
    text = "\n".join([*lines, found.digest])
    return {"text": text.encode(), "html": f"<p>{text}</p>".encode()}


def publish(found: Policy, material: bool = False, now: datetime = NOW, **more: Any) -> Edition:
    return editions.publish(
        found, files(found), by="member 1", material_confirmed=material, now=now, **more
    )


class Acceptances:
    """Who accepted what, as a keeper of consents tells it."""

    def __init__(self) -> None:
        self.kept: dict[str, int] = {}

    def keep(self, who: Any, edition: int, sha256: str, now: datetime) -> str:
        for each in who:
            self.kept[each] = edition
        return f"{edition}-{sha256[:8]}"

    def accepted(self, who: Any) -> int:
        return max((self.kept.get(each, 0) for each in who), default=0)
