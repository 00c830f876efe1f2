"""The address of the state database, as Django wants it."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from servanda.kernel.errors import UsageError

BUSY_SECONDS = 30
"""How long a writer waits for another process before it gives up."""

# `secure_delete` overwrites what is deleted, so that a destroyed key is not left in a free page.
_SQLITE_PRAGMAS = ";".join(
    f"PRAGMA {each}"
    for each in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        "secure_delete=ON",
        "cache_size=-4000",
    )
)


def settings_of(url: str) -> dict[str, Any]:
    """Django's settings for `sqlite:///path` or `postgresql://user:password@host:port/name`.

    Raises UsageError for anything else; the message never repeats the address, which may hold
    a password.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise _refusal() from None
    scheme = parts.scheme.partition("+")[0]
    if scheme == "sqlite":
        path = unquote(parts.path)[1:]
        if parts.netloc or not path or path == ":memory:":
            raise _refusal()
        return _sqlite(Path(path).absolute())
    if scheme in ("postgresql", "postgres") and parts.path.strip("/"):
        return {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": unquote(parts.path.strip("/")),
            "USER": unquote(parts.username or ""),
            "PASSWORD": unquote(parts.password or ""),
            "HOST": unquote(parts.hostname or ""),
            "PORT": str(port or ""),
            "CONN_MAX_AGE": None,
            "OPTIONS": {
                "connect_timeout": 10,
                "application_name": "servanda",
                **dict(parse_qsl(parts.query)),
            },
        }
    raise _refusal()


def _sqlite(path: Path) -> dict[str, Any]:
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": str(path),
        "CONN_MAX_AGE": None,
        "OPTIONS": {
            "timeout": BUSY_SECONDS,
            # Take the write lock at BEGIN: a transaction that reads first and writes later
            # could otherwise fail half way, however long it waits.
            "transaction_mode": "IMMEDIATE",
            "init_command": _SQLITE_PRAGMAS,
        },
    }


def _refusal() -> UsageError:
    return UsageError(
        "the address of the state database is not one we understand",
        "write sqlite:///path/to/state.sqlite3 or postgresql://user:password@host/name",
    )
