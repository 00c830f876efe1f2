"""PostgreSQL: windows over physical pages; the engine returns what it did, packed.

The danger: an update moves a row to a later page, so a window could meet it again or miss it. A
redaction's target leaves out what is erased already; the last window of a table is open-ended, so
that it takes what was moved behind the pages counted when the work was split.
Tests: tests/connectors/sql/test_windows_postgresql.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import sqlalchemy as sa

from servanda.connectors.sql import keys
from servanda.connectors.sql.keys import Identity
from servanda.connectors.sql.layout import Tid, place
from servanda.connectors.sql.reflect import Mapped, plain_name
from servanda.connectors.sql.window import Chosen
from servanda.kernel.errors import StoreRefused
from servanda.stores.port import Keys, Work


@dataclass(frozen=True, slots=True)
class Part:
    """A table that holds rows itself: the collection's own, or one of its partitions."""

    table: str | None  # None: the collection's own
    pages: int
    rows_per_page: float


# ── cutting ───────────────────────────────────────────────────────────────────────────────────


def split(connection: sa.Connection, mapped: Mapped, work: Work, rows: int) -> list[dict[str, Any]]:
    """Windows over the pages of the table and of each of its partitions."""
    found: list[dict[str, Any]] = []
    for part in _parts(connection, mapped):
        if part.pages == 0:
            continue
        if part.rows_per_page > rows and part.pages * part.rows_per_page < 100_000:
            marks = _marks(connection, mapped, part, rows)
        else:
            step = max(int(rows / max(part.rows_per_page, 1.0)), 1)
            marks = [[page, 0] for page in range(step, part.pages, step)]
        ends: list[list[int] | None] = [[0, 0], *marks, None]
        found += [
            {"at": "pages", "table": part.table, "from": low, "to": high}
            for low, high in pairwise(ends)
        ]
    return found


_PARTS = sa.text("""
    WITH RECURSIVE part AS (
        SELECT to_regclass(:name)::oid AS oid
        UNION
        SELECT i.inhrelid FROM pg_inherits i JOIN part ON i.inhparent = part.oid
    )
    SELECT n.nspname, c.relname, c.relkind, c.relpages, c.reltuples,
           CASE WHEN c.relkind IN ('r', 'm') THEN
               pg_relation_size(c.oid) / current_setting('block_size')::int ELSE 0 END AS pages,
           c.oid = to_regclass(:name)::oid AS own
    FROM part JOIN pg_class c ON c.oid = part.oid JOIN pg_namespace n ON n.oid = c.relnamespace
    ORDER BY n.nspname, c.relname
""")


def _parts(connection: sa.Connection, mapped: Mapped) -> list[Part]:
    found = []
    for row in connection.execute(_PARTS, {"name": plain_name(mapped.table)}).mappings():
        if row["relkind"] == "p":
            continue
        if row["relkind"] != "r":
            what = {"f": "a foreign table", "v": "a view"}.get(row["relkind"], "not a table")
            raise StoreRefused(
                f'{mapped.collection.id}: "{row["relname"]}" is {what}',
                "map the table itself, in the store where it lies",
            )
        table = None if row["own"] else f"{row['nspname']}.{row['relname']}"
        known = row["relpages"] > 0 and row["reltuples"] > 0
        density = row["reltuples"] / row["relpages"] if known else 0.0
        part = Part(table, int(row["pages"]), density)
        found.append(part if known or not part.pages else _sampled(connection, mapped, part))
    return found


def _sampled(connection: sa.Connection, mapped: Mapped, part: Part) -> Part:
    """A table that was never analysed: count the rows of its first pages."""
    some = min(part.pages, 32)
    name = _name(mapped, part)
    counted = connection.execute(
        sa.text(f"SELECT count(*) FROM ONLY {name} WHERE ctid < CAST(:to AS tid)"),
        {"to": f"({some},0)"},
    ).scalar_one()
    return Part(part.table, part.pages, max(counted / some, 1.0))


def _marks(connection: sa.Connection, mapped: Mapped, part: Part, rows: int) -> list[list[int]]:
    """Windows smaller than a page, for small tables: every so many rows' places."""
    name = _name(mapped, part)
    found = connection.execute(
        sa.text(
            f"SELECT place::text FROM (SELECT ctid AS place, row_number() OVER (ORDER BY ctid) AS n"
            f" FROM ONLY {name}) AS numbered WHERE n % :rows = 1 % :rows AND n > 1 ORDER BY n"
        ),
        {"rows": rows},
    ).scalars()
    return [[int(number) for number in each.strip("()").split(",")] for each in found]


def _name(mapped: Mapped, part: Part) -> str:
    """For `sa.text`, to which a colon begins a parameter."""
    table = mapped.table
    if part.table is not None:
        schema, _, bare = part.table.partition(".")
        table = sa.Table(bare, sa.MetaData(), schema=schema)
    return plain_name(table).replace(":", r"\:")


def within(mapped: Mapped, bounds: Mapping[str, Any]) -> sa.ColumnElement[bool]:
    """The rows in a window of pages: from, inclusive, to, exclusive."""
    here = place(mapped)
    low, high = bounds["from"], bounds["to"]
    condition = here >= _tid(low)
    return condition if high is None else sa.and_(condition, here < _tid(high))


def _tid(at: list[int]) -> sa.ColumnElement[str]:
    return sa.cast(sa.literal(f"({at[0]},{at[1]})", sa.types.NullType()), Tid())


# ── doing ─────────────────────────────────────────────────────────────────────────────────────


def delete(connection: sa.Connection, mapped: Mapped, found: Identity, chosen: Chosen) -> Keys:
    """Delete the rows and return their keys, in one statement."""
    statement = sa.delete(mapped.table).where(chosen.both)
    return _collect(connection, found, statement.returning(*keys.selected(mapped, found)))


def redact(
    connection: sa.Connection,
    mapped: Mapped,
    found: Identity,
    chosen: Chosen,
    values: Mapping[str, sa.ColumnElement[Any]],
) -> Keys:
    """Overwrite columns and return the keys the rows had before, in one statement."""
    statement = sa.update(mapped.table).values(dict(values))
    named = keys.selected(mapped, found)
    if found.encoding != "sha256":
        return _collect(connection, found, statement.where(chosen.both).returning(*named))
    old = (
        sa.select(place(mapped).label("place"), *named)
        .where(chosen.both)
        .with_for_update()
        .cte("old")
        .prefix_with("MATERIALIZED")
    )
    done = statement.where(place(mapped) == old.c.place).returning(old.c.servanda_digest)
    return _collect(connection, found, done)


def _collect(connection: sa.Connection, found: Identity, statement: Any) -> Keys:
    """The keys that a DELETE or UPDATE returns, joined by the engine."""
    if found.encoding == "json":
        return keys.pack(found, connection.execute(statement))
    gone = statement.cte("gone")
    (column,) = gone.c
    # Windows over pages mostly return keys in order already, so they are sorted here if need be.
    each = sa.func.int8send(column) if found.encoding == "i8" else column
    joined = sa.func.string_agg(each, sa.literal(b""))
    count, data = connection.execute(sa.select(sa.func.count(), joined).select_from(gone)).one()
    if not count:
        return keys.empty(found)
    if found.encoding == "i8":
        return keys.packed_bytes(bytes(data), count)
    return keys.pack(found, ((data[at : at + 32],) for at in range(0, len(data), 32)))
