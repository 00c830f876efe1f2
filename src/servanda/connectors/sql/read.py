"""Counting and streaming. Nothing here writes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa

from servanda.connectors.sql import clocks, compile, sources, values
from servanda.connectors.sql.engine import Database
from servanda.connectors.sql.express import Expression
from servanda.connectors.sql.reflect import Mapped
from servanda.kernel.predicate import All, AnyOf, Everything, Not, Predicate, any_of
from servanda.stores.mapping import Collection
from servanda.stores.port import Row, Tally

_AT_ONCE = 40  # predicates in one statement
_FEW = 500  # records that are fetched at once and not streamed
_KEPT = 200  # statements kept with a table
_BATCH = 2_000  # rows fetched at once while streaming
_simple = frozenset((str, int, bytes, type(None)))


def tallies(mapped: Mapped, wheres: Sequence[Predicate], clock: str | None) -> list[Tally]:
    """A tally per predicate, in one pass over the collection for every forty of them."""
    found: list[Tally] = []
    for start in range(0, len(wheres), _AT_ONCE):
        found += _pass(mapped, wheres[start : start + _AT_ONCE], clock)
    return found


def _pass(mapped: Mapped, wheres: Sequence[Predicate], clock: str | None) -> list[Tally]:
    # The predicates share most of their parts. Each part and the clock are worked out once a row,
    # below; above, they are only combined and added up, in names of ours and nothing else.
    parts = {each: f"p{n}" for n, each in enumerate(dict.fromkeys(_parts(wheres)))}
    below: list[Expression] = [
        sa.case((compile.where(mapped, each), 1), else_=0).label(name)
        for each, name in parts.items()
    ]
    if clock is not None:
        below.append(clocks.key(mapped, clock).label("clock"))
    rows = (
        sa.select(*below, sa.literal_column("1").label("one"))
        .select_from(mapped.table)
        .where(compile.target(mapped, any_of(wheres)))
        .subquery()
    )
    flags = {each: f"{name} = 1" for each, name in parts.items()}
    above: list[str] = []
    for where in wheres:
        holds = _combined(where, flags)
        above.append(f"count(CASE WHEN {holds} THEN 1 END)")
        if clock is not None:
            here = f"CASE WHEN {holds} THEN clock END"
            above += [f"min({here})", f"max({here})"]
    columns: list[Expression] = [sa.literal_column(each) for each in above]
    statement = sa.select(*columns).select_from(rows)
    with mapped.db.reading() as connection:
        # No two of these statements are alike: keeping them compiled only costs memory and time.
        uncached = connection.execution_options(compiled_cache=None)
        line = uncached.execute(statement).one()
    width = 1 if clock is None else 3
    return [_tally(mapped, clock, line[n * width : (n + 1) * width]) for n in range(len(wheres))]


def _parts(predicates: Iterable[Predicate]) -> Iterator[Predicate]:
    """The comparisons that all/any/not are made of."""
    for each in predicates:
        match each:
            case All(parts) | AnyOf(parts):
                yield from _parts(parts)
            case Not(part):
                yield from _parts((part,))
            case Everything():
                pass
            case _:
                yield each


def _combined(predicate: Predicate, flags: Mapping[Predicate, str]) -> str:
    match predicate:
        case All(parts):
            return f"({' AND '.join(_combined(part, flags) for part in parts) or '1 = 1'})"
        case AnyOf(parts):
            return f"({' OR '.join(_combined(part, flags) for part in parts) or '1 = 0'})"
        case Not(part):
            return f"NOT {_combined(part, flags)}"
        case Everything():
            return "1 = 1"
        case _:
            return flags[predicate]


def _tally(mapped: Mapped, clock: str | None, line: Sequence[Any]) -> Tally:
    if clock is None:
        return Tally(int(line[0]))
    oldest, newest = map(clocks.decoder(mapped, clock), line[1:])
    return Tally(int(line[0]), oldest, newest)


def rows(
    mapped: Mapped, where: Predicate, fields: Sequence[str], limit: int | None
) -> Iterator[Row]:
    """Stream records as tuples of the named fields (or events); closes when exhausted or closed."""
    base, readers = _base(mapped, tuple(fields))
    statement = base.where(compile.target(mapped, where))
    if limit is not None:
        statement = statement.limit(limit)
    few = _few(mapped.db, statement, limit)
    plain = all(read is values.plain for read in readers)
    for line in few if few is not None else _many(mapped.db, statement):
        if plain and _simple.issuperset(map(type, line)):  # nothing to translate
            yield tuple(line)
        else:
            yield tuple(read(each) for read, each in zip(readers, line, strict=False))


def _base(
    mapped: Mapped, fields: tuple[str, ...]
) -> tuple[sa.Select[Any], tuple[values.Reader, ...]]:
    """The statement that reads the fields, without a condition, and how to read what it gives.
    Made once for a collection and kept with its table: most reads are short and alike."""
    kept: _Kept = mapped.table.info.setdefault("reads", {})
    at = (id(mapped.collection), fields)
    known = kept.get(at)
    if known is None:
        chosen = [_selected(mapped, name) for name in fields]
        columns: list[Expression] = [each.label(f"f{n}") for n, (each, _) in enumerate(chosen)]
        statement: sa.Select[Any] = sa.select(*columns or [sa.literal(1)])
        statement = statement.select_from(mapped.table)
        readers = tuple(reader for _, reader in chosen)
        if len(kept) >= _KEPT:
            kept.clear()
        known = kept[at] = (mapped.collection, statement, readers)  # held, so that its id is its
    return known[1], known[2]


_Kept = dict[
    tuple[int, tuple[str, ...]], tuple[Collection, sa.Select[Any], tuple[values.Reader, ...]]
]


def _few(
    db: Database, statement: sa.Select[Any], limit: int | None
) -> Sequence[Sequence[Any]] | None:
    """All records where they are few, for a fraction of what a stream costs to set up: most reads
    for a person find a handful. None where there are more, for which the stream is to be asked.

    SQLite reads no faster so, and a stream has no deadline there.
    """
    if db.dialect == "sqlite":
        return None
    if limit is None or limit > _FEW:
        statement = statement.limit(_FEW + 1)
    with db.glancing() as connection:
        lines = connection.execute(statement).all()
    return lines if len(lines) <= _FEW else None


def _many(db: Database, statement: sa.Select[Any]) -> Iterator[Sequence[Any]]:
    with streaming(db) as connection, connection.execute(statement) as found:
        yield from found


def _selected(mapped: Mapped, name: str) -> tuple[Expression, values.Reader]:
    is_field = any(each.name == name for each in mapped.collection.fields)
    if not is_field and mapped.collection.clock_named(name) is not None:
        return clocks.key(mapped, name), clocks.decoder(mapped, name)
    return values.selected(mapped, sources.column(mapped, name))


@contextmanager
def streaming(db: Database) -> Iterator[sa.Connection]:
    """A connection whose results come in batches from the server, however slowly they are read."""
    with db.translated(), db.engine.connect() as plain:
        connection = plain.execution_options(stream_results=True, yield_per=_BATCH)
        if not getattr(connection.dialect, "is_mariadb", False):
            yield connection
            return
        # MariaDB counts the reader's own time as the statement's.
        connection.exec_driver_sql("SET SESSION max_statement_time = 0")
        try:
            yield connection
        finally:
            if not connection.invalidated:
                connection.exec_driver_sql(
                    "SET SESSION max_statement_time = %s", (db.limit.statement_timeout_s,)
                )
