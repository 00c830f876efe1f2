"""The inbox: read by IMAP, each mail taken once, then moved to the folder of what was dealt with.

    inbox.poll(book)                      # the worker, every minute
    inbox.pending(book)                   # what waits for its sender, or for staff
    inbox.confirm(book, token)            # the sender clicked
    inbox.take_in(book, 3, by="ann")      # staff did not wait

The danger: a mail lost between the mailbox and the database, or taken twice. What guards it: what a
mail becomes is committed before it is moved. Killed in between, it is read again, known again, and
only moved. Of each mail no more than its beginning is read, so attachments stay where they are.
Tests: tests/desk/requests/test_inbox.py, tests/faults/test_inbox_kill.py.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import unquote, urlsplit

from servanda.connectors.imap import wire
from servanda.connectors.imap.address import Address
from servanda.connectors.imap.mail import moment
from servanda.connectors.imap.session import Session
from servanda.desk.requests.arrivals import Pending, dismiss, expire, pending
from servanda.desk.requests.arriving import Arrived, receive
from servanda.desk.requests.book import Book
from servanda.desk.requests.confirming import confirm, shown, take_in
from servanda.desk.settings import MailSettings
from servanda.kernel.errors import UsageError
from servanda.kernel.suggest import did_you_mean

__all__ = [
    "Pending",
    "Polled",
    "confirm",
    "dismiss",
    "expire",
    "pending",
    "poll",
    "shown",
    "take_in",
]

MOST = 200  # mails in one go
_BEGINNING = 256 * 1024  # bytes of a mail that are read
_TIMEOUT_S = 60.0
_PORTS = {"imap": 143, "imaps": 993}


@dataclass(frozen=True, slots=True)
class Polled:
    """How many mails became what (see `arriving.Outcome`). `opened`: requests, by number. `look`:
    mails that were put aside, flagged, for somebody to look at. `more`: some are left."""

    counts: Counter[str] = field(default_factory=Counter)
    opened: tuple[str, ...] = ()
    look: int = 0
    more: bool = False


def poll(
    book: Book,
    *,
    now: datetime | None = None,
    most: int = MOST,
    stopped: Callable[[], bool] = lambda: False,
) -> Polled:
    """Take what lies in the inbox, oldest first. UsageError or StoreUnreachable where it cannot be
    read; what was taken until then stays taken."""
    address, folder = address_of(book.settings.mail)
    session = Session("inbox", address, "", _TIMEOUT_S)
    try:
        done = _folders(session, folder, book.settings.mail.inbox_done)
        box = session.select(wire.encoded_name(folder), write=True)
        counts: Counter[str] = Counter()
        opened: list[str] = []
        look = taken = 0
        for uid in session.search("UNDELETED", 1, max(box.uidnext - 1, 1)):
            if taken >= most or stopped():
                return Polled(counts, tuple(opened), look, more=True)
            arrived = _take(book, session, uid, done, now)
            if arrived is None:
                continue
            taken += 1
            look += arrived.look
            counts[arrived.outcome] += 1
            if arrived.outcome == "confirmed" and arrived.request:
                opened.append(arrived.request)
        return Polled(counts, tuple(opened), look)
    finally:
        session.close()


def _take(
    book: Book, session: Session, uid: int, done: str, now: datetime | None
) -> Arrived | None:
    """One mail; None where it went meanwhile."""
    told = session.fetch([uid], f"INTERNALDATE BODY.PEEK[]<0.{_BEGINNING}>").get(uid, {})
    raw = told.get("BODY[]<0>")
    if not isinstance(raw, bytes):
        return None
    came = moment(told.get("INTERNALDATE"))
    arrived = receive(book, raw, came if isinstance(came, datetime) else None, now=now)
    if arrived.look:
        session.flag([uid], "+", "\\Flagged")
    session.move([uid], done)
    return arrived


def _folders(session: Session, inbox: str, done: str) -> str:
    """The folder for what was dealt with, as commands want it; made where it is missing."""
    known = {each.name: each.raw for each in session.mailboxes()}
    if inbox not in known and inbox.upper() != "INBOX":
        raise UsageError(f'there is no mailbox "{inbox[:60]}"', did_you_mean(inbox, known))
    if done == inbox:
        raise UsageError("mail.inbox_done is the inbox itself", "name another folder")
    if done in known:
        return known[done]
    raw = wire.encoded_name(done)
    session.create(raw)
    return raw


def address_of(settings: MailSettings) -> tuple[Address, str]:
    """Where the inbox is. UsageError, without a word of the address, where it cannot be read."""
    try:
        parts = urlsplit(settings.inbox)
        port = parts.port or _PORTS[parts.scheme]
    except (ValueError, KeyError):
        raise _wrong("its port or scheme") from None
    if not parts.hostname or not parts.username or parts.query or parts.fragment:
        raise _wrong("its user or host")
    if parts.password is not None:
        raise _wrong("a password in it; it belongs into mail.inbox_password")
    if not settings.inbox_password:
        raise UsageError(
            "servanda.toml: mail.inbox has no password", 'set inbox_password = "${INBOX_PASSWORD}"'
        )
    login, folder = unquote(parts.username), unquote(parts.path).strip("/") or "INBOX"
    if any(each in "\r\n\0" for each in login + settings.inbox_password + folder):
        raise _wrong("a line break in it")
    address = Address(
        parts.hostname,
        port,
        parts.scheme == "imaps",
        login,
        settings.inbox_password,
        authority=settings.ca,
    )
    return address, folder


def _wrong(what: str) -> UsageError:
    return UsageError(
        f"servanda.toml: mail.inbox cannot be read ({what})",
        'write it as "imaps://privacy@msp.example@mail.msp.example/INBOX"',
    )
