"""The drivers' errors, told apart and told without a value of any row.

Drivers quote the data they choke on ("Key (email)=(…) already exists", "Duplicate entry '…'").
So no driver's text is passed on except where the engine's own grammar says that it holds names
of tables, columns and constraints only.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa

from servanda.kernel.errors import (
    Drift,
    ServandaError,
    StoreBusy,
    StoreRefused,
    StoreUnreachable,
)

_CHECK_MAPPING = "compare stores.yaml with the store: `servanda inventory`"
_GIVE_RIGHTS = "give the store's user the right to do this, or map the store as `verify`"


@contextmanager
def translated(store: str, dialect: str) -> Iterator[None]:
    """Raise StoreUnreachable, StoreBusy, StoreRefused, or Drift instead of a driver's error."""
    try:
        yield
    except sa.exc.TimeoutError:
        raise StoreBusy(
            f'all connections to store "{store}" are in use', "raise limit.connections"
        ) from None
    except sa.exc.DBAPIError as error:
        raise _translate(store, dialect, error) from None
    except sa.exc.NoSuchTableError as error:
        raise Drift(f'store "{store}" has no table "{error}"', _CHECK_MAPPING) from None


def _translate(store: str, dialect: str, error: sa.exc.DBAPIError) -> ServandaError:
    origin: Any = error.orig
    if dialect == "postgresql":
        return _postgresql(store, origin, error.connection_invalidated)
    if dialect == "mariadb":
        return _mariadb(store, origin)
    return _sqlite(store, origin)


# ── PostgreSQL ────────────────────────────────────────────────────────────────────────────────

_PG_BUSY = {
    "40001": "another transaction got in between",
    "40P01": "deadlock",
    "55P03": "waited too long for a lock",
    "57014": "the statement took too long",
    "53300": "too many connections",
}


def _postgresql(store: str, origin: Any, lost: bool) -> ServandaError:
    state = getattr(origin, "sqlstate", None)
    if state in _PG_BUSY:
        return _busy(store, _PG_BUSY[state])
    if state is None or state.startswith(("08", "57P")):
        if state is None and not lost and not _is_connection_error(origin):
            return _refused(store, type(origin).__name__)
        return StoreUnreachable(store, _pg_why(origin))
    if state.startswith("28"):
        return StoreUnreachable(store, "the login was refused")
    if state == "3D000":
        return StoreUnreachable(store, "there is no such database")
    named = str(origin.diag.message_primary)  # of the next three kinds, holds names only
    if state in ("42P01", "42703", "3F000"):
        return Drift(f'store "{store}": {named}', _CHECK_MAPPING)
    if state == "42501":
        return _refused(store, named, _GIVE_RIGHTS)
    if state == "25006":
        return _refused(store, "it may only be read", "check the store's user and server")
    return _refused(store, _pg_constraint(origin))


def _is_connection_error(origin: Any) -> bool:
    return type(origin).__name__ in ("OperationalError", "ConnectionTimeout", "InterfaceError")


def _pg_why(origin: Any) -> str:
    text = str(origin)
    if "refused" in text:
        return "connection refused"
    if "timeout" in text:
        return "no answer in time"
    if "password" in text or "authentication" in text:
        return "the login was refused"
    if "does not exist" in text:
        return "there is no such database or user"
    return "the connection was lost"


def _pg_constraint(origin: Any) -> str:
    diag = origin.diag
    parts = [re.sub(r"(?<!^)(?=[A-Z])", " ", type(origin).__name__).lower()]
    for label, name in (
        ("constraint", diag.constraint_name),
        ("table", diag.table_name),
        ("column", diag.column_name),
    ):
        if name:
            parts.append(f'{label} "{name}"')
    return ", ".join(parts)


# ── MariaDB and MySQL ─────────────────────────────────────────────────────────────────────────

_MY_BUSY = {
    1205: "waited too long for a lock",
    1213: "deadlock",
    1020: "another transaction got in between",
    1969: "the statement took too long",
    3024: "the statement took too long",
    1317: "the statement was interrupted",
    1040: "too many connections",
    1203: "too many connections",
}
_MY_AWAY = {
    0: "the connection was lost",
    1044: "the login was refused",
    1045: "the login was refused",
    1049: "there is no such database",
    1053: "the server is shutting down",
    1698: "the login was refused",
    1927: "the connection was ended by the server",
    2002: "connection refused",
    2003: "connection refused",
    2006: "the connection was lost",
    2013: "the connection was lost",
    2014: "the connection was lost",
    2055: "the connection was lost",
}
_MY_NAMES_ONLY = {
    1048: "a column cannot be null",
    1142: "permission denied",
    1143: "permission denied",
    1227: "permission denied",
    1290: "it may only be read",
    1364: "a column needs a value",
    1370: "permission denied",
    1406: "a value is too long",
    1792: "it may only be read",
    1836: "it may only be read",
    4025: "a check constraint is not met",
}
_MY_PERMISSION = {1142, 1143, 1227, 1370}


def _mariadb(store: str, origin: Any) -> ServandaError:
    arguments: list[object] = list(getattr(origin, "args", ()))
    code = arguments[0] if arguments and isinstance(arguments[0], int) else 0
    text = str(arguments[1]) if len(arguments) > 1 else ""
    if code in _MY_BUSY:
        return _busy(store, _MY_BUSY[code])
    if code in _MY_AWAY:
        return StoreUnreachable(store, _MY_AWAY[code])
    if code in (1146, 1054, 1109):
        return Drift(f'store "{store}": {text}', _CHECK_MAPPING)
    if code == 1062:
        key = re.search(r"for key '([^']*)'$", text)
        return _refused(store, f'a unique key is broken: "{key[1] if key else "?"}"')
    if code in (1451, 1452):
        tied = re.search(r"\((`.*?`\.`.*?`), CONSTRAINT (`.*?`)", text)
        where = f": {tied[1]}, constraint {tied[2]}" if tied else ""
        return _refused(store, f"a foreign key forbids it{where}")
    if code in _MY_NAMES_ONLY:
        column = re.search(r"(?:[Cc]olumn|for table|CONSTRAINT|Field) (['`][^'`]*['`])", text)
        what = _MY_NAMES_ONLY[code] + (f" ({column[1]})" if column else "")
        return _refused(store, what, _GIVE_RIGHTS if code in _MY_PERMISSION else "")
    return _refused(store, f"error {code}")


# ── SQLite ────────────────────────────────────────────────────────────────────────────────────


def _sqlite(store: str, origin: Any) -> ServandaError:
    code = getattr(origin, "sqlite_errorcode", 0) & 0xFF
    text = str(origin)
    match code:
        case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
            return _busy(store, "waited too long for a lock")
        case sqlite3.SQLITE_INTERRUPT:
            return _busy(store, "the statement took too long")
        case sqlite3.SQLITE_CANTOPEN:
            return StoreUnreachable(store, "the file cannot be opened")
        case sqlite3.SQLITE_IOERR:
            return StoreUnreachable(store, "the file cannot be read or written")
        case sqlite3.SQLITE_READONLY | sqlite3.SQLITE_PERM | sqlite3.SQLITE_AUTH:
            return _refused(store, "it may only be read")
        case sqlite3.SQLITE_FULL:
            return _refused(store, "its disk is full", "make room on it")
        case sqlite3.SQLITE_CORRUPT | sqlite3.SQLITE_NOTADB:
            return _refused(store, "the file is damaged or no database")
        case sqlite3.SQLITE_CONSTRAINT:
            return _refused(store, text)  # "UNIQUE constraint failed: table.column": names only
        case sqlite3.SQLITE_ERROR if text.startswith(("no such table", "no such column")):
            return Drift(f'store "{store}": {text}', _CHECK_MAPPING)
        case _:
            return _refused(store, getattr(origin, "sqlite_errorname", type(origin).__name__))


def _busy(store: str, why: str) -> StoreBusy:
    return StoreBusy(f'store "{store}" is busy ({why})', "try again")


def _refused(store: str, why: str, remedy: str = "") -> StoreRefused:
    return StoreRefused(f'store "{store}" refused ({why})', remedy)
