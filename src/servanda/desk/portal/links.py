"""The link by which a person follows a request.

The danger: a link that is guessed, or read out of the database. What guards it: its secret has
256 bits; the table holds its hash, and the secret itself sealed under the person's key, so that
mails can repeat it and it ends with that key. What a link alone shows is no personal data.
Tests: tests/desk/portal/test_links.py.
"""

from __future__ import annotations

import hashlib
import secrets
from datetime import UTC, datetime

from servanda import state
from servanda.desk.requests.book import Book
from servanda.kernel import seal as sealing
from servanda.state.connection import guard
from servanda.state.models import PortalLink

_PART = "follow link"


def make(book: Book, ref: str, language: str = "en", now: datetime | None = None) -> str:
    """Make a request's link, and return its secret."""
    secret = secrets.token_urlsafe(32)
    with state.transaction():
        row = book.row(ref)
        PortalLink.objects.create(
            request=row,
            hash=_hash(secret),
            secret=book.vault.seal(row.person, row.id, _PART, secret.encode()),
            language=language[:8],
            made_at=now or datetime.now(UTC),
        )
    return secret


def find(secret: str) -> PortalLink | None:
    """The link with that secret. One whose request's key is destroyed has ended."""
    if not 20 < len(secret) < 100:
        return None
    with guard():
        found = PortalLink.objects.filter(hash=_hash(secret))
        return found.filter(request__person__destroyed_at=None).select_related("request").first()


def secret_of(book: Book, ref: str) -> str:
    """To repeat it in a mail; blank where the request has no link."""
    row = book.row(ref)
    with guard():
        link = PortalLink.objects.filter(request=row).first()
    if link is None:
        return ""
    try:
        sealed = bytes(link.secret)
        return book.vault.unseal(row.person, row.id, _PART, sealed).decode()
    except sealing.SealBroken:
        return ""


def language_of(ref: str) -> str:
    """The language in which the request was made; English where it was not made here."""
    with guard():
        found = PortalLink.objects.filter(request_id=int(ref)).values_list("language", flat=True)
        return found.first() or "en"


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
