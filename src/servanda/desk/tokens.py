"""Tokens of the API: made once, shown once, and good for what they say until they expire.

The danger: a token that may more than whoever made it, or one that works for ever. What guards it:
scopes are checked against the maker's role, tokens end when their maker may less or leaves, every
token has an end, and only a hash is kept.
Tests: tests/desk/test_tokens.py.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from servanda import ledger, state
from servanda.desk.roles import May, may
from servanda.kernel.errors import UsageError
from servanda.kernel.suggest import did_you_mean
from servanda.state.connection import guard
from servanda.state.models import Token

PREFIX = "svd_"
LONGEST = timedelta(days=366)
_USED_EVERY = timedelta(minutes=1)

_NO_CALL = (May.OWN_TENANT, May.READ)
SCOPES = {right.name.lower(): right for right in May if right not in _NO_CALL}
"""By name: what a token may. Those that show people's data want a purpose with each call."""


def make(
    name: str,
    scopes: Iterable[str],
    days: int,
    *,
    by: str,
    role: str,
    until: datetime | None = None,
    now: datetime | None = None,
) -> tuple[Token, str]:
    """A new token and its secret, which is shown once and kept nowhere. `until`: it ends then at
    the latest, as does the token with which it was made."""
    wanted = sorted(set(scopes))
    for scope in wanted:
        if scope not in SCOPES:
            raise UsageError(f'there is no scope "{scope[:30]}"', did_you_mean(scope, SCOPES))
        if not may(role, SCOPES[scope]):
            raise UsageError(f"your role may not {SCOPES[scope]}, so no token of yours may")
    if not wanted or not name.strip():
        raise UsageError("a token needs a name, and at least one scope")
    if not 0 < days <= LONGEST.days:
        raise UsageError(f"a token lasts between 1 and {LONGEST.days} days")
    moment = now or datetime.now(UTC)
    ends = moment + timedelta(days=days)
    secret = PREFIX + secrets.token_urlsafe(32)
    with state.transaction():
        row = Token.objects.create(
            hash=_hash(secret),
            name=name.strip()[:100],
            scopes=wanted,
            by=by,
            made_at=moment,
            expires_at=min(ends, until) if until else ends,
        )
        _told("token.made", row, by, now, scopes=wanted)
    return row, secret


def find(secret: str, now: datetime | None = None) -> Token | None:
    """The token with this secret, if it still counts."""
    if not secret.startswith(PREFIX):
        return None
    moment = now or datetime.now(UTC)
    with guard():
        row = Token.objects.filter(
            hash=_hash(secret), revoked_at=None, expires_at__gt=moment
        ).first()
        if row is not None and (row.used_at is None or moment - row.used_at > _USED_EVERY):
            Token.objects.filter(id=row.id).update(used_at=moment)
    return row


def revoke(id_: int, *, by: str, now: datetime | None = None) -> None:
    """It stops counting at once. UsageError where there is none."""
    with state.transaction():
        row = Token.objects.filter(id=id_).first()
        if row is None:
            raise UsageError("there is no such token", "see the list of tokens")
        found = Token.objects.filter(id=id_, revoked_at=None)
        if found.update(revoked_at=now or datetime.now(UTC)):
            _told("token.revoked", row, by, now)


def revoke_all(by: str, now: datetime | None = None) -> int:
    """Every token a member made, because they leave or may less now; how many still counted."""
    moment = now or datetime.now(UTC)
    with state.transaction():
        found = Token.objects.filter(by=by, revoked_at=None, expires_at__gt=moment)
        return found.update(revoked_at=moment)


def listed() -> list[Token]:
    """The newest first."""
    with guard():
        return list(Token.objects.order_by("-id")[:200])


def behind(by: str) -> str:
    """Who stands behind `by`: of `token 5` the member who made it, of everybody else themselves.
    Where two people must do something, a program is the person who made its token."""
    word, _, number = by.partition(" ")
    if word != "token" or not (number.isascii() and number.isdigit() and len(number) < 19):
        return by
    with guard():
        found = Token.objects.filter(id=int(number)).values_list("by", flat=True).first()
    return by if found is None else str(found)


def _told(kind: str, row: Token, by: str, now: datetime | None, **more: object) -> None:
    ledger.append([{"kind": kind, "token": row.pk, "by": by, **more}], now=now)


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
