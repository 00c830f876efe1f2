"""What an entry of the ledger is: a canonical JSON object with a kind and a moment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

VERSION = 1

KINDS = frozenset(
    (
        "policy",
        "plan",
        "approval",
        "run.started",
        "run.ended",
        "window.prepared",
        "window.superseded",
        "recount",
        "residue",
        "census",
        "inventory",
        "hold.added",
        "hold.released",
        "key.destroyed",
        "request.received",
        "request.event",
        "request.decided",
        "request.routed",
        "request.prepared",
        "request.superseded",
        "request.acted",
        "request.replied",
        "request.closed",
        "requests.census",
        "replay",
        "access.task",
        "access.read",
        "access.refused",
        "access.census",
        "caller.checked",
        "contact.changed",
        "enquiry.received",
        "enquiry.answered",
        "enquiry.closed",
        "incident.opened",
        "incident.event",
        "incident.closed",
        "incidents.census",
        "member.invited",
        "member.joined",
        "member.changed",
        "member.removed",
        "member.forgotten",
        "settings.changed",
        "token.made",
        "token.revoked",
        "webhook.added",
        "webhook.removed",
        "mail.bounced",
        "arrivals.expired",
        "portal.census",
        "keys.rotated",
        "state.restored",
        "policy.published",
        "policy.told",
        "policy.reviewed",
        "publish.census",
        "consent.recorded",
        "consent.census",
        "recipient.proposed",
        "recipient.objected",
        "recipient.activated",
        "intake.census",
    )
)

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry as it stands in the ledger. `data` is the parsed object, `raw` its bytes."""

    index: int
    kind: str
    at: datetime
    data: Mapping[str, Any]
    raw: bytes


def to_micros(at: datetime) -> int:
    """Microseconds since 1970; ValueError for a naive datetime."""
    if at.tzinfo is None:
        raise ValueError("an instant needs a time zone")
    return (at - _EPOCH) // _MICROSECOND


def from_micros(micros: int) -> datetime:
    return _EPOCH + timedelta(microseconds=micros)


def stamp(at: datetime) -> str:
    """RFC 3339 in UTC with microseconds: `2026-03-01T08:15:00.000000Z`, sortable as text."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
