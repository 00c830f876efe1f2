"""From a mapping's source (a column, a JSON path, a lookup) to an expression of the engine.

Names are always quoted by SQLAlchemy and values always bound; nothing here builds SQL from text.
"""

from __future__ import annotations

from typing import Any, cast

import sqlalchemy as sa

from servanda.connectors.sql import documents, reflect
from servanda.connectors.sql.express import Expression, as_text, value
from servanda.connectors.sql.reflect import Mapped
from servanda.kernel.errors import Drift, StoreRefused
from servanda.stores.mapping import Column, FilePart, JsonPath, Lookup, Source


def table_column(table: sa.FromClause, name: str, *, of: str) -> sa.Column[Any]:
    """The table's column of exactly that name. Drift when not there; `of` says whose."""
    found = table.columns.get(name)
    if found is None:
        shown = getattr(table, "element", table)
        raise Drift(
            f'{of}: table "{getattr(shown, "name", "?")}" has no column "{name}"',
            "compare stores.yaml with the store: `servanda inventory`",
        )
    assert isinstance(found, sa.Column)
    return found


def own_column(mapped: Mapped, name: str) -> sa.Column[Any]:
    """A column of the collection's own table. Drift when not there."""
    return table_column(mapped.table, name, of=mapped.collection.id)


def key_columns(mapped: Mapped) -> tuple[sa.Column[Any], ...]:
    """The columns of the collection's key, in its order; () for a keyless one.

    A key lies in columns of the collection's own table; anything else is refused.
    """
    found = []
    for name in mapped.collection.key:
        source = source_of(mapped, name)
        if not isinstance(source, Column):
            raise StoreRefused(
                f'{mapped.collection.id}: the key field "{name}" is not a column', "map a column"
            )
        found.append(own_column(mapped, source.name))
    return tuple(found)


def source_of(mapped: Mapped, field: str) -> Source:
    """Where a field lies; the name of a column stands for itself where no field has it."""
    try:
        return mapped.collection.field_named(field).source
    except KeyError:
        return Column(field)


def column(mapped: Mapped, field: str) -> Expression:
    """The value of a field, as the engine has it (of a JSON path: as text). Untyped.

    Raises Drift when table or column is not there.
    """
    return of_source(mapped, source_of(mapped, field), field)


def of_source(mapped: Mapped, source: Source, name: str) -> Expression:
    """The value at a source; `name` is what a message calls it."""
    match source:
        case Column(own):
            return own_column(mapped, own)
        case JsonPath(own, path):
            return documents.extract(mapped.db, own_column(mapped, own), path)
        case Lookup() as lookup:
            other = lookup_table(mapped, lookup)
            found = table_column(other, lookup.column, of=mapped.collection.id)
            picked = sa.func.min(found) if lookup.pick == "min" else sa.func.max(found)
            return _of_kind(lookup_value(mapped, lookup, picked, other), reflect.kind(found))
        case FilePart():
            raise StoreRefused(
                f'{mapped.collection.id}: "{name}" is a part of a file', "map a column"
            )


def _of_kind(expression: Expression, found: reflect.Kind) -> Expression:
    cast(Any, expression).servanda_kind = found
    return expression


def kind_of(expression: Expression) -> reflect.Kind:
    """Of a column, or of the column that was looked up; of all else, text."""
    if isinstance(expression, sa.Column):
        return reflect.kind(expression)
    found: reflect.Kind = getattr(expression, "servanda_kind", "text")
    return found


def lookup_table(mapped: Mapped, lookup: Lookup) -> sa.FromClause:
    """The other table, under a name of its own, since it may be the collection's table."""
    return reflect.table(mapped.db, lookup.table).alias()


def lookup_value(
    mapped: Mapped, lookup: Lookup, picked: Expression, other: sa.FromClause
) -> Expression:
    """A correlated subquery: `picked` over the rows of the other table that match ours."""
    of = mapped.collection.id
    conditions = [
        equal(mapped.db.dialect, table_column(other, theirs, of=of), own_column(mapped, ours))
        for theirs, ours in lookup.match
    ]
    conditions += [
        table_column(other, theirs, of=of) == value(constant) for theirs, constant in lookup.where
    ]
    found = sa.select(picked).select_from(other).where(*conditions).correlate(mapped.table)
    return sa.type_coerce(found.scalar_subquery(), sa.types.NullType())


def equal(dialect: str, left: sa.Column[Any], right: sa.Column[Any]) -> sa.ColumnElement[bool]:
    """Two columns are equal; where their kinds differ (a number kept as text), as text."""
    numbers = ("integer", "number")
    texts = ("text", "char")
    kinds = (reflect.kind(left), reflect.kind(right))
    alike = kinds[0] == kinds[1] or all(k in numbers for k in kinds)
    if alike or all(k in texts for k in kinds) or dialect == "sqlite":
        return left == right
    return as_text(dialect, left) == as_text(dialect, right)
