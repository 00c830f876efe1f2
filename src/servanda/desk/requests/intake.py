"""Requests that arrive by mail: from one file, or from a mailbox, each message once.

The mailbox is only read: nothing in it is moved or marked. What was opened is known again by a
keyed hash of its Message-ID, so it may be read as often as one likes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from hashlib import sha256
from typing import Literal

from servanda.connectors.imap.address import parse
from servanda.connectors.imap.session import Session
from servanda.desk.intake import counts
from servanda.desk.requests import opening, postbag
from servanda.desk.requests.book import Book
from servanda.desk.requests.view import Told
from servanda.kernel.errors import UsageError
from servanda.kernel.suggest import did_you_mean
from servanda.state.connection import guard
from servanda.state.models import Request

LARGEST = 25 * 1024 * 1024
_AT_ONCE = 20
_TIMEOUT_S = 60.0

Outcome = Literal["opened", "known", "ignored", "unclear", "refused"]


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of one mail. `mail`: its UID in the mailbox. Nothing in here is personal."""

    mail: str
    outcome: Outcome
    request: str = ""
    right: str = ""
    why: str = ""


def take(
    book: Book,
    raw: bytes,
    *,
    by: str,
    mail: str = "",
    right: str | None = None,
    received: date | None = None,
    place: str | None = None,
    tenant: str | None = None,
    now: datetime | None = None,
) -> Taken:
    """One mail. `unclear`: no word in it names a right; somebody must read it."""
    if not raw or len(raw) > LARGEST:
        return Taken(mail, "unclear", why="it is empty, or too large to be read here")
    read = postbag.read(raw)
    message = read.message_id or f"sha256 {sha256(raw).hexdigest()}"
    known = _known(book, message)
    if known:
        return Taken(mail, "known", known)
    if read.machine:
        return Taken(mail, "ignored", why=read.machine)
    if not read.sender:
        return Taken(mail, "ignored", why="it has no sender to answer to")
    chosen = right or read.right
    if not chosen:
        return Taken(mail, "unclear", why="no word in it names a right")
    if postbag.has_card(read):
        counts.refused(counts.MAIL, ["card"])
        return Taken(mail, "refused", why="it holds a card number: take it in without it, by hand")
    told = Told(
        identities=(("email", read.sender),),
        name=read.name,
        text=f"{read.subject}\n\n{read.text}".strip(),
        contact=read.sender,
    )
    day = received or believable(book, read.arrived, now)
    arrival = opening.Arrival(chosen, told, day, "mail", place, tenant, message)
    ref = opening.arrived(book, arrival, by, now)
    return Taken(mail, "opened", ref, chosen, "" if right else "the right is guessed: confirm it")


def read_mailbox(connect: str, folder: str) -> Iterator[tuple[str, bytes]]:
    """(UID, message) of each message, oldest first; nothing for the bytes of one too large to be
    somebody's request. `connect`: an address as in stores.yaml."""
    session = Session("the mailbox", parse(connect), "", _TIMEOUT_S)
    try:
        raws = {each.name: each.raw for each in session.mailboxes()}
        if folder not in raws:
            raise UsageError(f'there is no mailbox "{folder[:60]}"', did_you_mean(folder, raws))
        opened = session.select(raws[folder], write=False)
        uids = list(session.search("ALL", 1, opened.uidnext))
        for first in range(0, len(uids), _AT_ONCE):
            sizes = session.fetch(uids[first : first + _AT_ONCE], "RFC822.SIZE")
            for uid in sorted(sizes):
                size = sizes[uid].get("RFC822.SIZE")
                if not isinstance(size, bytes) or int(size) > LARGEST:
                    yield str(uid), b""
                    continue
                whole = session.fetch([uid], "BODY.PEEK[]").get(uid, {}).get("BODY[]")
                if isinstance(whole, bytes):  # else it went meanwhile
                    yield str(uid), whole
    finally:
        session.close()


def take_all(
    book: Book, mails: Iterable[tuple[str, bytes]], *, by: str, now: datetime | None = None
) -> Iterator[Taken]:
    """Each mail in a transaction of its own: what was opened stays so, whatever follows."""
    for mail, raw in mails:
        yield take(book, raw, by=by, mail=mail, now=now)


def _known(book: Book, message: str) -> str:
    with guard():
        row = Request.objects.filter(message=book.vault.mark("message", message)).first()
    return "" if row is None else str(row.id)


def believable(book: Book, arrived: date | None, now: datetime | None) -> date:
    """What a stranger writes may be any day; one in the future or long past is taken for today."""
    today = book.today(now)
    if arrived is None or not today - timedelta(days=366) <= arrived <= today:
        return today
    return arrived
