"""Incidents: noticed, investigated, contained, told to whom it concerns, closed.

The danger: a breach of people's data that nobody looks into, or that is told too late; and a
register that itself tells who was harmed. What guards it: a count every day of those nobody looks
into (`census`), dates from the law tables counted from the moment it was noticed, the cautious one
first; summary and notes are sealed, and the ledger learns kinds and numbers only.
Tests: tests/desk/test_incidents.py.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db.models import Q

from servanda import ledger, state
from servanda.desk.intake.freetext import refuse_cards
from servanda.kernel.errors import UsageError
from servanda.kernel.keyring import Master, root
from servanda.kernel.seal import seal, unseal
from servanda.kernel.suggest import did_you_mean
from servanda.state.connection import guard
from servanda.state.models import Incident, IncidentEvent

KINDS: Mapping[str, str] = {
    "disclosure": "data reached somebody it was not meant for",
    "intrusion": "somebody got in, or tried to",
    "malware": "malicious software",
    "loss": "a device, medium or data was lost",
    "outage": "data could not be used when it was needed",
    "misuse": "data was used for what it was not collected for",
    "other": "something else",
}
SEVERITIES: Mapping[str, str] = {
    "low": "low: no harm is likely",
    "high": "high: people or the business may be harmed",
    "critical": "critical: harm is happening, or is great",
}
EVENTS: Mapping[str, str] = {
    "investigating": "somebody looks into it",
    "contained": "it goes no further",
    "notified": "the authority was told",
    "customers_told": "the customers whose data it is were told",
    "people_told": "the people whose data it is were told",
    "note": "a note",
}
OUTCOMES: Mapping[str, str] = {
    "resolved": "resolved",
    "false_alarm": "it was none",
    "accepted": "what is left of the risk is accepted",
}
_LONGEST = 10_000
_AHEAD = timedelta(minutes=5)  # clocks differ
_ROOT = "incidents"


@dataclass(frozen=True, slots=True)
class Happened:
    kind: str
    at: datetime
    by: str
    note: str


@dataclass(frozen=True, slots=True)
class View:
    """An incident with its seals opened."""

    id: int
    kind: str
    severity: str
    personal: bool
    noticed_at: datetime
    opened_at: datetime
    by: str
    summary: str
    answered_at: datetime | None
    notified_at: datetime | None
    closed_at: datetime | None
    outcome: str
    events: tuple[Happened, ...] = ()


def open_(
    master: Master,
    *,
    kind: str,
    severity: str,
    noticed_at: datetime,
    summary: str,
    personal: bool,
    by: str,
    now: datetime | None = None,
) -> int:
    """Put an incident down; its number. UsageError for what is no kind, severity or moment."""
    moment = now or datetime.now(UTC)
    _known(kind, KINDS, "kind of incident")
    _known(severity, SEVERITIES, "severity")
    text = _text(summary, "say in a sentence what was noticed")
    if noticed_at.tzinfo is None or noticed_at > moment + _AHEAD:
        raise UsageError("it cannot have been noticed later than now", "check the date")
    with state.transaction():
        row = Incident.objects.create(
            kind=kind,
            severity=severity,
            personal=personal,
            noticed_at=noticed_at,
            opened_at=moment,
            by=by,
            summary=b"",
        )
        row.summary = seal(root(master, _ROOT), text.encode(), _place(row.id, "summary"))
        row.save(update_fields=["summary"])
        _record("incident.opened", row.id, by, now, severity=severity, personal=personal)
    return int(row.id)


def add(
    master: Master, id_: int, kind: str, *, note: str = "", by: str, now: datetime | None = None
) -> None:
    """Something was done about it. UsageError where it is closed, or a note has no text."""
    moment = now or datetime.now(UTC)
    _known(kind, EVENTS, "step")
    if kind == "note":
        _text(note, "write the note")
    with state.transaction():
        row = _open_row(id_)
        _happened(master, row, kind, note, by, moment)
        if row.answered_at is None and kind != "note":
            row.answered_at = moment
        if row.notified_at is None and kind == "notified":
            row.notified_at = moment
        row.save(update_fields=["answered_at", "notified_at"])
        _record("incident.event", row.id, by, now, event=kind)


def close(
    master: Master, id_: int, outcome: str, *, note: str, by: str, now: datetime | None = None
) -> None:
    """It is over. UsageError without a reason, or where it was closed already."""
    moment = now or datetime.now(UTC)
    _known(outcome, OUTCOMES, "outcome")
    _text(note, "say why it is over")
    with state.transaction():
        row = _open_row(id_)
        _happened(master, row, "closed", note, by, moment)
        row.closed_at, row.outcome = moment, outcome
        row.save(update_fields=["closed_at", "outcome"])
        _record("incident.closed", row.id, by, now, outcome=outcome)


def get(master: Master, id_: int) -> View:
    """One incident with all that happened. UsageError where there is none."""
    with guard():
        row = Incident.objects.filter(id=id_).first()
        if row is None:
            raise UsageError("there is no such incident", "see the list")
        events = list(row.events.order_by("id"))
    return _view(master, row, events)


def listed(
    master: Master, *, closed: bool = False, before: int | None = None, limit: int = 50
) -> list[View]:
    """The newest first: those open, or those closed."""
    rows = Incident.objects.filter(closed_at__isnull=not closed).order_by("-id")
    if before is not None:
        rows = rows.filter(id__lt=before)
    with guard():
        return [_view(master, row, ()) for row in rows[:limit]]


def census(answer: timedelta, *, now: datetime | None = None) -> dict[str, int]:
    """Count, and leave the count in the ledger. `answer`: how soon somebody must look into one."""
    moment = now or datetime.now(UTC)
    late = Q(answered_at=None, opened_at__lt=moment - answer)
    with guard():
        rows = Incident.objects.filter(closed_at=None)
        found = {"open": rows.count(), "unanswered": rows.filter(late).count()}
    ledger.append([{"kind": "incidents.census", **found}], now=now)
    return found


def _open_row(id_: int) -> Incident:
    row = Incident.objects.select_for_update().filter(id=id_).first()
    if row is None:
        raise UsageError("there is no such incident", "see the list")
    if row.closed_at is not None:
        raise UsageError(f"incident {row.id} is closed", "open a new one")
    return row


def _happened(
    master: Master, row: Incident, kind: str, note: str, by: str, moment: datetime
) -> None:
    event = IncidentEvent.objects.create(incident=row, kind=kind, at=moment, by=by, note=b"")
    text = note.strip()[:_LONGEST].encode()
    event.note = seal(root(master, _ROOT), text, _place(row.id, f"event {event.id}"))
    event.save(update_fields=["note"])


def _view(master: Master, row: Incident, events: Sequence[IncidentEvent]) -> View:
    key = root(master, _ROOT)
    return View(
        id=row.id,
        kind=row.kind,
        severity=row.severity,
        personal=row.personal,
        noticed_at=row.noticed_at,
        opened_at=row.opened_at,
        by=row.by,
        summary=unseal(key, bytes(row.summary), _place(row.id, "summary")).decode(),
        answered_at=row.answered_at,
        notified_at=row.notified_at,
        closed_at=row.closed_at,
        outcome=row.outcome,
        events=tuple(
            Happened(
                each.kind,
                each.at,
                each.by,
                unseal(
                    root(master, _ROOT), bytes(each.note), _place(row.id, f"event {each.id}")
                ).decode(),
            )
            for each in events
        ),
    )


def _record(kind: str, id_: int, by: str, now: datetime | None, **facts: Any) -> None:
    ledger.append([{"kind": kind, "incident": id_, "by": by, **facts}], now=now)


def _known(value: str, among: Mapping[str, str], what: str) -> None:
    if value not in among:
        raise UsageError(f'there is no {what} "{value[:20]}"', did_you_mean(value, among))


def _text(text: str, remedy: str) -> str:
    refuse_cards("the text", text)
    found = text.strip()
    if not found or len(found) > _LONGEST:
        raise UsageError("the text is missing or too long", remedy)
    return found


def _place(id_: int, part: str) -> bytes:
    return f"incident {id_} {part}".encode()
