"""Cutting a table along an order that its engine can walk: a key, a clock, or, failing both, the
digest of the row.

Where few of the records are meant and the clock has an index, windows run along the clock, so that
the work grows with what goes and not with the table. Many records of one and the same moment are
cut once more, by key.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from servanda.connectors.sql import compile, keys, layout, sources
from servanda.connectors.sql.bounds import between, chain, read
from servanda.connectors.sql.express import value
from servanda.connectors.sql.reflect import Mapped
from servanda.kernel.predicate import All, ClockBy
from servanda.stores.mapping import Column
from servanda.stores.port import Work

Condition = sa.ColumnElement[bool]
Window = dict[str, Any]

_FEW = 0.15  # share of the table below which an index beats a walk over the table
_LEAST = 1_000  # records of a window along the clock, unless fewer were asked for
_UNINDEXED = 32  # windows along a clock without an index: each of them reads the whole table
_SHARE_ROWS = 250_000  # of a window by digest: each of them reads all that it is a share of
_FEW_WINDOWS = 100
_GAPS = 4  # ranges of numbers may be so much emptier than full, on average


def within(mapped: Mapped, bounds: Mapping[str, Any]) -> Condition:
    """The rows that lie in a window's bounds."""
    low, high = (read(bounds, end) for end in ("from", "to"))
    match bounds["at"]:
        case "key":
            return between(layout.order_of(mapped), low, high)
        case "clock":
            return between([_clock(mapped, bounds)], low, high)
        case "before":
            column = _clock(mapped, bounds)
            return sa.and_(between([column], low, None), column < value(high[0] if high else None))
        case "tie":
            (moment,) = keys.from_json(bounds["moment"])
            tied = _clock(mapped, bounds) == value(moment)
            return sa.and_(
                tied, between(layout.order_of(mapped), low, high), _share(mapped, bounds)
            )
        case "unset":
            return _clock(mapped, bounds).is_(None)
        case _:
            return _share(mapped, bounds)


# ── along the clock ───────────────────────────────────────────────────────────────────────────


def by_clock(
    connection: sa.Connection, mapped: Mapped, work: Work, rows: int
) -> list[Window] | None:
    """Windows along the clock's index, or None where walking the table is better."""
    deciding, column = _deciding(mapped, work)
    if deciding is None or column is None or not _indexed(connection, mapped, column):
        return None
    total = layout.estimate(connection, mapped)
    most = max(int(total * _FEW), min(rows, _LEAST))
    expired = compile.where(mapped, deciding)
    some = sa.select(sa.literal(1)).select_from(mapped.table).where(expired).limit(most + 1)
    count = connection.execute(sa.select(sa.func.count()).select_from(some.subquery())).scalar_one()
    if count > most:
        return None
    thinned = max(rows * count // max(total, count, 1), min(rows, _LEAST))
    return _along(connection, mapped, column, expired, thinned)


def by_any_clock(
    connection: sa.Connection, mapped: Mapped, work: Work, rows: int
) -> list[Window] | None:
    """Windows along the clock, index or not, for a table that nothing else orders."""
    _, column = _deciding(mapped, work)
    if column is None:
        return None
    if not _indexed(connection, mapped, column):
        rows = max(rows, layout.estimate(connection, mapped) // _UNINDEXED)
    target = compile.target(mapped, work.target)
    found = _along(connection, mapped, column, target, rows)
    return [*found, {"at": "unset", "column": column.name, "from": None, "to": None}]


def _along(
    connection: sa.Connection, mapped: Mapped, column: sa.Column[Any], meant: Condition, rows: int
) -> list[Window]:
    """Windows between moments; a moment that fills more than one window is cut by key."""
    about = {"column": column.name}
    found: list[Window] = []
    marks = [each[0] for each in _numbered(connection, mapped, [column], meant, rows)]
    last: list[Any] | None = None
    for at, moment in enumerate(marks):
        mark = keys.to_json([moment])
        if mark == last:
            continue
        if marks[at : at + 2] == [moment, moment]:
            found.append({"at": "before", **about, "from": last, "to": mark})
            tie = {"at": "tie", **about, "moment": mark}
            found += _tied(connection, mapped, tie, sa.and_(meant, column == value(moment)), rows)
        else:
            found.append({"at": "clock", **about, "from": last, "to": mark})
        last = mark
    return [*found, {"at": "clock", **about, "from": last, "to": None}]


def _tied(
    connection: sa.Connection, mapped: Mapped, tie: Window, meant: Condition, rows: int
) -> list[Window]:
    columns = layout.order_of(mapped)
    if columns:
        return chain(list(_numbered(connection, mapped, columns, meant, rows)), **tie)
    counted = sa.select(sa.func.count()).select_from(mapped.table).where(meant)
    return by_share(int(connection.execute(counted).scalar_one()), rows, **tie)


def _numbered(
    connection: sa.Connection,
    mapped: Mapped,
    columns: Sequence[sa.ColumnElement[Any]],
    meant: Condition,
    rows: int,
) -> Iterator[tuple[Any, ...]]:
    """The columns' values in every `rows`-th of the rows meant, in order."""
    named = [column.label(f"c{at}") for at, column in enumerate(columns)]
    number = sa.func.row_number().over(order_by=columns).label("n")
    all_ = sa.select(*named, number).select_from(mapped.table).where(meant).subquery()
    some = sa.select(*list(all_.c)[:-1]).where(all_.c.n % rows == 0).order_by(all_.c.n)
    return (tuple(row) for row in connection.execute(some))


def _deciding(mapped: Mapped, work: Work) -> tuple[ClockBy | None, sa.Column[Any] | None]:
    """The bound on the work's clock that every record meant keeps, and the clock's own column."""
    parts = work.target.parts if isinstance(work.target, All) else (work.target,)
    bound = next((p for p in parts if isinstance(p, ClockBy) and p.clock == work.clock), None)
    clock = mapped.collection.clock_named(work.clock) if work.clock else None
    if clock is None or not isinstance(clock.source, Column):
        return bound, None
    return bound, sources.own_column(mapped, clock.source.name)


def _indexed(connection: sa.Connection, mapped: Mapped, column: sa.Column[Any]) -> bool:
    """Whether an index over all rows begins with the column."""
    if mapped.table.info["primary_key"][:1] == (column.name,):
        return True
    found = sa.inspect(connection).get_indexes(mapped.table.name, schema=mapped.table.schema)
    return any(
        index["column_names"][:1] == [column.name]
        and not any(option.endswith("_where") for option in index.get("dialect_options", {}))
        for index in found
    )


def _clock(mapped: Mapped, bounds: Mapping[str, Any]) -> sa.Column[Any]:
    return sources.own_column(mapped, bounds["column"])


# ── along a key ───────────────────────────────────────────────────────────────────────────────


def by_key(connection: sa.Connection, mapped: Mapped, rows: int) -> list[Window]:
    """Windows over the order of the table: ranges of numbers where those are dense, else walked."""
    columns = layout.order_of(mapped)
    marks = _evenly(connection, mapped, columns, rows)
    if marks is None:
        marks = list(_walked(connection, mapped, columns, rows))
    return chain(marks, at="key")


def _evenly(
    connection: sa.Connection,
    mapped: Mapped,
    columns: Sequence[sa.ColumnElement[Any]],
    rows: int,
) -> list[tuple[int]] | None:
    if len(columns) > 1:
        return None
    least, greatest = (
        sa.select(end(columns[0])).select_from(mapped.table).scalar_subquery()
        for end in (sa.func.min, sa.func.max)  # apart, so that SQLite finds both by its index
    )
    low, high = connection.execute(sa.select(least, greatest)).one()
    if not isinstance(low, int) or not isinstance(high, int):
        return None
    windows = (high - low) // rows + 1
    if windows > _FEW_WINDOWS:  # an empty one costs little; many are worth a look
        full = layout.estimate(connection, mapped) // rows + 1
        if windows > _GAPS * full:
            return None
    return [(mark,) for mark in range(low + rows - 1, high, rows)]


def _walked(
    connection: sa.Connection,
    mapped: Mapped,
    columns: Sequence[sa.ColumnElement[Any]],
    rows: int,
) -> Iterator[tuple[Any, ...]]:
    last: tuple[Any, ...] | None = None
    while True:
        query = (
            sa.select(*columns)
            .select_from(mapped.table)
            .where(between(columns, last, None))
            .order_by(*columns)
            .offset(rows - 1)
            .limit(1)
        )
        row = connection.execute(query).one_or_none()
        if row is None:
            return
        last = tuple(row)
        yield last


# ── by digest ─────────────────────────────────────────────────────────────────────────────────


def by_share(count: int, rows: int, **about: Any) -> list[Window]:
    """Every n-th row by its content. Equal rows lie in one window."""
    of = max(-(-count // max(rows, _SHARE_ROWS)), 1)
    about = {"at": "share", **about, "from": None, "to": None, "of": of}
    return [{**about, "number": number} for number in range(of)]


def _share(mapped: Mapped, bounds: Mapping[str, Any]) -> Condition:
    if bounds.get("of", 1) == 1:
        return sa.true()
    spread = sa.func.crc32(keys.digest(mapped), type_=sa.Integer())
    chosen: Condition = spread % bounds["of"] == bounds["number"]
    return chosen
