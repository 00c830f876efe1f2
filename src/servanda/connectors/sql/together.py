"""Deleting records with what hangs on them: children, counters, pointers.

The danger: the records a child belonged to must be the ones that go. They are locked and their keys
put aside first; children are found through these, then the records themselves are deleted, and
must be as many. Tests: tests/connectors/sql/test_windows_children.py.
"""

from __future__ import annotations

from collections.abc import Iterable

import sqlalchemy as sa

from servanda.connectors.sql import children, compile, keys, layout, reflect
from servanda.connectors.sql.keys import Identity
from servanda.connectors.sql.reflect import Mapped
from servanda.connectors.sql.window import Chosen, Condition
from servanda.kernel.errors import StoreBusy
from servanda.stores.mapping import Child
from servanda.stores.port import Keys

_ASIDE = "servanda_window"


def learn(mapped: Mapped) -> None:
    """Read the shape of every table concerned, before a connection is held for writing."""
    found = mapped.collection
    named = {each.table for each in found.counters} | {each.table for each in found.detaches}
    for name in named | set(_tables(found.children)):
        reflect.table(mapped.db, name)


def _tables(found: Iterable[Child]) -> Iterable[str]:
    for child in found:
        yield child.table
        yield from _tables(child.children)


def delete(connection: sa.Connection, mapped: Mapped, found: Identity, chosen: Chosen) -> Keys:
    """Lock and list the records, delete what hangs on them, then the records."""
    keys.prepare(connection)
    columns = _named_by(mapped)
    if chosen.few and columns:
        gone, again = _listed(connection, mapped, found, chosen, columns)
    else:
        again = _aside(connection, mapped, chosen)
        listed = sa.select(*keys.selected(mapped, found)).select_from(mapped.table).where(again)
        gone = keys.pack(found, connection.execute(listed))
    if not gone.count:
        return gone
    children.delete_before(connection, mapped, again)
    if connection.execute(sa.delete(mapped.table).where(again)).rowcount != gone.count:
        raise StoreBusy(
            f"{mapped.collection.id}: rows of a window changed while it was worked on",
            "it was rolled back and will be tried again",
        )
    return gone


def _named_by(mapped: Mapped) -> layout.Columns:
    """What finds a locked record again, whatever becomes of other rows; () where nothing does.

    In PostgreSQL a place changes when a pointer in the same table is reset, so it must be the key.
    """
    if mapped.db.dialect == "postgresql":
        return [mapped.table.columns[name] for name in mapped.table.info["primary_key"]]
    return layout.order_of(mapped)


def _listed(
    connection: sa.Connection,
    mapped: Mapped,
    found: Identity,
    chosen: Chosen,
    columns: layout.Columns,
) -> tuple[Keys, Condition]:
    """Lock the records and keep what names them with us: for few of them that costs less than a
    table put aside."""
    wanted = [*keys.selected(mapped, found), *columns]
    named = [each.label(f"c{at}") for at, each in enumerate(wanted)]
    query = sa.select(*named).select_from(mapped.table).where(chosen.both).with_for_update()
    rows = connection.execute(query).all()
    own = len(wanted) - len(columns)
    gone = keys.pack(found, (row[:own] for row in rows))
    if len(columns) == 1:
        return gone, compile.among(mapped.db.dialect, columns[0], [row[own] for row in rows])
    many = sa.bindparam(
        None,
        [tuple(row[own:]) for row in rows],
        expanding=True,
        unique=True,
        type_=sa.types.NullType(),
    )
    return gone, sa.tuple_(*columns).in_(many)


def _aside(connection: sa.Connection, mapped: Mapped, chosen: Chosen) -> Condition:
    """Lock the records, put their keys aside, and say how to find them again."""
    both = chosen.both
    dialect = mapped.db.dialect
    columns = _named_by(mapped) or layout.order_of(mapped)
    if not columns:  # the condition itself finds them again: they are locked
        connection.execute(
            sa.select(sa.literal(1)).select_from(mapped.table).where(both).with_for_update()
        )
        return both
    named = [column.label(f"c{at}") for at, column in enumerate(columns)]
    rows = sa.select(*named).select_from(mapped.table)
    _create(connection, dialect, rows.where(sa.false()))
    aside = sa.table(_ASIDE, *(sa.column(each.name) for each in named))
    rows = rows.where(both)
    if dialect == "postgresql":
        locked = rows.with_for_update().cte("locked").prefix_with("MATERIALIZED")
        rows = sa.select(*locked.c)
    elif dialect == "mariadb":
        rows = rows.with_for_update()
    connection.execute(aside.insert().from_select([each.name for each in named], rows))
    known = sa.tuple_(*columns) if len(columns) > 1 else columns[0]
    again = known.in_(sa.select(*aside.c))
    # Where the engine does not start from the keys put aside, the bounds spare it the whole table.
    return again if dialect == "postgresql" else sa.and_(chosen.within, again)


def _create(connection: sa.Connection, dialect: str, like: sa.Select[tuple[object, ...]]) -> None:
    """A temporary table that ends with the transaction, or is replaced by the next."""
    kind, ending = "TEMPORARY", " ON COMMIT DROP" if dialect == "postgresql" else ""
    if dialect == "postgresql":  # another work of the same transaction may have made one
        connection.exec_driver_sql(f"DROP TABLE IF EXISTS pg_temp.{_ASIDE}")
    elif dialect == "mariadb":
        connection.exec_driver_sql(f"DROP TEMPORARY TABLE IF EXISTS {_ASIDE}")
    elif dialect == "sqlite":
        connection.exec_driver_sql(f"DROP TABLE IF EXISTS temp.{_ASIDE}")
    query = like.compile(connection, compile_kwargs={"literal_binds": True})
    connection.exec_driver_sql(f"CREATE {kind} TABLE {_ASIDE}{ending} AS {query}")
