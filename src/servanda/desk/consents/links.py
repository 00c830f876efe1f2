"""Links that need no account: to end mailings with one click, and to one's own preferences.

    links.unsubscribe(book, mark, "email")   …/consent/u/TOKEN, for the List-Unsubscribe header
    links.preferences(book, mark)            …/consent/p/TOKEN, for the mail's footer
    links.headers(book, mark, "email")       both headers of RFC 8058

A token is the mark of the person, what it is for, and a keyed signature over both: nothing is
stored, and nothing in it can be read back into an address. One to unsubscribe is good for ever;
one to the preferences for ninety days, and shows choices alone.

The danger: a link made up for somebody else. What guards it: 128 bits of HMAC-SHA256 under a key of
its own. Tests: tests/desk/consents/test_links.py.
"""

from __future__ import annotations

import base64
import hmac
import struct
from binascii import Error
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from servanda.desk.requests.book import Book
from servanda.kernel import keyring
from servanda.policy.published import CHANNELS

LASTS_DAYS = 90
_ROOT = "consent links"
_FORM = struct.Struct(">BBH32s")  # version and kind, channel, last day, mark
_SIGNED = 16
_KINDS = {"u": 1, "p": 2}

Kind = Literal["u", "p"]


@dataclass(frozen=True, slots=True)
class Link:
    """`channel` is blank where the link is for all. `over`: its days have ended."""

    kind: Kind
    mark: str
    channel: str
    over: bool


def unsubscribe(book: Book, mark: str, channel: str = "email") -> str:
    """Blank where there is nobody."""
    return _address(book, "u", mark, channel, 0) if mark else ""


def preferences(book: Book, mark: str, now: datetime | None = None) -> str:
    """Blank where there is nobody."""
    last = (now or datetime.now(UTC)).date().toordinal() + LASTS_DAYS
    return _address(book, "p", mark, "", last - _DAY_ONE) if mark else ""


def link(book: Book, email: str, now: datetime | None = None) -> str:
    """The preferences of whoever has that mailbox."""
    return preferences(book, book.mark("email", email), now)


def headers(book: Book, mark: str, channel: str = "email") -> dict[str, str]:
    """For a mailing: both must be covered by its DKIM signature (RFC 8058)."""
    return {
        "List-Unsubscribe": f"<{unsubscribe(book, mark, channel)}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }


def read(book: Book, kind: Kind, token: str, now: datetime | None = None) -> Link | None:
    """None for what we did not make."""
    try:
        raw = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
    except (Error, ValueError):
        return None
    body, signed = raw[: _FORM.size], raw[_FORM.size :]
    if len(raw) != _FORM.size + _SIGNED or token != _text(raw):
        return None
    if not hmac.compare_digest(signed, _signature(book, body)):
        return None
    version, channel, last, mark = _FORM.unpack(body)
    if version != _KINDS[kind]:
        return None
    today = (now or datetime.now(UTC)).date().toordinal() - _DAY_ONE
    named = CHANNELS[channel - 1] if channel else ""
    return Link(kind, mark.hex(), named, bool(last) and today > last)


_DAY_ONE = datetime(2020, 1, 1, tzinfo=UTC).toordinal()


def _address(book: Book, kind: Kind, mark: str, channel: str, last: int) -> str:
    number = CHANNELS.index(channel) + 1 if channel else 0
    body = _FORM.pack(_KINDS[kind], number, last, bytes.fromhex(mark))
    return f"{book.settings.address}/consent/{kind}/{_text(body + _signature(book, body))}"


def _signature(book: Book, body: bytes) -> bytes:
    key = keyring.root(book.master, _ROOT)
    return hmac.digest(key, body, "sha256")[:_SIGNED]


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")
