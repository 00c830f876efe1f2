"""Giving fields new values: what a person had put right.

Harm it could do: a value cut short, or one that makes two records one. `check` refuses before
anything is written, naming field and remedy and never the value.
Tests: tests/connectors/sql/test_correct.py.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

import sqlalchemy as sa

from servanda.connectors.sql import documents, sources
from servanda.connectors.sql.constants import Unsayable, fit
from servanda.connectors.sql.express import Condition, Expression, as_text, certain, value
from servanda.connectors.sql.reflect import Mapped, about, kind
from servanda.kernel.errors import StoreRefused
from servanda.stores.mapping import Column, JsonPath

Corrections: TypeAlias = Sequence[tuple[str, str]]


def check(mapped: Mapped, changes: Corrections) -> None:
    """Raise StoreRefused, naming field and remedy, when a correction cannot be made."""
    for field, new in changes:
        where = f'{mapped.collection.id}: field "{field}"'
        match sources.source_of(mapped, field):
            case Column(name):
                column = sources.own_column(mapped, name)
                facts = about(column)
                table = mapped.table.info
                single = any(names == (name,) or list(names) == [name] for names in table["unique"])
                if name in table["primary_key"] or column in sources.key_columns(mapped) or single:
                    raise StoreRefused(
                        f"{where} names the record and cannot be changed here",
                        "change it in the product itself",
                    )
                _fitted(mapped, where, column, new)
                if facts.length is not None and len(new) > facts.length:
                    raise StoreRefused(
                        f"{where} has room for {facts.length} characters, and not for {len(new)}",
                        "give a shorter value",
                    )
            case JsonPath():
                pass
            case _:
                raise StoreRefused(
                    f"{where} lies in another table and cannot be changed from here",
                    "map that table as a collection of its own",
                )


def _fitted(mapped: Mapped, where: str, column: sa.Column[object], new: str) -> object:
    try:
        return fit(new, kind(column), mapped.db.zone, mapped.db.dialect)
    except Unsayable:
        raise StoreRefused(
            f'{where}: column "{column.name}" ({about(column).declared}) cannot hold that value',
            "give one of the column's kind",
        ) from None


def assignments(mapped: Mapped, changes: Corrections) -> dict[str, Expression]:
    """Column name → new value, for `table.update().values(...)`."""
    found: dict[str, Expression] = {}
    for field, new in changes:
        source = sources.source_of(mapped, field)
        if isinstance(source, JsonPath):
            column = sources.own_column(mapped, source.column)
            document = found.get(source.column, column)
            set_ = documents.set_text(mapped.db, column, document, source.path, value(new))
            found[source.column] = documents.finished(mapped.db, column, set_)
        elif isinstance(source, Column):
            column = sources.own_column(mapped, source.name)
            found[source.name] = value(_fitted(mapped, field, column, new))
    return found


def is_correct(mapped: Mapped, changes: Corrections) -> Condition:
    """Every one of the fields has its new value, to the letter. Never NULL."""
    return sa.and_(sa.true(), *(_has(mapped, field, new) for field, new in changes))


def _has(mapped: Mapped, field: str, new: str) -> Condition:
    expression = sources.column(mapped, field)
    if not isinstance(expression, sa.Column):
        return certain(expression == value(new))
    wanted = value(_fitted(mapped, field, expression, new))
    if mapped.db.dialect == "mariadb" and kind(expression) in ("text", "char"):
        expression = as_text("mariadb", expression)
    return certain(expression == wanted)
