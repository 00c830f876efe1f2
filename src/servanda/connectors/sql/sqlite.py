"""SQLite: windows over ranges of the row id; the writer is alone from the start.

The danger: a trigger that keeps a row (`RAISE(IGNORE)`), so that a listed row stays. As many rows
must be touched as were listed; otherwise the window is rolled back and refused.
Tests: tests/connectors/sql/test_windows_sqlite.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from servanda.connectors.sql import keys, order
from servanda.connectors.sql.keys import Identity
from servanda.connectors.sql.reflect import Mapped
from servanda.kernel.errors import StoreRefused
from servanda.stores.port import Keys, Work


def split(connection: sa.Connection, mapped: Mapped, work: Work, rows: int) -> list[dict[str, Any]]:
    """Windows over the row id, or over the primary key of a table that has none."""
    return order.by_key(connection, mapped, rows)


# ── doing ─────────────────────────────────────────────────────────────────────────────────────


def delete(
    connection: sa.Connection, mapped: Mapped, found: Identity, condition: sa.ColumnElement[bool]
) -> Keys:
    """List the rows, then delete them; nobody else writes meanwhile."""
    chosen = listed(connection, mapped, found, condition)
    if chosen.count:
        same(mapped, chosen, connection.execute(sa.delete(mapped.table).where(condition)).rowcount)
    return chosen


def redact(
    connection: sa.Connection,
    mapped: Mapped,
    found: Identity,
    condition: sa.ColumnElement[bool],
    values: Mapping[str, sa.ColumnElement[Any]],
) -> Keys:
    """List the rows, then overwrite columns of them."""
    chosen = listed(connection, mapped, found, condition)
    if chosen.count:
        statement = sa.update(mapped.table).where(condition).values(dict(values))
        same(mapped, chosen, connection.execute(statement).rowcount)
    return chosen


def same(mapped: Mapped, chosen: Keys, touched: int) -> None:
    """What was touched must be what was listed."""
    if touched != chosen.count:
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
