"""Erasing a field in place: what it is set to, and when it is already erased.

Harm it could do: a change that fails half-way, or that leaves the value readable. Guards:
`check` refuses before anything is written (a column that cannot be null, is too narrow, unique,
or part of a key), and what cannot be generalised becomes blank instead of staying.
Tests: tests/connectors/sql/test_erase.py holds every form in every engine against Python.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias, assert_never

import sqlalchemy as sa

from servanda.connectors.sql import documents, erased, generalise, sources
from servanda.connectors.sql.constants import Unsayable, fit
from servanda.connectors.sql.express import Condition, Expression, as_text, value
from servanda.connectors.sql.reflect import Mapped, about, kind
from servanda.kernel.erased import ENDING
from servanda.kernel.errors import StoreRefused
from servanda.stores.mapping import (
    Column,
    Erasure,
    Generalise,
    JsonPath,
    Pseudonym,
    SetNull,
    SetText,
)

Changes: TypeAlias = Sequence[tuple[str, Erasure]]

_PSEUDONYM_LENGTH = 35
_ENDING_LENGTH = 9
_TEXT = ("text", "char")


def check(mapped: Mapped, changes: Changes) -> None:
    """Raise StoreRefused, naming column and remedy, when a change cannot be made."""
    for field, erasure in changes:
        source = sources.source_of(mapped, field)
        where = f'{mapped.collection.id}: field "{field}"'
        match source:
            case Column(name):
                _check_column(mapped, where, sources.own_column(mapped, name), erasure)
            case JsonPath(name):
                column = sources.own_column(mapped, name)
                documents.refuse_unless_json(mapped.db, where, column)
            case _:
                raise StoreRefused(
                    f"{where} lies in another table and cannot be erased from here",
                    "map that table as a collection of its own",
                )
        if isinstance(erasure, Generalise):
            generalise.coarser(mapped, field, form_of(erasure))


def _check_column(mapped: Mapped, where: str, column: sa.Column[Any], erasure: Erasure) -> None:
    facts = about(column)
    table = mapped.table
    unique = any(column.name in names for names in table.info["unique"])
    if column.name in table.info["primary_key"] or column in sources.key_columns(mapped):
        raise StoreRefused(
            f"{where} is part of the key and cannot change", "delete the records instead"
        )
    match erasure:
        case SetNull():
            if not facts.nullable:
                raise StoreRefused(
                    f'{where}: column "{column.name}" cannot be null', "erase it with `blank`"
                )
        case SetText(text):
            if unique:
                raise StoreRefused(
                    f'{where}: column "{column.name}" is unique, so all cannot get one text',
                    "erase it with `null` or `pseudonym`",
                )
            try:
                fit(text, facts.kind, mapped.db.zone, mapped.db.dialect)
            except Unsayable:
                raise StoreRefused(
                    f'{where}: column "{column.name}" ({facts.declared}) cannot hold that text',
                    "erase it with `null`",
                ) from None
            _wide_enough(where, column, len(text))
        case Pseudonym(ending):
            if facts.kind not in _TEXT and mapped.db.dialect != "sqlite":
                raise StoreRefused(
                    f'{where}: column "{column.name}" ({facts.declared}) holds no text',
                    "erase it with `null`",
                )
            _wide_enough(where, column, _PSEUDONYM_LENGTH + (_ENDING_LENGTH if ending else 0))
        case Generalise():
            pass


def _wide_enough(where: str, column: sa.Column[Any], needed: int) -> None:
    length = about(column).length
    if length is not None and length < needed:
        raise StoreRefused(
            f'{where}: column "{column.name}" has room for {length} characters, not {needed}',
            "choose a shorter text, or `null`",
        )


def assignments(mapped: Mapped, changes: Changes, key: bytes) -> dict[str, Expression]:
    """Column name → erased value, for `table.update().values(...)`. `key`: of pseudonyms."""
    new = {field: _new_value(mapped, field, erasure, key) for field, erasure in changes}
    return assigned(mapped, new)


def assigned(mapped: Mapped, values: Mapping[str, Expression]) -> dict[str, Expression]:
    """Column name → what it is set to, so that the fields get their new values."""
    found: dict[str, Expression] = {}
    for field, new in values.items():
        source = sources.source_of(mapped, field)
        if isinstance(source, JsonPath):
            column = sources.own_column(mapped, source.column)
            document = found.get(source.column, column)
            found[source.column] = documents.set_text(mapped.db, column, document, source.path, new)
        elif isinstance(source, Column):
            found[source.name] = new
    for name, document in found.items():
        if any(_changes_document(mapped, field, name) for field in values):
            column = sources.own_column(mapped, name)
            found[name] = documents.finished(mapped.db, column, document)
    for column in mapped.table.columns:  # or the engine would put the time of the sweep there
        if column.info["touched_on_update"] and column.name not in found:
            found[column.name] = column
    return found


def _changes_document(mapped: Mapped, field: str, name: str) -> bool:
    source = sources.source_of(mapped, field)
    return isinstance(source, JsonPath) and source.column == name


def is_erased(mapped: Mapped, changes: Changes) -> Condition:
    """Every one of the fields has its erased form already. Never NULL."""
    return sa.and_(sa.true(), *(_is_erased(mapped, field, erasure) for field, erasure in changes))


def form_of(erasure: Generalise | Pseudonym) -> str:
    """The name that `predicate.Erased` gives the outcome."""
    if isinstance(erasure, Pseudonym):
        return "pseudonym"
    return f"number:{erasure.step}" if erasure.to == "number" else erasure.to


def _is_erased(mapped: Mapped, field: str, erasure: Erasure) -> Condition:
    expression = sources.column(mapped, field)
    match erasure:
        case SetNull():
            return expression.is_(None)
        case SetText():
            same = _exactly(mapped, expression, _fixed(mapped, expression, erasure))
            return sa.or_(expression.is_(None), sa.and_(expression.is_not(None), same))
        case Generalise() | Pseudonym():
            return erased.has_form(mapped, field, form_of(erasure))
        case _:
            assert_never(erasure)


def _exactly(mapped: Mapped, expression: Expression, fixed: Expression) -> Condition:
    textual = not isinstance(expression, sa.Column) or kind(expression) in _TEXT
    if mapped.db.dialect == "mariadb" and textual:
        return as_text("mariadb", expression) == fixed
    return expression == fixed


def _new_value(mapped: Mapped, field: str, erasure: Erasure, key: bytes) -> Expression:
    expression = sources.column(mapped, field)
    match erasure:
        case SetNull():
            return sa.null()
        case SetText():
            fixed = _fixed(mapped, expression, erasure)
            may_be_null = not isinstance(expression, sa.Column) or expression.nullable
            return sa.case((expression.is_not(None), fixed)) if may_be_null else fixed
        case Generalise():
            new = generalise.coarser(mapped, field, form_of(erasure))
            return _or_blank(mapped, expression, new)
        case Pseudonym(ending=False):
            return _or_blank(mapped, expression, pseudonym(mapped.db.dialect, expression, key))
        case Pseudonym():
            new = file_pseudonym(mapped.db.dialect, expression, key)
            # Another person of the record may go later: then the file has its new name already.
            same = erased.has_form(mapped, field, "pseudonym")
            return sa.case((same, expression), else_=_or_blank(mapped, expression, new))
        case _:
            assert_never(erasure)


def _fixed(mapped: Mapped, expression: Expression, erasure: SetText) -> Expression:
    if not isinstance(expression, sa.Column):
        return value(erasure.text)
    return value(fit(erasure.text, kind(expression), mapped.db.zone, mapped.db.dialect))


def _or_blank(mapped: Mapped, expression: Expression, new: Expression) -> Expression:
    """Null and blank stay; what could not be read goes."""
    if isinstance(expression, sa.Column) and not expression.nullable:
        textual = kind(expression) in _TEXT or mapped.db.dialect == "sqlite"
        new = sa.func.coalesce(new, value("")) if textual else new
    is_blank = erased.blank(mapped, expression)
    return sa.case((expression.is_(None), sa.null()), (is_blank, expression), else_=new)


def pseudonym(dialect: str, expression: Expression, key: bytes) -> Expression:
    """`ps_` and 32 hex digits of HMAC-SHA256 over the value as UTF-8 text, in the engine.

    HMAC is two nested hashes (RFC 2104), so PostgreSQL needs no pgcrypto and MariaDB no plug-in.
    """
    if not key:
        raise StoreRefused("a pseudonym needs a key", "set the pseudonym key of the workspace")
    if dialect == "sqlite":
        return sa.func.sv_hmac(value(key), expression)
    inner, outer = _pads(key)
    text = as_text(dialect, expression)
    if dialect == "postgresql":
        raw = sa.func.convert_to(text, value("UTF8"))
        first = sa.func.sha256(sa.cast(value(inner), sa.LargeBinary()).op("||")(raw))
        second = sa.func.sha256(sa.cast(value(outer), sa.LargeBinary()).op("||")(first))
        return value("ps_").op("||")(sa.func.left(sa.func.encode(second, value("hex")), 32))
    bytes_ = sa.cast(text, sa.BINARY())
    first = sa.func.unhex(sa.func.sha2(sa.func.concat(value(inner), bytes_), 256))
    second = sa.func.sha2(sa.func.concat(value(outer), first), 256)
    return sa.func.concat(value("ps_"), sa.func.left(second, 32))


def file_pseudonym(dialect: str, expression: Expression, key: bytes) -> Expression:
    """`pseudonym` of a file's name, with the name's ending."""
    made, text = pseudonym(dialect, expression, key), as_text(dialect, expression)
    if dialect == "sqlite":
        return made.op("||")(sa.func.sv_ending(expression))
    if dialect == "postgresql":
        found = sa.func.substring(text, value(f"{ENDING}$"))
        return made.op("||")(sa.func.coalesce(found, value("")))
    return sa.func.concat(made, sa.func.regexp_substr(text, value(rf"{ENDING}\z")))


def _pads(key: bytes) -> tuple[bytes, bytes]:
    block = hashlib.sha256(key).digest() if len(key) > 64 else key
    block = block.ljust(64, b"\0")
    return bytes(b ^ 0x36 for b in block), bytes(b ^ 0x5C for b in block)
