"""SQLite: windows over ranges of the row id; the writer is alone from the start.

The danger: a trigger that keeps a row (`RAISE(IGNORE)`), so that a listed row stays. As many rows
must be touched as were listed; otherwise the window is rolled back and refused.
Tests: tests/connectors/sql/test_windows_sqlite.py.
"""

from __future__ import annotations

import threading
from array import array
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any
from weakref import WeakKeyDictionary

import orjson
import sqlalchemy as sa

from servanda.connectors.sql import keys, order
from servanda.connectors.sql.engine import Database
from servanda.connectors.sql.keys import Identity
from servanda.connectors.sql.reflect import Mapped
from servanda.connectors.sql.window import Chosen
from servanda.kernel.errors import StoreBusy, StoreRefused
from servanda.stores.port import Keys, Work

_LARGE, _LARGEST = 50_000, 500_000  # rows of a window where whoever asked is in no hurry
_CACHE_KIB = 65_536

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
        done = (_noted if _triggers(connection, mapped) else _beside)(
            connection, mapped, found, chosen, statement
        )
        if done is not None:
            return done
        connection.rollback()  # it does not add up; ask in two statements
    gone = listed(connection, mapped, found, chosen.both)
    if gone.count:
        same(mapped, gone, connection.execute(statement.where(chosen.both)).rowcount)
    return gone


def _triggers(connection: sa.Connection, mapped: Mapped) -> bool:
    """Whether something else may change rows of the table while a statement runs over it."""
    asked = "SELECT 1 FROM sqlite_master WHERE type = 'trigger' AND lower(tbl_name) = lower(?)"
    return connection.exec_driver_sql(asked, (mapped.table.name,)).first() is not None


def _beside(
    connection: sa.Connection,
    mapped: Mapped,
    found: Identity,
    chosen: Chosen,
    statement: sa.Delete | sa.Update,
) -> Keys | None:
    """The rows, listed by a reader at the same time; None where the two do not agree.

    The reader sees what was committed before this transaction, and since this one is the only
    writer, that is what the statement finds. Its lock is taken before the statement runs: later
    the writer might shut it out. While it reads, pages wait in the writer's memory.
    """
    with mapped.db.reading() as reader, ThreadPoolExecutor(1) as pool:
        reader.exec_driver_sql("SELECT 1 FROM sqlite_master LIMIT 1")

        def listing() -> Keys:
            gone = listed(reader, mapped, found, chosen.both)
            reader.rollback()
            return gone

        future = pool.submit(listing)
        touched = connection.execute(statement.where(chosen.both)).rowcount
        gone = future.result()
    return gone if gone.count == touched else None


def _noted(
    connection: sa.Connection,
    mapped: Mapped,
    found: Identity,
    chosen: Chosen,
    statement: sa.Delete | sa.Update,
) -> Keys | None:
    """The rows, each noted as its condition is found true; None where one was looked at twice."""
    noted = _noting(connection)
    telling = sa.func.sv_note(found.columns[0]).is_(None)
    once = sa.case((chosen.meant, telling), else_=sa.false())
    touched = connection.execute(statement.where(chosen.within, once)).rowcount
    return keys.packed_integers(noted) if touched == len(noted) else None


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
        # One text for all of them: nothing else costs a reader so little.
        joined = sa.func.json_group_array(column)
        query = sa.select(joined).select_from(mapped.table).where(condition)
        text = connection.execute(query).scalar_one()
        return keys.packed_integers(array("q", orjson.loads(text)))
    keys.prepare(connection)
    rows = connection.execute(sa.select(*keys.selected(mapped, found)).where(condition))
    return keys.pack(found, rows)
