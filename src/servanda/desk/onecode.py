"""One-time codes: made once, kept as a salted hash, tried a few times, and good for one right try.

Three tables hold such codes (of requests, of callers, of the portal); each says for itself who may
have one, how many, and under which key its hash is made. What a code is, and what a try does, is
said here alone.

The danger: a code guessed, or used twice. What guards it: signs from a source of secrets; a try is
counted before its answer is given, under the row's lock, so that none is tried beside; a right one
is used up; comparing takes the same time whatever was typed.
Tests: tests/desk/test_onecode.py, and those of each table.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, TypeVar

from django.db.models import QuerySet

from servanda.kernel.seal import new_salt
from servanda.state.models import CallerCode, Challenge, PortalCode

LETTERS = "ABCDEFGHJKMNPQRSTVWXYZ23456789"  # none that is taken for another one
LENGTH = 10
"""Signs that can be read out, and are not guessed: 49 bits."""

Row = TypeVar("Row", Challenge, CallerCode, PortalCode)


def fresh(
    hash_of: Callable[[bytes, str], str],
    *,
    lasts: timedelta,
    tries: int,
    now: datetime,
    length: int = LENGTH,
) -> tuple[str, dict[str, Any]]:
    """A new code as it is read out, to be given away and kept nowhere; and what its row keeps.
    `hash_of`: the keyed hash of a salt and a code."""
    code = "".join(secrets.choice(LETTERS) for _ in range(length))
    salt = new_salt()
    kept = {
        "salt": salt,
        "hash": hash_of(salt, code),
        "made_at": now,
        "expires_at": now + lasts,
        "tries_left": tries,
    }
    return f"{code[: length // 2]}-{code[length // 2 :]}", kept


def tried(
    rows: QuerySet[Row], typed: str, hash_of: Callable[[bytes, str], str], *, now: datetime
) -> tuple[Row | None, bool]:
    """The newest open code of these rows, and whether it is the one that was typed. Within the
    caller's transaction, in which nothing is raised afterwards: a wrong try stays counted."""
    row = _open(rows, now).filter(tries_left__gt=0).select_for_update().order_by("-id").first()
    if row is None:
        return None, False
    code = "".join(typed.split()).replace("-", "").upper()
    right = secrets.compare_digest(row.hash, hash_of(bytes(row.salt), code))
    row.tries_left -= 1
    row.used_at = now if right else None
    row.save(update_fields=["tries_left", "used_at"])
    return row, right


def end(rows: QuerySet[Row], now: datetime) -> None:
    """What is open among them counts no more."""
    _open(rows, now).update(expires_at=now)


def _open(rows: QuerySet[Row], now: datetime) -> QuerySet[Row]:
    return rows.filter(used_at=None, expires_at__gt=now)
