"""A predicate as a condition of the engine's own language. Values are always bound.

Every condition made here is two-valued: true or false, never NULL, so that NOT means "exactly
where it is not true" and no record falls between the two.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, assert_never

import sqlalchemy as sa

from servanda.connectors.sql import clocks, erased, folding, sources, within
from servanda.connectors.sql.among import among as among_rows
from servanda.connectors.sql.constants import Unsayable, fit
from servanda.connectors.sql.express import (
    Condition,
    Expression,
    as_text,
    certain,
    matches,
    present,
    value,
)
from servanda.connectors.sql.reflect import Mapped, about
from servanda.kernel.predicate import (
    All,
    Among,
    AnyOf,
    ClockBy,
    ClockMissing,
    Compare,
    Contains,
    Erased,
    Everything,
    Folded,
    Missing,
    Not,
    OneOf,
    Operator,
    Predicate,
    Scalar,
    Within,
)

_MANY = 500  # constants; beyond it they travel as one array


def where(mapped: Mapped, predicate: Predicate) -> Condition:
    """The predicate alone, without the collection's own `where`. Never NULL."""
    match predicate:
        case Everything():
            return sa.true()
        case Compare(field, op, constant):
            return _compare(mapped, field, op, constant)
        case OneOf(field, values):
            return _one_of(mapped, field, values)
        case Among(fields, rows):
            return among_rows(mapped, fields, rows)
        case Contains(field, text):
            return _contains(mapped, field, text)
        case Missing(field):
            return _missing(mapped, field)
        case ClockBy(clock, instant, edge):
            return clocks.by(mapped, clock, instant, edge)
        case ClockMissing(clock):
            return sa.not_(clocks.happened(mapped, clock))
        case Erased(field, form):
            return erased.has_form(mapped, field, form)
        case Folded(field, fold, values):
            column = sources.column(mapped, field)
            return present(column, folding.is_one_of(*written(mapped, column), fold, values))
        case Within(field, fold, values):
            column = sources.column(mapped, field)
            return present(column, within.names_one_of(*written(mapped, column), fold, values))
        case All(parts):
            return sa.and_(sa.true(), *(where(mapped, part) for part in parts))
        case AnyOf(parts):
            return sa.or_(sa.false(), *(where(mapped, part) for part in parts))
        case Not(part):
            return sa.not_(where(mapped, part))
        case _:
            assert_never(predicate)


def target(mapped: Mapped, predicate: Predicate) -> Condition:
    """The predicate within the collection: `collection.where` and `predicate`. Never NULL."""
    return sa.and_(where(mapped, mapped.collection.where), where(mapped, predicate))


def _fit(mapped: Mapped, expression: Expression, constant: Scalar) -> object:
    return fit(constant, sources.kind_of(expression), mapped.db.zone, mapped.db.dialect)


def _compare(mapped: Mapped, field: str, op: Operator, constant: Scalar) -> Condition:
    expression = sources.column(mapped, field)
    try:
        wanted = value(_fit(mapped, expression, constant))
    except Unsayable:
        # Of a kind that the field never has: unequal to every value there is, without order.
        different = op == "!=" and constant is not None
        return expression.is_not(None) if different else sa.false()
    dialect = mapped.db.dialect
    if sources.kind_of(expression) in ("text", "char", "other"):
        return _compare_text(dialect, expression, op, constant, wanted)
    return present(expression, _operate(expression, op, wanted))


def _compare_text(
    dialect: str, expression: Expression, op: Operator, constant: Scalar, wanted: Expression
) -> Condition:
    if sources.kind_of(expression) == "other":
        expression = as_text(dialect, expression)
    if op not in ("=", "!=") and isinstance(constant, int | float):
        return _order_number(dialect, expression, op, constant)
    if op == "=":
        return present(
            expression, sa.and_(expression == wanted, _exact(dialect, expression, wanted))
        )
    if op == "!=":
        return present(expression, sa.not_(_exact(dialect, expression, wanted)))
    return present(expression, _operate(_binary(dialect, expression), op, wanted))


def _order_number(
    dialect: str, expression: Expression, op: Operator, constant: int | float
) -> Condition:
    """Text against a number: by its numeric value, where it has one."""
    digits = matches(dialect, expression, r"^ *[+-]?[0-9]{1,18}(?:\.[0-9]{1,9})? *$")
    number = sa.cast(expression, sa.Numeric(30, 9, asdecimal=True))
    untyped: Expression = sa.type_coerce(number, sa.types.NullType())
    return certain(sa.case((digits, _operate(untyped, op, value(constant))), else_=sa.false()))


def _operate(left: Expression, op: Operator, right: Expression) -> Condition:
    match op:
        case "=":
            return left == right
        case "!=":
            return left != right
        case "<":
            return left < right
        case "<=":
            return left <= right
        case ">":
            return left > right
        case ">=":
            return left >= right


def _binary(dialect: str, expression: Expression) -> Expression:
    """Text by code points, whatever collation the column has."""
    match dialect:
        case "postgresql":
            return sa.collate(as_text(dialect, expression), "C")
        case "mariadb":
            return as_text(dialect, expression)
        case _:
            return sa.collate(expression, "BINARY")


def _exact(dialect: str, expression: Expression, wanted: Expression) -> Condition:
    """Equality that tells cases and accents apart; the index serves a plain one beside it."""
    if dialect == "postgresql":
        return expression == wanted
    return _binary(dialect, expression) == wanted


def _one_of(mapped: Mapped, field: str, constants: Sequence[Scalar]) -> Condition:
    expression = sources.column(mapped, field)
    if sources.kind_of(expression) == "other":
        expression = as_text(mapped.db.dialect, expression)
    wanted: list[Any] = []
    for constant in constants:
        try:
            wanted.append(_fit(mapped, expression, constant))
        except Unsayable:
            continue
    if not wanted:
        return sa.false()
    found = among(mapped.db.dialect, expression, wanted)
    if mapped.db.dialect == "mariadb" and sources.kind_of(expression) in ("text", "char"):
        found = sa.and_(found, among("mariadb", _binary("mariadb", expression), wanted))
    return present(expression, found)


def among(dialect: str, expression: Expression, wanted: Sequence[Any]) -> Condition:
    """The expression is one of the constants, however many; NULL where it is NULL."""
    if len(wanted) > _MANY:
        if dialect == "postgresql":
            return expression == sa.func.any(value(list(wanted)))
        if dialect == "sqlite" and not any(isinstance(each, bytes) for each in wanted):
            rows = sa.func.json_each(value(json.dumps(list(wanted)))).table_valued("value")
            return expression.in_(sa.select(rows.c.value))
    untyped = sa.bindparam(
        None, list(wanted), expanding=True, unique=True, type_=sa.types.NullType()
    )
    return expression.in_(untyped)


def _contains(mapped: Mapped, field: str, text: str) -> Condition:
    expression = sources.column(mapped, field)
    dialect = mapped.db.dialect
    if not text:
        return expression.is_not(None)
    if dialect == "sqlite":
        return sa.func.sv_contains(expression, value(text.casefold())) == 1
    if "\0" in text:
        return sa.false()
    shown = _shown(mapped, expression)
    if dialect == "mariadb":
        folded = sa.func.lower(shown)
        needles = {text.casefold(), text.lower()}
        return sa.and_(
            expression.is_not(None),
            sa.or_(*(sa.func.locate(value(n), folded) > 0 for n in sorted(needles))),
        )
    # lower() knows only ASCII where the database's locale is C, so every case of it is tried.
    needles = {text.casefold(), text.lower(), _ascii_lower(text), _ascii_lower(text.upper())}
    lowered = sa.func.lower(shown)
    return sa.and_(
        expression.is_not(None),
        sa.or_(*(sa.func.strpos(lowered, value(n)) > 0 for n in sorted(needles))),
    )


def _shown(mapped: Mapped, expression: Expression) -> Expression:
    if mapped.db.dialect == "postgresql" and sources.kind_of(expression) == "bytes":
        # Bytes that are no UTF-8 would raise; escaped, their ASCII part can still be searched.
        return sa.func.encode(expression, value("escape"))
    return as_text(mapped.db.dialect, expression)


def written(mapped: Mapped, expression: Expression) -> tuple[str, Expression]:
    """The dialect, and the value as it is written; a text column stays open to an index."""
    if sources.kind_of(expression) == "text" and mapped.db.dialect != "mariadb":
        return mapped.db.dialect, expression
    return mapped.db.dialect, _shown(mapped, expression)


def _ascii_lower(text: str) -> str:
    return "".join(letter.lower() if letter.isascii() else letter for letter in text)


def _missing(mapped: Mapped, field: str) -> Condition:
    expression = sources.column(mapped, field)
    dialect = mapped.db.dialect
    if isinstance(expression, sa.Column):
        nothing = sa.false() if not about(expression).nullable else expression.is_(None)
    else:
        nothing = expression.is_(None)
    if sources.kind_of(expression) == "bytes":
        return sa.or_(nothing, certain(sa.func.length(expression) == 0))
    if sources.kind_of(expression) not in ("text", "char", "other") and dialect != "sqlite":
        return nothing
    if dialect == "sqlite":
        blank = sa.func.trim(expression, value(" \t\n\r\f\v")) == value("")
    else:
        blank = sa.not_(matches(dialect, as_text(dialect, expression), "[^[:space:]]"))
    return sa.or_(nothing, certain(blank))
