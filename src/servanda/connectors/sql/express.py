"""Small expressions that the engines spell differently."""

from __future__ import annotations

from typing import Any, TypeAlias

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

Expression: TypeAlias = sa.ColumnElement[Any]
Condition: TypeAlias = sa.ColumnElement[bool]


_UNTYPED = sa.types.NullType()  # one for all: making it anew for each constant is costly


def value(constant: object) -> Expression:
    """A bound constant whose type the engine takes from what it meets."""
    return sa.literal(constant, _UNTYPED)


class Certain(FunctionElement[Any]):
    """`coalesce(…, false)`; SQLAlchemy's own takes many times as long to make."""

    inherit_cache = True
    name = "certain"
    type = sa.types.NullType()  # as a Boolean, SQLite's would be written `= 1`


@compiles(Certain)
def _certain(element: Certain, compiler: Any, **options: Any) -> str:
    no = "false" if compiler.dialect.name == "postgresql" else "0"
    return f"coalesce({compiler.process(element.clauses, **options)}, {no})"


def certain(condition: Condition) -> Condition:
    """The condition with unknown counted as false. Not for indexed columns: see `present`."""
    return Certain(condition)


def present(expression: Expression, condition: Condition) -> Condition:
    """`condition` over `expression`, never NULL, and still open to an index on it."""
    if isinstance(expression, sa.Column) and not expression.nullable:
        return condition
    return sa.and_(condition, expression.is_not(None))


def as_text(dialect: str, expression: Expression) -> Expression:
    """Any value as text. Blank padding of CHAR is gone; in MariaDB it compares by code points,
    so that it can be mixed with a column of any collation."""
    text: Expression = sa.cast(expression, sa.Text())
    if dialect == "mariadb":
        text = sa.collate(sa.cast(expression, sa.CHAR()), "utf8mb4_bin")
    return sa.type_coerce(text, sa.types.NullType())


def matches(dialect: str, expression: Expression, pattern: str) -> Condition:
    """The text matches a regular expression (only what PostgreSQL, PCRE and Python share).
    NULL where the expression is."""
    match dialect:
        case "postgresql":
            return expression.bool_op("~")(value(pattern))
        case "mariadb":
            return expression.bool_op("REGEXP")(value(f"(?-i){pattern}"))
        case _:
            return sa.func.sv_match(expression, value(pattern)) == 1


def replaced(dialect: str, expression: Expression, pattern: str, by: str) -> Expression:
    r"""The text with every match of `pattern` replaced; groups as `\1`."""
    match dialect:
        case "postgresql":
            return sa.func.regexp_replace(expression, value(pattern), value(by), value("g"))
        case "mariadb":
            return sa.func.regexp_replace(expression, value(f"(?-i){pattern}"), value(by))
        case _:
            return sa.func.sv_replace(expression, value(pattern), value(by))


def joined(dialect: str, *parts: Expression) -> Expression:
    """Texts one after the other; NULL where one is."""
    if dialect == "mariadb":
        return sa.func.concat(*parts)
    whole = parts[0]
    for part in parts[1:]:
        whole = whole.op("||")(part)
    return whole
