"""Records of which some field, as text, matches a regular expression: found by the engine itself.

A first sieve for what only a program can tell for sure: of a table of millions, a handful travels.
Tests: tests/connectors/sql/test_suspects.py.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import sqlalchemy as sa

from servanda.connectors.sql import compile, read, sources
from servanda.connectors.sql.express import Condition, Expression, matches, present
from servanda.connectors.sql.reflect import Mapped
from servanda.kernel.predicate import Everything
from servanda.stores.port import Row


def rows(mapped: Mapped, fields: Sequence[str], pattern: str) -> Iterator[Row]:
    """The named fields as text, of each record of the collection in which one of them matches."""
    conditions: list[Condition] = []
    texts: list[Expression] = []
    for name in fields:
        column = sources.column(mapped, name)
        dialect, text = compile.written(mapped, column)
        conditions.append(present(column, matches(dialect, text, pattern)))
        texts.append(text.label(f"f{len(texts)}"))
    statement = (
        sa.select(*texts)
        .select_from(mapped.table)
        .where(compile.target(mapped, Everything()), sa.or_(sa.false(), *conditions))
    )
    with read.streaming(mapped.db) as connection, connection.execute(statement) as found:
        for line in found:
            yield tuple(line)
