"""Functions that SQLite lacks, in Python, registered on every connection as deterministic."""

from __future__ import annotations

import hashlib
import hmac
import sqlite3


def register(connection: sqlite3.Connection) -> None:
    """Make the functions known to one connection."""
    for name, arguments, function in (
        ("sv_hmac", 2, pseudonym),
        ("sv_contains", 2, contains),
    ):
        connection.create_function(name, arguments, function, deterministic=True)


def pseudonym(key: bytes, value: object) -> str | None:
    """`ps_` and 32 hex digits of HMAC-SHA256; null and blank stay what they are."""
    if value is None or value == "":
        return value if value is None else ""
    raw = value if isinstance(value, bytes) else str(value).encode("utf-8", "surrogateescape")
    return "ps_" + hmac.new(key, raw, hashlib.sha256).hexdigest()[:32]


def contains(value: object, folded: str) -> int:
    """Whether the value, as text, holds the casefolded text."""
    if value is None:
        return 0
    text = value.decode("utf-8", "surrogateescape") if isinstance(value, bytes) else str(value)
    return int(folded in text.casefold())
