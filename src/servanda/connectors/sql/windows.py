"""Windows: a step's work, cut into parts that are each done in one transaction of the store.

This module and its three dialects delete and overwrite rows in databases that belong to somebody
else. The harm they could do, and what stands against each:

* **Take a row that is not meant.** Every statement carries the whole target *and* the bounds; the
  bounds only ever narrow. A row that another transaction changes meanwhile is judged by the engine
  in its newest version, under its lock. Tests: test_windows_concurrent.py.
* **Take a row without listing it, or list one that stays.** The keys come from the statement that
  does the work (`RETURNING`), or from a locking read in the same transaction whose count must equal
  the statement's; otherwise everything is rolled back. Tests: test_windows.py.
* **Leave a row out.** Windows of one split meet without a gap, and the last is open-ended.
  Tests: test_windows_split.py.
* **Make durable what is not recorded.** Nothing here commits but `SqlWindow.commit`; leaving a
  window in any other way rolls back. Tests: test_windows.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import replace
from typing import Any, Protocol, assert_never

import sqlalchemy as sa

from servanda.connectors.sql import (
    children,
    compile,
    correct,
    erase,
    keys,
    layout,
    mariadb,
    order,
    partitions,
    postgresql,
    reflect,
    sqlite,
    together,
)
from servanda.connectors.sql.keys import Identity
from servanda.connectors.sql.reflect import Mapped
from servanda.connectors.sql.window import Chosen, Condition, SqlWindow
from servanda.kernel.predicate import Predicate
from servanda.stores.port import (
    Bounds,
    CorrectRows,
    DeleteRows,
    DropPartition,
    Keys,
    RedactRows,
    Window,
    Work,
)


class _Engine(Protocol):
    def split(
        self, connection: sa.Connection, mapped: Mapped, work: Work, rows: int
    ) -> list[dict[str, Any]]: ...

    def delete(
        self, connection: sa.Connection, mapped: Mapped, found: Identity, chosen: Chosen
    ) -> Keys: ...

    def redact(
        self,
        connection: sa.Connection,
        mapped: Mapped,
        found: Identity,
        chosen: Chosen,
        values: Mapping[str, sa.ColumnElement[Any]],
    ) -> Keys: ...


_ENGINES: dict[str, _Engine] = {
    "postgresql": postgresql,
    "mariadb": mariadb,
    "sqlite": sqlite,
}


def split(mapped: Mapped, work: Work, rows_per_window: int) -> list[Bounds]:
    """Windows that together cover all records now there, each over about so many rows."""
    if isinstance(work.action, DropPartition):
        return partitions.split(mapped, work.action)
    rows = max(rows_per_window, 1)
    layout.order_of(mapped)  # learnt before a connection is held
    with mapped.db.reading() as connection:
        by_clock = order.by_clock(connection, mapped, work, rows)
        if by_clock is not None:
            return [*by_clock]
        return [*_ENGINES[mapped.db.dialect].split(connection, mapped, work, rows)]


def open_(mapped: Mapped, work: Work, bounds: Bounds, target: Predicate) -> Window:
    """Do a window's work in an open transaction; see `servanda.stores.port`."""
    if isinstance(work.action, DropPartition):
        return partitions.open_(mapped, work, work.action, target)
    with mapped.db.translated(), ExitStack() as undo:
        here = _ranged(mapped, bounds)
        chosen = _chosen(here, bounds, compile.target(here, target))
        found = keys.identity(here)
        together.learn(here)
        if mapped.db.dialect == "sqlite":
            undo.enter_context(sqlite.turn(mapped.db))
        connection = mapped.db.begin()
        undo.callback(connection.close)
        touched = done(connection, here, work, found, chosen)
        return SqlWindow(mapped.db, connection, touched, undo.pop_all())


def _ranged(mapped: Mapped, bounds: Mapping[str, Any]) -> Mapped:
    """The collection over the table the bounds name: a partition, where it has some."""
    name = bounds.get("table")
    if name is None:
        return mapped
    return Mapped(mapped.db, mapped.collection, reflect.table(mapped.db, name))


def _chosen(mapped: Mapped, bounds: Bounds, meant: Condition) -> Chosen:
    if bounds["at"] == "pages":
        return Chosen(postgresql.within(mapped, bounds), meant, narrow=True)
    return Chosen(order.within(mapped, bounds), meant, narrow=bounds["at"] == "key")


def done(
    connection: sa.Connection, mapped: Mapped, work: Work, found: Identity, chosen: Chosen
) -> Keys:
    """Do the work to the chosen rows, in the connection's open transaction."""
    engine = _ENGINES[mapped.db.dialect]
    match work.action:
        case DeleteRows() if children.any_before(mapped):
            return together.delete(connection, mapped, found, chosen)
        case DeleteRows():
            return engine.delete(connection, mapped, found, chosen)
        case RedactRows(changes):
            values = erase.assignments(mapped, changes, work.pseudonym_key)
            pending = sa.and_(chosen.meant, sa.not_(erase.is_erased(mapped, changes)))
        case CorrectRows(corrections):
            values = correct.assignments(mapped, corrections)
            pending = sa.and_(chosen.meant, sa.not_(correct.is_correct(mapped, corrections)))
        case DropPartition():
            raise AssertionError("partitions are dropped by their own window")
        case _:
            assert_never(work.action)
    return engine.redact(connection, mapped, found, replace(chosen, meant=pending), values)
