"""Correcting fields in place: what their person says is right.

The harm it could do: a value cut short, or put where it means something else, or a half-done
correction. Guards: `check` refuses before anything is written (a key, another table, a value of
the wrong kind or too long, a unique column that cannot take it), without a word of the value; and
what is corrected is compared exactly afterwards. Tests: tests/connectors/sql/test_correct.py.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from servanda.connectors.sql import compile, documents, erase, isotext, sources
from servanda.connectors.sql.among import among
from servanda.connectors.sql.constants import Unsayable, fit, text_of
from servanda.connectors.sql.express import Condition, Expression, value
from servanda.connectors.sql.reflect import Mapped, about, kind
from servanda.kernel.errors import StoreRefused
from servanda.kernel.predicate import Predicate, Scalar
from servanda.stores.mapping import Column, JsonPath

Corrections = Sequence[tuple[str, str]]


def check(mapped: Mapped, changes: Corrections, target: Predicate) -> None:
    """Raise StoreRefused, naming field and remedy but not the value, when a change cannot be."""
    for field, text in changes:
        where = f'{mapped.collection.id}: field "{field}"'
        source = sources.source_of(mapped, field)
        match source:
            case Column(name):
                _check_column(mapped, where, sources.own_column(mapped, name), field, text, target)
            case JsonPath(name):
                column = sources.own_column(mapped, name)
                documents.refuse_unless_json(mapped.db, where, column)
                _fitted(mapped, where, None, text)
            case _:
                raise StoreRefused(
                    f"{where} lies in another table and cannot be corrected from here",
                    "map that table as a collection of its own",
                )


def _check_column(
    mapped: Mapped,
    where: str,
    column: sa.Column[Any],
    field: str,
    text: str,
    target: Predicate,
) -> None:
    if column.name in mapped.table.info["primary_key"] or column in sources.key_columns(mapped):
        raise StoreRefused(
            f"{where} is part of the key and cannot change", "correct it in the product itself"
        )
    _fitted(mapped, where, column, text)
    length = about(column).length
    if length is not None and len(text) > length and kind(column) in ("text", "char"):
        raise StoreRefused(
            f'{where}: column "{column.name}" has room for {length} characters, not {len(text)}',
            "ask for a shorter form, or widen the column",
        )
    unique = any(column.name in names for names in mapped.table.info["unique"])
    if unique and not _free(mapped, field, text, target):
        raise StoreRefused(
            f'{where}: column "{column.name}" is unique, and more than one record would get'
            " the same value",
            "look for a second record of the same person, and join the two in the product",
        )


def _free(mapped: Mapped, field: str, text: str, target: Predicate) -> bool:
    """Whether at most one record would have the value: of those meant and those that have it."""
    has = is_correct(mapped, [(field, text)])
    either = sa.or_(compile.target(mapped, target), has)
    some = sa.select(sa.literal(1)).select_from(mapped.table).where(either).limit(2)
    with mapped.db.reading() as connection:
        return len(connection.execute(some).all()) < 2


def assignments(mapped: Mapped, changes: Corrections) -> dict[str, Expression]:
    """Column name → corrected value, for `table.update().values(...)`."""
    new = {field: value(_said(mapped, field, text)) for field, text in changes}
    return erase.assigned(mapped, new)


def is_correct(mapped: Mapped, changes: Corrections) -> Condition:
    """Every one of the fields has its new value, or lies in a document that has no such place.
    Never NULL."""
    return sa.and_(sa.true(), *(_is_correct(mapped, field, text) for field, text in changes))


def _is_correct(mapped: Mapped, field: str, text: str) -> Condition:
    wanted: Scalar = text
    if mapped.db.dialect == "sqlite":  # keeps what it is given, so what it is given must be told
        said = _said(mapped, field, text)
        assert isinstance(said, str | int | float | bytes)
        wanted = said
    same = among(mapped, (field,), [(wanted,)])
    if isinstance(sources.source_of(mapped, field), JsonPath):
        return sa.or_(same, sources.column(mapped, field).is_(None))
    return same


def _said(mapped: Mapped, field: str, text: str) -> object:
    source = sources.source_of(mapped, field)
    column = sources.own_column(mapped, source.name) if isinstance(source, Column) else None
    return _fitted(mapped, f'{mapped.collection.id}: field "{field}"', column, text)


def _fitted(mapped: Mapped, where: str, column: sa.Column[Any] | None, text: str) -> object:
    """The new value as the driver takes it. A document's values are text."""
    try:
        if column is None:
            return text_of(text)
        found = kind(column)
        loose = mapped.db.dialect == "sqlite" and found in ("date", "datetime", "instant")
        if loose and isotext.decode(text, mapped.db.zone) is None:
            raise Unsayable
        return fit(text, found, mapped.db.zone, mapped.db.dialect)
    except Unsayable:
        named = "the document" if column is None else f'column "{column.name}"'
        raise StoreRefused(
            f"{where}: {named} cannot hold such a value", "give it in the form the product keeps"
        ) from None
