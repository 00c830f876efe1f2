"""After a crash: which of the recorded keys still lack their effect.

The keys are looked for in chunks, each one statement, so that neither the statement nor what is
held in memory grows with the store.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import sqlalchemy as sa

from servanda.connectors.sql import among_postgresql, compile, correct, erase, keys
from servanda.connectors.sql.express import Condition, value
from servanda.connectors.sql.keys import Identity
from servanda.connectors.sql.reflect import Mapped
from servanda.stores.port import CorrectRows, Keys, RedactRows, Work

_CHUNK = 5_000
_CHUNK_COMPOSITE = 500
_CHUNK_NUMBERS = 50_000


def present(mapped: Mapped, work: Work, wanted: Keys) -> Keys:
    """Those of the keys whose record is there (delete), or not yet erased or corrected."""
    found = keys.identity(mapped)
    lacking = _lacking(mapped, work)
    rows: list[Sequence[Any]] = []
    with mapped.db.reading() as connection:
        keys.prepare(connection)
        if wanted.encoding == "sha256":
            rows = _by_digest(connection, mapped, work, found, wanted, lacking)
        else:
            for condition in _chunks(mapped, found, keys.unpack(wanted)):
                statement = (
                    sa.select(*keys.selected(mapped, found))
                    .select_from(mapped.table)
                    .where(condition, lacking)
                )
                rows += connection.execute(statement).all()
    return keys.pack(found, rows)


def _lacking(mapped: Mapped, work: Work) -> Condition:
    if isinstance(work.action, RedactRows):
        return sa.not_(erase.is_erased(mapped, work.action.changes))
    if isinstance(work.action, CorrectRows):
        return sa.not_(correct.is_correct(mapped, work.action.changes))
    return sa.true()


def _chunks(
    mapped: Mapped, found: Identity, wanted: Sequence[tuple[Any, ...]]
) -> Iterator[Condition]:
    if found.encoding == "i8" and mapped.db.dialect == "postgresql":
        for start in range(0, len(wanted), _CHUNK_NUMBERS):
            numbers = [each for (each,) in wanted[start : start + _CHUNK_NUMBERS]]
            yield among_postgresql.is_number(found.columns[0], numbers)
        return
    size = _CHUNK if len(found.columns) == 1 else _CHUNK_COMPOSITE
    for start in range(0, len(wanted), size):
        chunk = wanted[start : start + size]
        if len(found.columns) == 1:
            yield _single(mapped, found.columns[0], [each[0] for each in chunk])
        else:
            yield sa.or_(*(_row(found.columns, each) for each in chunk))


def _single(mapped: Mapped, column: sa.Column[Any], wanted: Sequence[Any]) -> Condition:
    known = [each for each in wanted if each is not None]
    there = compile.among(mapped.db.dialect, column, known) if known else sa.false()
    return there if len(known) == len(wanted) else sa.or_(there, column.is_(None))


def _row(columns: Sequence[sa.Column[Any]], values: Sequence[Any]) -> Condition:
    return sa.and_(
        *(
            column.is_(None) if each is None else column == value(each)
            for column, each in zip(columns, values, strict=True)
        )
    )


def _by_digest(
    connection: sa.Connection,
    mapped: Mapped,
    work: Work,
    found: Identity,
    wanted: Keys,
    lacking: Condition,
) -> list[Sequence[Any]]:
    """Keyless rows have no index to look them up by: those that match the work are read once.

    Equal rows have equal digests, so each recorded digest is found at most as often as recorded.
    """
    left: dict[bytes, int] = {}
    for (digest,) in keys.unpack(wanted):
        left[digest] = left.get(digest, 0) + 1
    statement = (
        sa.select(*keys.selected(mapped, found))
        .select_from(mapped.table)
        .where(compile.target(mapped, work.target), lacking)
        .execution_options(yield_per=2_000)
    )
    rows: list[Sequence[Any]] = []
    for (digest,) in connection.execute(statement):
        key = bytes(digest)
        if left.get(key, 0):
            left[key] -= 1
            rows.append((key,))
    return rows
