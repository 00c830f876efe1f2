"""Mails that came back: known by the Message-ID we gave them, in a report or in a refusal.

The danger: anybody can write a report of a delivery. What guards it: a report is believed only
where it names the Message-ID of a mail of ours, which is random and which only whoever got that
mail can know; all it can do is mark this mail as one that came back. Nothing is sent again, nobody
becomes verified, no clock moves; of its text only a code is kept.
Tests: tests/desk/requests/test_bounces.py.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage, Message
from email.policy import default

from servanda import ledger, state
from servanda.state.connection import guard
from servanda.state.models import OutboxMail

_CODE = re.compile(r"[45]\.\d{1,3}\.\d{1,3}")
_ID = re.compile(r"^Message-ID:\s*(<[^<>\s]{1,190}>)", re.IGNORECASE | re.MULTILINE)
_UNKNOWN = "5.0.0"  # RFC 3463: it failed, and nothing finer was said


@dataclass(frozen=True, slots=True)
class Bounced:
    """`about`: what a mail without a request is about. `code`: why, such as 5.1.1."""

    id: int
    request: str
    about: str
    kind: str
    code: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Report:
    """What a report says: the mail that was not delivered, and the code."""

    message_id: str
    code: str


def read(raw: bytes) -> list[Report] | None:
    """What a report on a delivery (RFC 3464) says of failures; None where it is no report. A
    delay, or a delivery, is a report without failures."""
    message = message_from_bytes(raw, _class=EmailMessage, policy=default)
    parts = list(message.walk())
    status = next((p for p in parts if p.get_content_type() == "message/delivery-status"), None)
    if message.get_content_type() != "multipart/report" or status is None:
        return None
    codes = list(_failures(status))
    if not codes:
        return []
    ids = dict.fromkeys(found for part in parts for found in _originals(part))
    return [Report(id_, codes[0]) for id_ in list(ids)[:1]]


def take(reports: list[Report], now: datetime | None = None) -> int:
    """Mark the mails that are ours; how many became marked. The same report again marks none."""
    moment = now or datetime.now(UTC)
    marked = 0
    with state.transaction():
        for report in reports:
            ours = OutboxMail.objects.select_for_update().filter(message_id=report.message_id)
            mail = ours.exclude(state=OutboxMail.State.WAITING).first()
            if mail is not None and mail.bounced_at is None:
                mark(mail, report.code, moment)
                marked += 1
    return marked


def mark(mail: OutboxMail, code: str, now: datetime) -> None:
    """Within the caller's transaction: it came back, and evidence says so."""
    mail.bounced_at, mail.bounce = now, code[:16]
    mail.save(update_fields=["bounced_at", "bounce"])
    request = str(mail.request_id) if mail.request_id else None
    entry = {"kind": "mail.bounced", "request": request, "mail": mail.id, "code": mail.bounce}
    ledger.append([entry], now=now)


def listed(request: int | None = None) -> list[Bounced]:
    """The latest first; of one request where it is named."""
    rows = OutboxMail.objects.exclude(bounced_at=None).order_by("-bounced_at", "-id")
    with guard():
        return [
            Bounced(m.id, str(m.request_id or ""), m.about, m.kind, m.bounce, m.bounced_at)
            for m in (rows if request is None else rows.filter(request_id=request))
            if m.bounced_at is not None
        ]


def _failures(status: Message) -> Iterator[str]:
    """The code of each address that it could not be delivered to."""
    blocks = status.get_payload()
    for block in blocks if isinstance(blocks, list) else ():
        if isinstance(block, Message) and _plain(block, "Action").lower() == "failed":
            found = _CODE.search(_plain(block, "Status"))
            yield found[0] if found else _UNKNOWN


def _originals(part: Message) -> Iterator[str]:
    """The Message-ID of a mail that lies in the report, whole or only its headers."""
    content = part.get_payload()
    if part.get_content_type() == "message/rfc822" and isinstance(content, list):
        for each in content:
            if isinstance(each, Message) and (found := _plain(each, "Message-ID")):
                yield found
    elif part.get_content_type() == "text/rfc822-headers":
        decoded = part.get_payload(decode=True)
        headers = decoded.decode("utf-8", "replace") if isinstance(decoded, bytes) else ""
        yield from _ID.findall(headers)


def _plain(part: Message, name: str) -> str:
    try:
        return str(part.get(name, "")).strip()
    except Exception:  # the standard library fails in many ways on broken headers
        return ""
