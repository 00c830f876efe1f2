"""JSON documents in columns (json, jsonb, or text): reading and changing one value at a path.

Reading gives text, the same in every engine: `true` and `false` for booleans, NULL for JSON's
null and for what is not there. Changing leaves every other value of the document as it was.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from servanda.connectors.sql.express import Expression, value
from servanda.connectors.sql.reflect import kind
from servanda.kernel.errors import StoreRefused

if TYPE_CHECKING:
    from servanda.connectors.sql.engine import Database


def refuse_unless_json(db: Database, where: str, column: sa.Column[Any]) -> None:
    """StoreRefused when the column cannot hold JSON; `where` begins the message."""
    if kind(column) not in ("json", "jsonb", "text", "char") and db.dialect != "sqlite":
        raise StoreRefused(f'{where}: column "{column.name}" holds no JSON', "map a column")


def extract(db: Database, column: sa.Column[Any], path: tuple[str, ...]) -> Expression:
    """The value at the path, as text."""
    match db.dialect:
        case "postgresql":
            return _document(db, column).op("#>>")(value(list(path)))
        case "mariadb":
            at = value(_path(db, path))
            # JSON_VALUE gives 1 and 0 for booleans in some versions, so they are told apart.
            raw = sa.func.json_extract(column, at)
            return sa.case(
                (sa.func.json_valid(column) == 0, sa.null()),
                (sa.func.json_type(raw) == value("NULL"), sa.null()),
                else_=sa.func.json_unquote(raw),
            )
        case _:
            at = value(_path(db, path))
            kind_ = sa.func.json_type(column, at)
            return sa.case(
                (sa.func.json_valid(column) == 0, sa.null()),
                (kind_.in_(["true", "false"]), kind_),
                (kind_ == "null", sa.null()),
                else_=sa.cast(sa.func.json_extract(column, at), sa.Text()),
            )


def set_text(
    db: Database,
    column: sa.Column[Any],
    document: Expression,
    path: tuple[str, ...],
    new: Expression,
) -> Expression:
    """The document with the text `new` at the path; with JSON's null where `new` is NULL.

    `document`: the column, or the outcome of an earlier change to it. What lacks the path, and
    text that is no JSON, stays as it is.
    """
    match db.dialect:
        case "postgresql":
            parsed = document if document is not column else _document(db, column)
            as_json = sa.func.coalesce(
                sa.func.to_jsonb(sa.cast(new, sa.Text())), sa.text("'null'::jsonb")
            )
            return sa.func.jsonb_set(parsed, value(list(path)), as_json, sa.false())
        case "mariadb":
            at = value(_path(db, path))
            changed = sa.func.json_replace(document, at, new)
            return sa.case((sa.func.json_valid(column) == 1, changed), else_=document)
        case _:
            at = value(_path(db, path))
            changed = sa.func.json_replace(document, at, new)
            return sa.case((sa.func.json_valid(column) == 1, changed), else_=document)


def finished(db: Database, column: sa.Column[Any], document: Expression) -> Expression:
    """The changed document in the column's own type; what is no JSON stays as it is."""
    if db.dialect != "postgresql":
        return document
    if kind(column) == "jsonb":
        return document
    if kind(column) == "json":
        return sa.cast(document, sa.JSON())
    return sa.func.coalesce(sa.cast(document, sa.Text()), column)


def _document(db: Database, column: sa.Column[Any]) -> Expression:
    """PostgreSQL: the column as jsonb; NULL for text that is no JSON (from version 16)."""
    if kind(column) == "jsonb":
        return column
    as_json = sa.cast(column, sa.dialects.postgresql.JSONB())
    untyped = sa.type_coerce(as_json, sa.types.NullType())
    if kind(column) == "json":
        return untyped
    if db.version >= (16,):
        return sa.case((column.op("IS")(sa.text("JSON")), untyped))
    looks = column.bool_op("~")(value(r"^\s*[\[{]"))
    return sa.case((looks, untyped))


def _path(db: Database, path: tuple[str, ...]) -> str:
    """`$."a"."b"[0]`: a step of digits is a place in an array."""
    steps = []
    for step in path:
        if step.isascii() and step.isdigit():
            steps.append(f"[{step}]")
        elif db.dialect == "sqlite" and ('"' in step or "\\" in step):
            raise StoreRefused(
                f'store "{db.name}": SQLite cannot reach a JSON key with a quote or backslash in it'
            )
        else:
            escaped = step.replace("\\", "\\\\").replace('"', '\\"')
            steps.append(f'."{escaped}"')
    return "$" + "".join(steps)
