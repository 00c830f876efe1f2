"""From a mapping's source (a column, a JSON path, a lookup) to an expression of the engine."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from servanda.connectors.sql.reflect import Mapped
from servanda.kernel.errors import Drift, StoreRefused
from servanda.stores.mapping import Column, FilePart, JsonPath, Lookup, Source


def table_column(mapped_table: sa.Table, name: str, *, of: str) -> sa.Column[Any]:
    """The table's column of exactly that name. Drift when not there; `of` says whose."""
    found = mapped_table.columns.get(name)
    if found is None:
        raise Drift(
            f'{of}: table "{mapped_table.name}" has no column "{name}"',
            "compare stores.yaml with the store: `servanda inventory`",
        )
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


def column(mapped: Mapped, field: str) -> sa.ColumnElement[Any]:
    """The value of a field, as the engine has it (a JSON path: as text). Untyped.

    Raises Drift when table or column is not there.
    """
    match source_of(mapped, field):
        case Column(name):
            return own_column(mapped, name)
        case JsonPath() | Lookup():
            raise NotImplementedError
        case FilePart():
            raise StoreRefused(
                f'{mapped.collection.id}: field "{field}" is a part of a file', "map a column"
            )
