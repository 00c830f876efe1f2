"""Mails that belong to no request: answers to enquiries, invitations, notices.

    post.send(desk.book, "invitation", address, "Your account", text, about="member:3")

The danger is that of the outbox, and the same guards it: put down in the caller's transaction,
claimed before it is sent, never sent twice by itself, `unsure` where nobody knows. What it says is
sealed under a key of its own, destroyed when it is sent; of one that could not be sent, after
`[mail] keep_days`. Tests: tests/desk/test_post.py.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

from servanda import state
from servanda.desk.requests import compose, mailseal, outbox, shred, vault
from servanda.desk.requests.book import Book
from servanda.kernel.errors import UsageError
from servanda.kernel.suggest import did_you_mean
from servanda.state.connection import guard
from servanda.state.models import OutboxMail

HEADERS = ("In-Reply-To", "References", "Reply-To")
"""What a caller may add; all others are ours."""
_KIND = re.compile(r"[a-z][a-z0-9-]{0,31}")
_ABOUT = re.compile(r"[a-z][a-z-]{0,31}(:[A-Za-z0-9-]{1,31})?")
_UNSENT = (outbox.State.WAITING, outbox.State.FAILED, outbox.State.UNSURE)


def send(
    book: Book,
    kind: str,
    to: str,
    subject: str,
    text: str,
    *,
    about: str,
    html: str | None = None,
    headers: Mapping[str, str] | None = None,
    now: datetime | None = None,
) -> int:
    """Put a mail down; its number. It goes out with the next `outbox.deliver`. Joins the caller's
    transaction. `about`: what it is about, by number (`enquiry:12`), never a name or address."""
    if not _KIND.fullmatch(kind) or not _ABOUT.fullmatch(about):
        raise UsageError("kind and subject of a mail are words and numbers", "as in enquiry:12")
    message = compose.ours(book, to, subject, text, html=html, now=now)
    for name, value in (headers or {}).items():
        if name not in HEADERS:
            raise UsageError("a mail cannot have that header", did_you_mean(name[:40], HEADERS))
        message[name] = " ".join(value.split())  # on one line, so nothing is smuggled in
    with state.transaction():
        return outbox.put(book, None, kind, message, now or datetime.now(UTC), about)


def withdraw(about: str) -> None:
    """Within the caller's transaction: what was not sent yet of this is not sent any more."""
    for mail in OutboxMail.objects.select_for_update().filter(about=about, state__in=_UNSENT):
        _give_up(mail, "withdrawn")


def abandon(about: str) -> None:
    """Within the caller's transaction: destroy what could not be sent of this, or nobody knows of.
    What only waits for its turn still goes."""
    stuck = (outbox.State.FAILED, outbox.State.UNSURE)
    rows = OutboxMail.objects.select_for_update().filter(about=about, state__in=stuck)
    for mail in rows.exclude(content=b""):
        _give_up(mail, mail.error)


def forget(book: Book, *, now: datetime | None = None) -> int:
    """Destroy what could not be sent and is past its time, and the files that were written for
    want of a server; how many mails. Never in a transaction."""
    moment = now or datetime.now(UTC)
    before = moment - timedelta(days=book.settings.mail.keep_days)
    alone = OutboxMail.objects.filter(request=None)
    with guard():
        old = list(alone.filter(made_at__lt=before, state__in=_UNSENT).exclude(content=b""))
        written = list(alone.filter(sent_at__lt=before, sent_at__gt=before - timedelta(days=60)))
        lately = alone.filter(sent_at__gt=moment - timedelta(days=2), content=b"").exists()
    for mail in written:
        with suppress(UsageError):  # it was never written, or taken away already
            shred.shred(outbox.file_of(Path(book.settings.mail.folder), mail))
    gone = 0
    for mail in old:
        with state.transaction():
            still = alone.select_for_update().filter(id=mail.id, state__in=_UNSENT).first()
            if still is not None:
                _give_up(still, still.error or "too old")
                gone += 1
    if gone or lately:
        vault.scrub("servanda_outboxmail", "servanda_mailarrival")
    return gone


def _give_up(mail: OutboxMail, error: str) -> None:
    mailseal.destroy(mail)
    if mail.state == outbox.State.WAITING:
        mail.state = outbox.State.FAILED
    mail.error = error
    mail.save(update_fields=["state", "error"])
