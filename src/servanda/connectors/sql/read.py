"""Counting and streaming. Nothing here writes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from servanda.connectors.sql import clocks, compile, short, sources, values
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
    kept = _kept(mapped, tuple(fields))
    readers = kept.readers
    asked = _Asked(mapped, kept, where)
    few = _few(asked, limit)
    lines = few if few is not None else _many(mapped.db, asked.statement(limit))
    plain = all(read is values.plain for read in readers)
    for line in lines:
        if plain and _simple.issuperset(map(type, line)):  # nothing to translate
            yield tuple(line)
        else:
            yield tuple(read(each) for read, each in zip(readers, line, strict=False))


@dataclass(slots=True)
class _Kept:
    """What is made once for the fields of a collection and kept with its table: most reads are
    short and alike. `statements`: of short reads, by the
    shape of their condition and their limit."""

    collection: Collection  # held, so that its id is its
    base: sa.Select[Any]  # the statement without a condition
    readers: tuple[values.Reader, ...]
    statements: dict[tuple[short.Shape, int], short.Statement] = field(default_factory=dict)


def _kept(mapped: Mapped, fields: tuple[str, ...]) -> _Kept:
    kept: dict[tuple[int, tuple[str, ...]], _Kept] = mapped.table.info.setdefault("reads", {})
    at = (id(mapped.collection), fields)
    known = kept.get(at)
    if known is None:
        chosen = [_selected(mapped, name) for name in fields]
        columns: list[Expression] = [each.label(f"f{n}") for n, (each, _) in enumerate(chosen)]
        statement: sa.Select[Any] = sa.select(*columns or [sa.literal(1)])
        base = statement.select_from(mapped.table)
        if len(kept) >= _KEPT:
            kept.clear()
        known = kept[at] = _Kept(mapped.collection, base, tuple(read for _, read in chosen))
    return known


@dataclass(slots=True)
class _Asked:
    """One read. Its condition is made when it is needed, once."""

    mapped: Mapped
    kept: _Kept
    where: Predicate
    _statement: sa.Select[Any] | None = None

    def statement(self, limit: int | None) -> sa.Select[Any]:
        if self._statement is None:
            self._statement = self.kept.base.where(compile.target(self.mapped, self.where))
        return self._statement if limit is None else self._statement.limit(limit)


def _few(asked: _Asked, limit: int | None) -> Sequence[Sequence[Any]] | None:
    """All records where they are few, for a fraction of what a stream costs to set up: most reads
    for a person find a handful. None where there are more, for which the stream is to be asked.

    SQLite reads no faster so, and a stream has no deadline there.
    """
    mapped, kept = asked.mapped, asked.kept
    db = mapped.db
    if db.dialect == "sqlite":
        return None
    most = _FEW + 1 if limit is None else min(limit, _FEW + 1)
    lists: list[Sequence[object]] = []
    shape = short.shape(mapped, asked.where, lists) if db.dialect == "postgresql" else None
    if shape is None:
        with db.glancing() as connection:
            lines = connection.execute(asked.statement(most)).all()
    else:
        known = kept.statements.get((shape, most))
        if known is None:
            known = short.statement(mapped, kept.base, shape, most)
            if len(kept.statements) >= _KEPT:
                kept.statements.clear()
            kept.statements[shape, most] = known
        lines = db.glanced(known.text, known.given(lists))
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
