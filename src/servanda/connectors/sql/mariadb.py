"""MariaDB and MySQL: windows over ranges of the primary key, chosen under lock and then done.

The danger: there is no `UPDATE … RETURNING` (and in MySQL none for DELETE), so what is listed and
what is done are two statements. The first locks the rows it lists; what the second touches must be
as many, and since nobody else can change a locked row, they are then the same. Otherwise the window
is rolled back and asked for again. Tests: tests/connectors/sql/test_windows_mariadb.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from servanda.connectors.sql import keys, layout, order, reflect, wire
from servanda.connectors.sql.keys import Identity
from servanda.connectors.sql.reflect import Mapped
from servanda.connectors.sql.window import Chosen
from servanda.kernel.errors import StoreBusy, StoreRefused
from servanda.stores.port import Keys, Work

_LONGEST = 1 << 30  # of what an aggregate may return, in bytes


def split(connection: sa.Connection, mapped: Mapped, work: Work, rows: int) -> list[dict[str, Any]]:
    """Windows over the primary key; without one over the clock; without both, by digest."""
    if layout.order_of(mapped):
        return order.by_key(connection, mapped, rows)
    by_clock = order.by_any_clock(connection, mapped, work, rows)
    if by_clock is not None:
        return by_clock
    return order.by_share(layout.estimate(connection, mapped), rows)


# ── doing ─────────────────────────────────────────────────────────────────────────────────────


def delete(connection: sa.Connection, mapped: Mapped, found: Identity, chosen: Chosen) -> Keys:
    """Delete the rows and take their keys from the same statement; MySQL needs two."""
    statement = sa.delete(mapped.table).where(chosen.both)
    if connection.dialect.delete_returning and found.encoding == "i8":
        (column,) = found.columns
        gone = wire.keys_of(connection, statement.returning(wire.packed(column)))
        return _signed(mapped, column, gone)
    gone = listed(connection, mapped, found, chosen.both)
    if gone.count:
        same(mapped, gone, connection.execute(statement).rowcount)
    return gone


def redact(
    connection: sa.Connection,
    mapped: Mapped,
    found: Identity,
    chosen: Chosen,
    values: Mapping[str, sa.ColumnElement[Any]],
) -> Keys:
    """List the rows under lock, then overwrite columns of them."""
    done = listed(connection, mapped, found, chosen.both)
    if done.count:
        statement = sa.update(mapped.table).where(chosen.both).values(dict(values))
        same(mapped, done, connection.execute(statement).rowcount)
    return done


def _signed(mapped: Mapped, column: sa.Column[Any], found: Keys) -> Keys:
    """The keys, unless a number without a sign is too great to be told from a negative one."""
    declared = reflect.about(column).declared
    if found.data[:1] >= b"\x80" and ("UNSIGNED" in declared or "ZEROFILL" in declared):
        raise StoreRefused(
            f"{mapped.collection.id}: a key is greater than 2^63",
            "such records cannot be worked on",
        )
    return found


def same(mapped: Mapped, listed: Keys, touched: int) -> None:
    """What was touched must be what was listed."""
    if touched != listed.count:
        raise StoreBusy(
            f"{mapped.collection.id}: rows came into a window while it was worked on",
            "it was rolled back and will be tried again",
        )


def listed(
    connection: sa.Connection, mapped: Mapped, found: Identity, condition: sa.ColumnElement[bool]
) -> Keys:
    """The keys of the rows, which are locked until the transaction ends."""
    if found.encoding == "json":
        query = sa.select(*found.columns).where(condition).with_for_update()
        return keys.pack(found, connection.execute(query))
    if not connection.info.get("servanda_long"):
        connection.exec_driver_sql(f"SET SESSION group_concat_max_len = {_LONGEST}")
        connection.info["servanda_long"] = True
    packed: sa.ColumnElement[Any]
    if found.encoding == "i8":
        packed, width = wire.packed(found.columns[0]).element, 8
    else:
        packed, width = keys.digest(mapped), 32
    joined = sa.func.group_concat(packed.op("SEPARATOR")(sa.literal_column("''")))
    query = sa.select(sa.func.count(), joined).select_from(mapped.table).where(condition)
    count, data = connection.execute(query.with_for_update()).one()
    if not count:
        return keys.empty(found)
    if len(data) != width * count:  # more than a packet may hold
        rows = connection.execute(
            sa.select(*keys.selected(mapped, found)).where(condition).with_for_update()
        )
        return keys.pack(found, rows)
    if found.encoding == "i8":
        return _signed(mapped, found.columns[0], keys.packed_bytes(bytes(data), count))
    return keys.pack(found, ((data[at : at + 32],) for at in range(0, len(data), 32)))
