"""PostgreSQL: a partition detached and dropped in a transaction, after its rows were counted."""

from __future__ import annotations

import re
from contextlib import ExitStack
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.sql import visitors

from servanda.connectors.sql import compile
from servanda.connectors.sql.reflect import Mapped, plain_name
from servanda.connectors.sql.window import SqlWindow
from servanda.kernel.predicate import (
    All,
    ClockBy,
    ClockMissing,
    Everything,
    Predicate,
    all_of,
    negate,
)
from servanda.stores.port import Keys, Window, Work

_BOUND = re.compile(r"FOR VALUES FROM \((?:.*)\) TO \('((?:[^']|'')*)'\)")

# Ranges of one column, leaves only; none at all where rows of other tables or triggers would have
# a say in the deletion of a row.
_LEAVES = sa.text("""
    SELECT n.nspname || '.' || c.relname AS name, a.attname AS column,
           format_type(a.atttypid, a.atttypmod) AS type, pg_get_expr(c.relpartbound, c.oid) AS bound
    FROM pg_partitioned_table p
    JOIN pg_attribute a ON a.attrelid = p.partrelid AND a.attnum = p.partattrs[0]
    JOIN pg_inherits i ON i.inhparent = p.partrelid
    JOIN pg_class c ON c.oid = i.inhrelid AND c.relkind = 'r' AND NOT i.inhdetachpending
    JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE p.partrelid = to_regclass(:table) AND p.partstrat = 'r' AND p.partnatts = 1
      AND NOT EXISTS (SELECT 1 FROM pg_constraint f WHERE f.contype = 'f'
                      AND f.confrelid IN (p.partrelid, c.oid))
      AND NOT EXISTS (SELECT 1 FROM pg_trigger t WHERE t.tgrelid IN (p.partrelid, c.oid)
                      AND NOT t.tgisinternal AND t.tgtype & 8 = 8)
""")


def expired(mapped: Mapped, clock: str, column: str, by: datetime) -> list[str]:
    """Names (`schema.table`) of partitions whose upper bound lies at or before `by`."""
    with mapped.db.reading() as connection:
        return [
            name
            for name, bound, type_ in _leaves(connection, mapped, column)
            if _all_by(connection, mapped, ClockBy(clock, by), column, bound, type_)
        ]


def exists(mapped: Mapped, name: str) -> bool:
    with mapped.db.reading() as connection:
        return any(name == each for each, _, _ in _leaves(connection, mapped, None))


def _leaves(
    connection: sa.Connection, mapped: Mapped, column: str | None
) -> list[tuple[str, str, str]]:
    """(name, upper bound as text, its type) of each, in the order of the bounds' texts."""
    table = plain_name(mapped.table)
    found = []
    for row in connection.execute(_LEAVES, {"table": table}).mappings():
        bound = _BOUND.fullmatch(row["bound"] or "")
        if bound is not None and column in (None, row["column"]):
            found.append((row["name"], bound[1].replace("''", "'"), row["type"]))
    return sorted(found, key=lambda each: each[1])


def _all_by(
    connection: sa.Connection, mapped: Mapped, by: ClockBy, column: str, bound: str, type_: str
) -> bool:
    """Whether every value below the bound satisfies the clock's comparison: the bound itself does.

    The engine is asked, with the comparison the records are judged by.
    """
    condition = compile.where(mapped, by)
    own = mapped.table.columns[column]
    upper: sa.ColumnElement[Any] = sa.cast(sa.literal(bound), _Type(type_))
    replaced = visitors.replacement_traverse(
        condition, {}, lambda element, **_: upper if element is own else None
    )
    return bool(connection.execute(sa.select(replaced)).scalar())


class _Type(sa.types.UserDefinedType[Any]):
    """A type by the name the engine's own catalogue gave it."""

    cache_ok = True

    def __init__(self, name: str) -> None:
        self.name = name

    def get_col_spec(self, **_: Any) -> str:
        return self.name


# ── dropping ──────────────────────────────────────────────────────────────────────────────────


def open_(mapped: Mapped, work: Work, name: str, target: Predicate) -> Window:
    """The partition dropped in an open transaction, if all its rows are meant."""
    with mapped.db.translated(), ExitStack() as undo:
        compile.where(mapped, mapped.collection.where)  # learns other tables' shapes, if any
        connection = mapped.db.begin()
        undo.callback(connection.close)
        count = _dropped(connection, mapped, work, name, target)
        found = Keys("partition", name.encode(), count)
        return SqlWindow(mapped.db, connection, found, undo.pop_all())


def _dropped(
    connection: sa.Connection,
    mapped: Mapped,
    work: Work,
    name: str,
    target: Predicate,
) -> int:
    found = next((each for each in _leaves(connection, mapped, None) if each[0] == name), None)
    if found is None:
        return 0
    schema, _, bare = name.partition(".")
    quote = connection.dialect.identifier_preparer
    leaf = f"{quote.quote_identifier(schema)}.{quote.quote_identifier(bare)}"
    # Readers go on; nobody writes, so what is counted is what goes.
    connection.exec_driver_sql(f"LOCK TABLE ONLY {leaf} IN SHARE MODE")
    left = _unproven(connection, mapped, work, target, found)
    counts: list[Any] = [sa.func.count()]
    table = mapped.table.to_metadata(sa.MetaData(), schema=schema, name=bare)
    if not isinstance(left, Everything) or not isinstance(mapped.collection.where, Everything):
        here = Mapped(mapped.db, mapped.collection, table)
        meant = compile.target(here, left)
        counts.append(sa.func.count().filter(meant))  # in one pass: the table may be huge
    total, *proven = connection.execute(sa.select(*counts).select_from(table)).one()
    count = int(total)
    if proven and proven[0] != count:
        return 0
    if count:
        parent = quote.format_table(mapped.table)
        connection.exec_driver_sql(f"ALTER TABLE {parent} DETACH PARTITION {leaf}")
        connection.exec_driver_sql(f"DROP TABLE {leaf}")
    return count


def _unproven(
    connection: sa.Connection,
    mapped: Mapped,
    work: Work,
    target: Predicate,
    leaf: tuple[str, str, str],
) -> Predicate:
    """What of the target the partition's bound does not already prove of all its rows."""
    clock = mapped.collection.clock_named(work.clock) if work.clock else None
    parts = target.parts if isinstance(target, All) else (target,)
    if clock is None:
        return target
    column = getattr(clock.source, "name", "")
    _, bound, type_ = leaf
    bounded = any(
        each[0] == leaf[0] for each in _leaves(connection, mapped, column)
    )  # partitioned by this very column
    left = [
        part
        for part in parts
        if not (
            bounded
            and isinstance(part, ClockBy)
            and part.clock == work.clock
            and _all_by(connection, mapped, part, column, bound, type_)
        )
    ]
    if len(left) < len(parts):  # below the bound lie 0, -infinity and NULL too: not begun
        left.append(negate(ClockMissing(clock.event)))
    return all_of(left)
