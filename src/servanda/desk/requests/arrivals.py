"""Mails that may be requests, and wait for their sender: shown to staff, opened, let go.

The danger: a request left lying because nobody confirmed it, or strangers' mails kept for ever.
What guards it: the law's clock runs from the day a mail arrived, whatever we ask, so each is
`pending` with the cautious date by which it would have to be answered, and staff may take it in by
hand. What nobody confirms is destroyed when its time is over: its own key and all that it sealed
are overwritten; what stays is a keyed hash of its Message-ID, so that it is never taken again.
Tests: tests/desk/requests/test_inbox.py, test_inbox_expiry.py.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime

from servanda import ledger, state
from servanda.desk import post
from servanda.desk.requests import mailseal, opening, vault
from servanda.desk.requests.book import Book, need
from servanda.desk.requests.view import Told
from servanda.kernel import cards, keyring
from servanda.kernel import seal as sealing
from servanda.kernel.errors import UsageError
from servanda.policy.due import due
from servanda.state.connection import guard
from servanda.state.models import MailArrival, OutboxMail, Request

State = MailArrival.State
_RIGHTS = ("access", "erasure", "rectification", "restriction", "object", "portability")
_ON_ITS_WAY = (OutboxMail.State.WAITING, OutboxMail.State.SENDING)


@dataclass(frozen=True, slots=True)
class Said:
    """What a mail says of its sender. Sealed as one."""

    sender: str
    name: str
    subject: str
    text: str
    message: str


@dataclass(frozen=True, slots=True)
class Pending:
    """A mail that waits, its seal opened. `right`: a guess, blank where nobody knows.

    `safe_due`: the cautious date by which it must be answered if it is a request: the clock runs
    from `received`. `asked`: what became of the mail that asks to confirm ("" where none was sent).
    `confirmed`: its sender did, and somebody must say which right is meant. `answers`: the request
    whose mail it answers.
    """

    id: int
    sender: str
    name: str
    subject: str
    text: str
    right: str
    received: date
    safe_due: date | None
    expires: datetime
    asked: str
    confirmed: bool
    answers: str


def about(id_: int) -> str:
    """How the outbox names it."""
    return f"arrival:{id_}"


def close(book: Book, row: MailArrival, said: Said) -> None:
    """Seal it under a new key of its own. Within the caller's transaction."""
    key = sealing.new_key()
    row.wrapped = sealing.wrap(keyring.root(book.master, mailseal.MAILS), key)
    row.data = sealing.seal(key, json.dumps(asdict(said)).encode(), _place(row))


def said(book: Book, row: MailArrival) -> Said:
    key = sealing.unwrap(keyring.root(book.master, mailseal.MAILS), bytes(row.wrapped))
    return Said(**json.loads(sealing.unseal(key, bytes(row.data), _place(row))))


def pending(book: Book) -> list[Pending]:
    """What waits for its sender or for staff, the soonest date first."""
    with guard():
        rows = list(MailArrival.objects.filter(state=State.PENDING).order_by("id"))
        mails = OutboxMail.objects.filter(about__in=[about(row.id) for row in rows])
        asked = {mail.about: "bounced" if mail.bounced_at else mail.state for mail in mails}
    found = []
    for row in rows:
        told = said(book, row)
        found.append(
            Pending(
                row.id,
                told.sender,
                told.name,
                told.subject,
                told.text,
                row.right,
                row.received,
                _cautious(book, row),
                row.expires_at,
                asked.get(about(row.id), ""),
                row.confirmed_at is not None,
                str(row.request_id or ""),
            )
        )
    return sorted(found, key=lambda each: (each.safe_due or each.received, each.id))


def opened(
    book: Book,
    row: MailArrival,
    right: str,
    by: str,
    now: datetime,
    place: str | None = None,
    tenant: str | None = None,
) -> str:
    """Within the caller's transaction, its row locked: a request is opened from it, dated by the
    day the mail arrived; its own key is destroyed, for the person's key seals it from now on."""
    known = Request.objects.filter(message=row.message).first()
    if known is not None:  # somebody opened it from the mail's file meanwhile
        return _ended_as(row, str(known.id), by, now)
    mail = said(book, row)
    told = Told(
        identities=(("email", mail.sender),),
        name=mail.name,
        text=cards.masked(f"{mail.subject}\n\n{mail.text}".strip()),  # of a mail taken long ago
        contact=mail.sender,
    )
    arrival = opening.Arrival(right, told, row.received, "mail", place, tenant, mail.message)
    return _ended_as(row, opening.arrived(book, arrival, by, now), by, now)


def _ended_as(row: MailArrival, ref: str, by: str, now: datetime) -> str:
    end(row, State.OPENED, by, now)
    row.request_id = int(ref)
    row.save()
    return ref


def dismiss(book: Book, id_: int, *, by: str, now: datetime | None = None) -> None:
    """Somebody read it, and it asks for nothing: all of it is destroyed."""
    need(by)
    moment = now or datetime.now(UTC)
    with state.transaction():
        row = waiting(id_)
        post.withdraw(about(row.id))
        end(row, State.DISMISSED, by, moment)
        _forget_marks(row)
        row.save()
    _scrub()


def expire(book: Book, *, now: datetime | None = None) -> int:
    """Destroy what nobody confirmed in time; how many. Never in a transaction.

    One whose question is still on its way waits: its sender was not asked yet.
    """
    moment = now or datetime.now(UTC)
    with state.transaction():
        over = MailArrival.objects.select_for_update().filter(expires_at__lte=moment)
        gone = 0
        for row in over.filter(state=State.PENDING, confirmed_at=None).order_by("id"):
            if OutboxMail.objects.filter(about=about(row.id), state__in=_ON_ITS_WAY).exists():
                continue
            post.withdraw(about(row.id))
            end(row, State.EXPIRED, "", moment)
            _forget_marks(row)
            row.save()
            gone += 1
        over.exclude(state=State.PENDING).exclude(token="", sender="").update(token="", sender="")
        if gone:
            ledger.append([{"kind": "arrivals.expired", "count": gone}], now=now)
    if gone:
        _scrub()
    return gone


def waiting(id_: int) -> MailArrival:
    """Within the caller's transaction: its row, locked. UsageError where it does not wait."""
    row = MailArrival.objects.select_for_update().filter(id=id_, state=State.PENDING).first()
    if row is None:
        raise UsageError(
            f"no mail {id_} waits to become a request", "see servanda request arrivals"
        )
    return row


def end(row: MailArrival, outcome: str, by: str, now: datetime) -> None:
    """Within the caller's transaction, which saves it: destroy what it says."""
    # Same length first, so that the old bytes are overwritten where they lie.
    rows = MailArrival.objects.filter(id=row.id)
    rows.update(wrapped=bytes(len(bytes(row.wrapped))), data=bytes(len(bytes(row.data))))
    row.wrapped, row.data = b"", b""
    row.state, row.ended_at, row.ended_by = outcome, now, by


def _forget_marks(row: MailArrival) -> None:
    row.token, row.sender, row.right = "", "", ""
    row.request = None


def _cautious(book: Book, row: MailArrival) -> date | None:
    """Of a right that is not known, the earliest any would have."""
    found = []
    for right in (row.right,) if row.right else _RIGHTS:
        day = due(book.policy, None, right, row.received).safe_due
        if day is not None:
            found.append(day)
    return min(found, default=None)


def _scrub() -> None:
    vault.scrub("servanda_mailarrival", "servanda_outboxmail")


def _place(row: MailArrival) -> bytes:
    return f"arrival {row.id}".encode()
