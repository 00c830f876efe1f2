"""Answers on the way to a request: sealed, for an hour, and readable by one browser only.

The danger: what somebody typed and never sent lies about. What guards it: the key is made of the
workspace's key and a secret that only the browser has, the row is named by that secret's hash,
and a draft that is over is not read, and removed. Tests: tests/desk/portal/test_drafts.py.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from servanda import state
from servanda.desk.requests.book import Book
from servanda.kernel import keyring
from servanda.kernel import seal as sealing
from servanda.kernel.errors import UsageError
from servanda.state.connection import guard
from servanda.state.models import PortalDraft

LASTS = timedelta(hours=1)
_MOST = 64 << 10
_PLACE = b"portal draft"


def new_secret() -> str:
    """What the browser keeps."""
    return secrets.token_urlsafe(32)


def name(secret: str) -> str:
    """The draft's name, which tells nothing of the secret."""
    return hashlib.sha256(secret.encode()).hexdigest()


def read(book: Book, secret: str, now: datetime | None = None) -> dict[str, Any]:
    """What was answered so far; nothing where there is no draft, or its hour is over."""
    if not secret or len(secret) > 100:
        return {}
    with guard():
        row = PortalDraft.objects.filter(
            id=name(secret), expires_at__gt=now or datetime.now(UTC)
        ).first()
    if row is None:
        return {}
    try:
        found: dict[str, Any] = json.loads(
            sealing.unseal(_key(book, secret), bytes(row.content), _PLACE)
        )
    except sealing.SealBroken:  # the workspace's key was changed meanwhile
        return {}
    return found


def write(book: Book, secret: str, answers: Mapping[str, Any], now: datetime | None = None) -> None:
    """Keep it for another hour."""
    plain = json.dumps(answers, ensure_ascii=False).encode()
    if len(plain) > _MOST:
        raise UsageError("these answers are too long", "say it in fewer words")
    sealed = sealing.seal(_key(book, secret), plain, _PLACE)
    until = (now or datetime.now(UTC)) + LASTS
    with state.transaction():
        PortalDraft.objects.update_or_create(
            id=name(secret), defaults={"content": sealed, "expires_at": until}
        )


def drop(secret: str) -> None:
    """It became a request, or somebody gave it up."""
    with state.transaction():
        PortalDraft.objects.filter(id=name(secret)).delete()


def expire(now: datetime | None = None) -> int:
    """Remove those that are over; how many."""
    with state.transaction():
        over = PortalDraft.objects.filter(expires_at__lte=now or datetime.now(UTC))
        return int(over.delete()[0])


def _key(book: Book, secret: str) -> bytes:
    return sealing.derive(keyring.root(book.master, "portal drafts") + secret.encode(), "draft")
