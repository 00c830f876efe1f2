"""A desk on a small policy, and what its evidence says."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from servanda import policy
from servanda.desk.requests import Desk
from servanda.desk.settings import DeskSettings
from servanda.state.models import Leaf

MASTER = bytes(range(32))
NOW = datetime(2026, 3, 20, 9, 0, tzinfo=UTC)
RECEIVED = date(2026, 3, 16)

POLICY = """\
servanda: 1
organisation: {name: Acme Shop, country: GB, contact: privacy@acme.example, zone: ZONE}
jurisdictions: [JURISDICTIONS]
activities:
  contact-form:
    purposes: [support]
    basis: legitimate_interest
    subjects: [enquirer]
    data: [name, contact.email]
    retain: {at_most: 30 days, after: received, then: delete}
promises:
  A-1:
    says: Messages are deleted after thirty days.
    kept_by: [activities.contact-form.retain]
"""


def make(
    folder: Path,
    *,
    jurisdictions: str = "GB-NIR",
    settings: DeskSettings | None = None,
    tenants: tuple[str, ...] = (),
    zone: str = "UTC",
) -> Desk:
    path = folder / "policy.yaml"
    said = POLICY.replace("JURISDICTIONS", jurisdictions).replace("ZONE", zone)
    path.write_text(said, encoding="utf-8")
    loaded = policy.load(path)
    assert loaded.policy is not None, loaded.diagnostics
    return Desk(MASTER, loaded.policy, settings, tenants)


def opened(desk: Desk, right: str = "access", email: str = "jo@example.test", **more: Any) -> str:
    given = {"received": RECEIVED, "via": "post", "by": "ann", "now": NOW, **more}
    return desk.new(right, [("email", email)], **given)


def entries(kind: str = "") -> list[dict[str, Any]]:
    found = [json.loads(bytes(leaf.entry)) for leaf in Leaf.objects.order_by("index")]
    return [each for each in found if each["kind"].startswith(kind)]
