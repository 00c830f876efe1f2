"""Codes by mail, for people without an account: who has the code, reads the mailbox.

The danger: a code guessed, or the portal used to flood somebody's mailbox. What guards it: a code
has ten signs, five tries and half an hour, and a new one ends the one before; at most three go to
a mailbox in an hour for those who ask from one network, so that a stranger elsewhere cannot use up
what its owner needs; twelve in all, and thirty from one address of a caller. A code proves the
mailbox it was mailed to and no other, so whoever names another one after it was sent proves
nothing. Only keyed hashes are kept, for a day. What is answered never depends on whether we know
the address.
Tests: tests/desk/portal/test_codes.py.
"""

from __future__ import annotations

import ipaddress
from datetime import UTC, datetime, timedelta
from functools import partial

from servanda import state
from servanda.desk import onecode
from servanda.desk.requests.book import Book
from servanda.kernel.errors import UsageError
from servanda.state.models import PortalCode, Tree

LASTS = timedelta(minutes=30)
TRIES = 5
PER_MAILBOX, PER_MAILBOX_IN_ALL, PER_CALLER = 3, 12, 30
_NETWORK = {4: 24, 6: 48}  # bits that whoever has one address commonly has all of
_WINDOW = timedelta(hours=1)
_KEPT = timedelta(days=1)


class TooMany(UsageError):
    """Enough codes went there, or were asked for from there, in the last hour."""


class WrongCode(UsageError):
    """Not the code. `left`: how often one may still try."""

    def __init__(self, left: int) -> None:
        super().__init__(f"that is not the code; {left} tries are left")
        self.left = left


def make(book: Book, about: str, mailbox: str, caller: str, now: datetime | None = None) -> str:
    """A new code for the mailbox, to be mailed and kept nowhere. TooMany beyond the limits."""
    moment = now or datetime.now(UTC)
    ours, theirs = book.mark("email", mailbox), book.vault.mark("caller", caller)
    near = book.vault.mark("network", network(caller))
    code, kept = onecode.fresh(
        partial(_hash, book, about, mailbox), lasts=LASTS, tries=TRIES, now=moment
    )
    with state.transaction():
        _one_at_a_time()
        lately = PortalCode.objects.filter(made_at__gt=moment - _WINDOW)
        there = lately.filter(mailbox=ours)
        if there.filter(near=near).count() >= PER_MAILBOX or there.count() >= PER_MAILBOX_IN_ALL:
            raise TooMany("enough codes went to this mailbox within an hour", "look there, or wait")
        if lately.filter(caller=theirs).count() >= PER_CALLER:
            raise TooMany("too many codes were asked for from here", "come back in an hour")
        onecode.end(PortalCode.objects.filter(about=about), moment)
        PortalCode.objects.create(about=about, mailbox=ours, caller=theirs, near=near, **kept)
    return code


def noted(book: Book, number: str, caller: str, now: datetime | None = None) -> None:
    """Count a request without a mailbox: a telephone number that we are asked to call back.
    TooMany beyond the limits."""
    moment = now or datetime.now(UTC)
    ours, theirs = book.mark("phone", number), book.vault.mark("caller", caller)
    with state.transaction():
        _one_at_a_time()
        lately = PortalCode.objects.filter(made_at__gt=moment - _WINDOW)
        if lately.filter(mailbox=ours).count() >= PER_MAILBOX:
            raise TooMany("we are asked to call this number already", "we will call")
        if lately.filter(caller=theirs, about="call").count() >= PER_MAILBOX:
            raise TooMany("too many requests came from here", "come back in an hour")
        PortalCode.objects.create(
            about="call",
            mailbox=ours,
            caller=theirs,
            salt=b"",
            hash="",
            made_at=moment,
            expires_at=moment,
            tries_left=0,
        )


def network(caller: str) -> str:
    """The network around an address of a caller; what is no address stands for itself."""
    try:
        found = ipaddress.ip_network(caller, strict=False)
    except ValueError:
        return caller
    bits = min(found.prefixlen, _NETWORK[found.version])
    return str(found.supernet(new_prefix=bits))


def _one_at_a_time() -> None:
    """Within a transaction: what is counted here is not counted beside, so that of many who ask at
    the same moment no more get through."""
    Tree.objects.select_for_update().get(id=1)


def check(book: Book, about: str, mailbox: str, typed: str, now: datetime | None = None) -> None:
    """Returns where it is the code that went to this mailbox; WrongCode otherwise, and the try is
    counted."""
    moment = now or datetime.now(UTC)
    with state.transaction():  # a wrong try stays counted, so nothing is raised in here
        row, right = onecode.tried(
            PortalCode.objects.filter(about=about),
            typed,
            partial(_hash, book, about, mailbox),
            now=moment,
        )
    if right:
        return
    raise WrongCode(row.tries_left if row is not None else 0)


def expire(now: datetime | None = None) -> None:
    """Forget what is older than a day."""
    with state.transaction():
        old = PortalCode.objects.filter(made_at__lt=(now or datetime.now(UTC)) - _KEPT)
        old.delete()


def _hash(book: Book, about: str, mailbox: str, salt: bytes, code: str) -> str:
    """With the mailbox as it was written: aliases count together, but prove nothing together."""
    return book.vault.mark("portal code", f"{about} {mailbox} {salt.hex()} {code}")
