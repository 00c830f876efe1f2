"""SQLite: windows over ranges of the row id; the writer is alone from the start.

The danger: a trigger that keeps a row (`RAISE(IGNORE)`), so that a listed row stays. As many rows
must be touched as were listed; otherwise the window is rolled back and refused.
Tests: tests/connectors/sql/test_windows_sqlite.py.
"""

from __future__ import annotations

import threading
from array import array
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from weakref import WeakKeyDictionary

import sqlalchemy as sa

from servanda.connectors.sql import keys, order
from servanda.connectors.sql.engine import Database
from servanda.connectors.sql.keys import Identity
from servanda.connectors.sql.reflect import Mapped
from servanda.connectors.sql.window import Chosen
from servanda.kernel.errors import StoreBusy, StoreRefused
from servanda.stores.port import Keys, Work

_LARGE, _LARGEST = 50_000, 250_000  # rows of a window where whoever asked is in no hurry
_CACHE_KIB = 32_768

_turns: WeakKeyDictionary[Database, threading.Lock] = WeakKeyDictionary()
_guard = threading.Lock()


def split(connection: sa.Connection, mapped: Mapped, work: Work, rows: int) -> list[dict[str, Any]]:
    """Windows over the row id, or over the primary key of a table that has none."""
    if rows >= _LARGE:  # a commit waits for the disk three times
        rows = min(rows * 3, _LARGEST)
    return order.by_key(connection, mapped, rows)


# ── doing ─────────────────────────────────────────────────────────────────────────────────────


def delete(connection: sa.Connection, mapped: Mapped, found: Identity, chosen: Chosen) -> Keys:
    """Delete the rows and list them."""
    return _do(connection, mapped, found, chosen, sa.delete(mapped.table))


def redact(
    connection: sa.Connection,
    mapped: Mapped,
    found: Identity,
    chosen: Chosen,
    values: Mapping[str, sa.ColumnElement[Any]],
) -> Keys:
    """Overwrite columns of the rows and list them."""
    return _do(connection, mapped, found, chosen, sa.update(mapped.table).values(dict(values)))


def _do(
    connection: sa.Connection,
    mapped: Mapped,
    found: Identity,
    chosen: Chosen,
    statement: sa.Delete | sa.Update,
) -> Keys:
    # Pages that no longer fit the cache are written early, each time with a wait for the disk.
    connection.exec_driver_sql(f"PRAGMA cache_size = -{_CACHE_KIB}")
    if found.encoding == "i8" and chosen.narrow:
        noted = _noting(connection)
        telling = sa.func.sv_note(found.columns[0]).is_(None)
        once = sa.case((chosen.meant, telling), else_=sa.false())
        touched = connection.execute(statement.where(chosen.within, once)).rowcount
        if touched == len(noted):
            return keys.packed_integers(noted)
        connection.rollback()  # the engine looked at a row twice; ask it in two statements
    gone = listed(connection, mapped, found, chosen.both)
    if gone.count:
        same(mapped, gone, connection.execute(statement.where(chosen.both)).rowcount)
    return gone


def _noting(connection: sa.Connection) -> array[int]:
    """An empty array to which the function `sv_note` appends what it is called with.

    Every touched row was noted at least once, since its condition was true; so when there are as
    many notes as touched rows, the notes are those rows.
    """
    noted: array[int] | None = connection.info.get("servanda_noted")
    if noted is None:
        noted = connection.info["servanda_noted"] = array("q")
        raw = connection.connection.dbapi_connection
        assert raw is not None
        raw.create_function("sv_note", 1, noted.append)
    del noted[:]
    return noted


@contextmanager
def turn(db: Database) -> Iterator[None]:
    """One writer at a time, in this process: waiting here costs less than SQLite's own polling."""
    with _guard:
        lock = _turns.setdefault(db, threading.Lock())
    if not lock.acquire(timeout=db.limit.lock_timeout_s):
        raise StoreBusy(f'store "{db.name}" is written by another thread', "try again")
    try:
        yield
    finally:
        lock.release()


def same(mapped: Mapped, listed: Keys, touched: int) -> None:
    """What was touched must be what was listed."""
    if touched != listed.count:
        raise StoreRefused(
            f"{mapped.collection.id}: a trigger of the database keeps rows from going",
            "look at the table's triggers",
        )


def listed(
    connection: sa.Connection, mapped: Mapped, found: Identity, condition: sa.ColumnElement[bool]
) -> Keys:
    """The keys of the rows."""
    if found.encoding == "i8":
        (column,) = found.columns
        packed = sa.func.group_concat(sa.func.printf("%016x", column), "")
        query = sa.select(sa.func.count(), packed).select_from(mapped.table).where(condition)
        count, data = connection.execute(query).one()
        return keys.packed_bytes(bytes.fromhex(data), count) if count else keys.empty(found)
    keys.prepare(connection)
    rows = connection.execute(sa.select(*keys.selected(mapped, found)).where(condition))
    return keys.pack(found, rows)
