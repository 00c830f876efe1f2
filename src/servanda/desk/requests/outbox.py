"""Mails on their way: put down in the transaction that makes them, sent afterwards, never twice.

The danger: a person gets a letter twice, or none and nobody notices. What guards it: a mail is
claimed (`sending`) before the server sees it, and what happened is recorded after. Where a sender
dies in between, or the connection breaks while the server answers, the mail is `unsure` and waits
for somebody to look: it is never sent again by itself. Its Message-ID never changes, so that a
second copy, if one is asked for, is known as one. Tests: tests/desk/requests/test_outbox.py.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP, default
from pathlib import Path

from django.db.models import Q

from servanda import state
from servanda.desk.requests import bounces, mailseal, smtp
from servanda.desk.requests.book import Book
from servanda.desk.requests.states import ENDED
from servanda.desk.requests.vault import PersonGone
from servanda.kernel.errors import UsageError
from servanda.kernel.seal import write_secret
from servanda.state.connection import guard
from servanda.state.models import OutboxMail, Request

State = OutboxMail.State
_LEASE = timedelta(minutes=5)
_FIRST_WAIT = timedelta(minutes=2)
_LONGEST_WAIT = timedelta(hours=6)


@dataclass(frozen=True, slots=True)
class Posted:
    """What became of a mail. `file`: where it was written, without a mail server. `request` is
    blank for one that belongs to none; `about` then says what it is about. `bounce`: the code with
    which it came back."""

    id: int
    request: str
    kind: str
    state: str
    error: str = ""
    file: Path | None = None
    about: str = ""
    bounce: str = ""


def put(
    book: Book,
    row: Request | None,
    kind: str,
    message: EmailMessage,
    now: datetime,
    about: str = "",
) -> int:
    """Within the caller's transaction: a mail to send once that is committed."""
    mail = OutboxMail(
        request=row,
        about=about,
        kind=kind,
        message_id=message["Message-ID"],
        content=b"",
        made_at=now,
        next_at=now,
    )
    mail.save(force_insert=True)
    mailseal.close(book, mail, message.as_bytes(policy=SMTP))
    mail.save()
    return mail.id


def deliver(book: Book, *, now: datetime | None = None, only: int | None = None) -> list[Posted]:
    """Send what is due, oldest first; what could not be sent is tried again later."""
    moment = now or datetime.now(UTC)
    _give_up_on_the_dead(moment)
    due = OutboxMail.objects.filter(state=State.WAITING, next_at__lte=moment).order_by("id")
    with guard():
        ids = list((due if only is None else due.filter(id=only)).values_list("id", flat=True))
    return [done for id_ in ids if (done := _one(book, id_, moment)) is not None]


def listed(ref: int | None = None) -> list[Posted]:
    """What is not sent yet, or came back while its request is open; of one request, every mail."""
    rows = OutboxMail.objects.order_by("id")
    back = Q(bounced_at__isnull=False) & ~Q(request__state__in=ENDED)
    unsent = back | ~Q(state=State.SENT)
    rows = rows.filter(unsent) if ref is None else rows.filter(request_id=ref)
    with guard():
        return [_told(mail) for mail in rows]


def bounced(book: Book) -> list[bounces.Bounced]:
    """Mails that came back, the latest first."""
    return bounces.listed()


def settle(id_: int, *, sent: bool, now: datetime | None = None) -> None:
    """Somebody looked: an unsure mail was sent after all, or is to be sent again."""
    moment = now or datetime.now(UTC)
    _give_up_on_the_dead(moment)
    with state.transaction():
        mail = OutboxMail.objects.select_for_update().filter(id=id_).first()
        if mail is None or mail.state not in (State.UNSURE, State.FAILED):
            raise UsageError(
                f"there is no mail {id_} that waits for a decision", "see servanda request mail"
            )
        if not sent and not mail.content:
            raise UsageError("what this mail said is destroyed", "write it anew")
        mail.state = State.SENT if sent else State.WAITING
        mail.sent_at = moment if sent else None
        mail.tries, mail.next_at, mail.error = 0, moment, ""
        if not sent:
            mail.bounced_at, mail.bounce = None, ""
        elif mail.request_id is None:
            mailseal.destroy(mail)
        mail.save()


def _one(book: Book, id_: int, now: datetime) -> Posted | None:
    with state.transaction():
        claimed = OutboxMail.objects.filter(id=id_, state=State.WAITING).update(
            state=State.SENDING, lease_until=now + _LEASE
        )
        if not claimed:
            return None  # another process was first
        mail = OutboxMail.objects.select_related("request__person").get(id=id_)
    settings = book.settings.mail
    try:
        raw = mailseal.opened(book, mail)
    except (UsageError, PersonGone):  # its key was destroyed meanwhile
        return _over(mail)
    file = None
    mail.tries += 1
    status = ""
    try:
        if settings.host:
            smtp.send(settings, message_from_bytes(raw, _class=EmailMessage, policy=default))
        else:
            file = _written(Path(settings.folder), mail, raw)
        mail.state, mail.sent_at, mail.error = State.SENT, now, ""
    except smtp.Unsure:
        mail.state, mail.error = State.UNSURE, "no answer"
    except smtp.NotSent as error:
        over = error.permanent or mail.tries >= settings.tries
        mail.state, mail.error = (State.FAILED if over else State.WAITING), error.code
        mail.next_at = now + min(_FIRST_WAIT * 2 ** (mail.tries - 1), _LONGEST_WAIT)
        status = error.status if error.permanent else ""
    with state.transaction():
        mail.lease_until = None
        mail.save(update_fields=["state", "sent_at", "error", "next_at", "tries", "lease_until"])
        if status:
            bounces.mark(mail, status, now)
        if mail.state == State.SENT and mail.request_id is None:
            mailseal.destroy(mail)
    return _told(mail, file)


def _over(mail: OutboxMail) -> Posted:
    with state.transaction():
        mail.state, mail.error, mail.lease_until = State.FAILED, "destroyed", None
        mail.save(update_fields=["state", "error", "lease_until"])
    return _told(mail)


def _told(mail: OutboxMail, file: Path | None = None) -> Posted:
    request = str(mail.request_id or "")
    return Posted(
        mail.id, request, mail.kind, mail.state, mail.error, file, mail.about, mail.bounce
    )


def _give_up_on_the_dead(now: datetime) -> None:
    with state.transaction():
        OutboxMail.objects.filter(state=State.SENDING, lease_until__lt=now).update(
            state=State.UNSURE, error="the sender died", lease_until=None
        )


def file_of(folder: Path, mail: OutboxMail) -> Path:
    whose = f"request-{mail.request_id}" if mail.request_id else "mail"
    return folder / f"{whose}-{mail.kind}-{mail.id}.eml"


def _written(folder: Path, mail: OutboxMail, raw: bytes) -> Path:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = file_of(folder, mail)
    if not path.exists():  # it appears whole or not at all, so what is there is it
        write_secret(path, raw)
    return path
