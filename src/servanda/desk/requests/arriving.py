"""One mail out of the inbox: what it is, and what becomes of it. All of it in one transaction.

The danger: a mail taken twice, or not at all; a stranger's name used to flood somebody with our
questions; a card number kept. What guards it: each mail is known again by a keyed hash of its
Message-ID, which the database keeps once; the mail that asks its sender to confirm is put down in
the same transaction; one sender is asked three times a day at most; and of a mail with a card
number nothing is kept. Tests: tests/desk/requests/test_inbox.py, test_inbox_cards.py,
tests/faults/test_inbox_kill.py.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Literal

from django.db import IntegrityError

from servanda import state
from servanda.desk import post
from servanda.desk.intake import counts
from servanda.desk.requests import (
    arrivals,
    bounces,
    compose,
    confirming,
    identity,
    intake,
    postbag,
    telling,
)
from servanda.desk.requests.book import Book
from servanda.desk.requests.postbag import Mailed
from servanda.kernel import identity as identities
from servanda.kernel.errors import UsageError
from servanda.state.connection import guard
from servanda.state.models import MailArrival, OutboxMail, Request

Outcome = Literal[
    "arrived", "known", "confirmed", "bounced", "answered", "ignored", "unread", "refused"
]
_ASKED_A_DAY = 3
_CODE = re.compile(r"(?<![\w-])[A-Z2-9]{5}-[A-Z2-9]{5}(?![\w-])")


@dataclass(frozen=True, slots=True)
class Arrived:
    """What became of one mail. Nothing in here is personal. `look`: a person should see it in the
    mail folder, for it stands nowhere else."""

    outcome: Outcome
    request: str = ""
    why: str = ""

    @property
    def look(self) -> bool:
        return self.outcome in ("ignored", "unread", "refused")


def receive(
    book: Book, raw: bytes, came: datetime | None, *, now: datetime | None = None
) -> Arrived:
    """Take one mail. `came`: when the mail server got it. The same mail again changes nothing."""
    moment = now or datetime.now(UTC)
    try:
        reports, mail = bounces.read(raw), postbag.read(raw)
    except Exception:  # strangers send what no parser can take, as parts within parts
        return Arrived("unread", why="it cannot be read by a program")
    if reports is not None:
        # A delay, a delivery, or a mail that is not ours: nothing to see in that.
        return Arrived("bounced" if bounces.take(reports, moment) else "known")
    message = mail.message_id or f"sha256 {sha256(raw).hexdigest()}"
    if _known(book, message):
        return Arrived("known")
    if mail.machine:
        return Arrived("ignored", why=mail.machine)
    if not compose.writable(mail.sender) or identities.normal("email", mail.sender) is None:
        return Arrived("ignored", why="it has no sender to answer to")
    if postbag.has_card(mail):
        return _card(book, mail, message, came, moment)
    return (
        _confirmation(book, mail, moment)
        or _answer(book, mail, message, moment)
        or _new(book, mail, message, came, moment)
    )


def _confirmation(book: Book, mail: Mailed, now: datetime) -> Arrived | None:
    """It carries what confirms an earlier mail."""
    for token in confirming.tokens_in(mail.own):
        if not MailArrival.objects.filter(token=confirming.hashed(book, token)).exists():
            continue
        note = mail.own.replace(token, "").strip()
        try:
            return Arrived("confirmed", confirming.confirm(book, token, note=note, now=now))
        except UsageError:  # its time is over: then it is a mail as any other
            continue
    return None


def _answer(book: Book, mail: Mailed, message: str, now: datetime) -> Arrived | None:
    """It answers a mail that asked for a code, and the code is the right one."""
    about = _mail_answered(mail)
    if about is None or about.kind != "code" or about.request_id is None:
        return None
    ref = str(about.request_id)
    for code in dict.fromkeys(_CODE.findall(mail.own.upper())):
        try:
            identity.check_code(book, ref, code, by="the person, by mail", now=now)
        except UsageError:
            continue
        return Arrived("answered", ref)
    return None


def _new(book: Book, mail: Mailed, message: str, came: datetime | None, now: datetime) -> Arrived:
    about = _mail_answered(mail)
    row = _row(book, mail, message, came, now)
    row.request_id = about.request_id if about else None
    try:
        with state.transaction():
            lately = _lately(row)
            row.save(force_insert=True)
            said = arrivals.Said(mail.sender, mail.name, mail.subject, mail.text, message)
            arrivals.close(book, row, said)
            if about is None and lately < _ASKED_A_DAY:
                _ask(book, row, mail, now)
            row.save()
    except IntegrityError:  # another process took it in this moment
        return Arrived("known")
    return Arrived("arrived")


def _row(
    book: Book, mail: Mailed, message: str, came: datetime | None, now: datetime
) -> MailArrival:
    # The law counts from the day the mail reached us, not from when we read or confirmed it.
    day = intake.believable(book, book.today(came) if came else mail.arrived, now)
    return MailArrival(
        message=book.vault.mark("message", message),
        sender=book.vault.mark("mail sender", mail.sender),
        right=mail.right,
        received=day,
        taken_at=now,
        expires_at=now + timedelta(days=book.settings.requests.confirm_days),
    )


def _lately(row: MailArrival) -> int:
    """How many mails of this sender came within a day before it."""
    since = row.taken_at - timedelta(days=1)
    return MailArrival.objects.filter(sender=row.sender, taken_at__gt=since).count()


def _card(book: Book, mail: Mailed, message: str, came: datetime | None, now: datetime) -> Arrived:
    """Of a mail with a card number nothing is kept but that it came; its sender is told."""
    row = _row(book, mail, message, came, now)
    row.state, row.ended_at, row.right = MailArrival.State.REFUSED, now, ""
    try:
        with state.transaction():
            lately = _lately(row)
            row.save(force_insert=True)
            if lately < _ASKED_A_DAY:
                link = f"{book.settings.address}/privacy/"
                told = {"received": row.received.isoformat(), "link": link}
                subject, text = telling.said(book, "card", told)
                about = arrivals.about(row.id)
                post.send(book, "card", mail.sender, subject, text, about=about, now=now)
    except IntegrityError:  # another process took it in this moment
        return Arrived("known")
    counts.refused(counts.MAIL, ["card"])
    return Arrived("refused", why="it holds a card number")


def _ask(book: Book, row: MailArrival, mail: Mailed, now: datetime) -> None:
    """Within the caller's transaction: put the mail down that asks to confirm."""
    token = confirming.new_token()
    row.token = confirming.hashed(book, token)
    subject, text = telling.said(
        book,
        "confirm",
        {
            "link": confirming.confirm_link(book, token),
            "token": token,
            "until": book.today(row.expires_at).isoformat(),
            "received": row.received.isoformat(),
        },
    )
    known = postbag.is_id(mail.message_id)
    post.send(
        book,
        "confirm",
        mail.sender,
        subject,
        text,
        about=arrivals.about(row.id),
        headers={"In-Reply-To": mail.message_id, "References": mail.message_id} if known else None,
        now=now,
    )


def _mail_answered(mail: Mailed) -> OutboxMail | None:
    """Of our mails the one that it answers: then its sender is not asked whether to confirm."""
    with guard():
        return OutboxMail.objects.filter(message_id__in=mail.answers).order_by("-id").first()


def _known(book: Book, message: str) -> bool:
    mark = book.vault.mark("message", message)
    with guard():
        return (
            MailArrival.objects.filter(message=mark).exists()
            or Request.objects.filter(message=mark).exists()
        )
