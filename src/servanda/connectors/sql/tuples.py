"""Several fields that together equal one of many rows: composite keys, and records without one.

The rows travel as one array for each field (PostgreSQL), as one document (SQLite), or as a list of
row values (MariaDB), so that an index over the fields can serve and the statement stays one.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from servanda.connectors.sql import sources
from servanda.connectors.sql.constants import Unsayable, fit
from servanda.connectors.sql.express import Condition, Expression, as_text, value
from servanda.connectors.sql.reflect import Kind, Mapped, kind
from servanda.kernel.predicate import Scalar

_FEW = 100  # rows said one by one
_TEXTS = ("text", "char", "other")


def among(mapped: Mapped, fields: Sequence[str], rows: Sequence[Sequence[Scalar]]) -> Condition:
    """Never NULL. No value of the rows is null."""
    columns = [sources.column(mapped, each) for each in fields]
    wanted = [row for row in (_fitted(mapped, columns, row) for row in rows) if row is not None]
    if not wanted:
        return sa.false()
    dialect = mapped.db.dialect
    compared = [_compared(dialect, column) for column in columns]
    plain = not any(isinstance(each, bytes) for row in wanted for each in row)
    if len(wanted) > _FEW and dialect == "postgresql" and plain:
        found = _arrays(compared, wanted)
    elif len(wanted) > _FEW and dialect == "sqlite" and plain:
        found = _document(compared, wanted)
    else:
        found = sa.or_(
            *(
                sa.and_(*(c == value(v) for c, v in zip(compared, row, strict=True)))
                for row in wanted
            )
        )
    if dialect == "mariadb":  # the index serves the plain comparison, this one tells cases apart
        exact = [as_text(dialect, c) if _kind(c) in _TEXTS else c for c in columns]
        found = sa.and_(_rows(compared, wanted), _rows(exact, wanted))
    return sa.and_(found, *(column.is_not(None) for column in columns))


def _fitted(
    mapped: Mapped, columns: Sequence[Expression], row: Sequence[Scalar]
) -> tuple[object, ...] | None:
    try:
        return tuple(
            fit(each, _kind(column), mapped.db.zone, mapped.db.dialect)
            for column, each in zip(columns, row, strict=True)
        )
    except Unsayable:
        return None


def _kind(expression: Expression) -> Kind:
    return kind(expression) if isinstance(expression, sa.Column) else "text"


def _compared(dialect: str, column: Expression) -> Expression:
    return as_text(dialect, column) if _kind(column) == "other" else column


def _arrays(columns: Sequence[Expression], rows: Sequence[Sequence[object]]) -> Condition:
    names = [f"c{place}" for place in range(len(columns))]
    lists = [value(list(each)) for each in zip(*rows, strict=True)]
    table = sa.func.unnest(*lists).table_valued(*names).render_derived()
    return sa.tuple_(*columns).in_(sa.select(*(table.c[name] for name in names)))


def _document(columns: Sequence[Expression], rows: Sequence[Sequence[object]]) -> Condition:
    table = sa.func.json_each(value(json.dumps(rows))).table_valued("value")
    parts: list[Any] = [
        sa.func.json_extract(table.c.value, f"$[{place}]") for place in range(len(columns))
    ]
    return sa.tuple_(*columns).in_(sa.select(*parts))


def _rows(columns: Sequence[Expression], rows: Sequence[Sequence[object]]) -> Condition:
    untyped = [sa.type_coerce(column, sa.types.NullType()) for column in columns]
    found: Condition = sa.tuple_(*untyped).in_([tuple(row) for row in rows])
    return found
