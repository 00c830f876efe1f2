"""MariaDB and MySQL: many rows as lists of constants.

An index serves a list of constants for its first column, in every statement and version; a join
with a derived table it serves only for SELECT. So the field that the primary key begins with is
looked for by itself, and the whole rows beside it. The danger is the engine's own idea of
equality: case, accents and blanks at the end are told apart by comparing bytes, and a `FLOAT`,
which equals no constant, is compared by how it is shown.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

import sqlalchemy as sa

from servanda.connectors.sql.constants import Unsayable, fit, text_of
from servanda.connectors.sql.express import Condition, Expression, as_text, value
from servanda.connectors.sql.reflect import Mapped, about
from servanda.connectors.sql.side import Said, Side, readings
from servanda.kernel.predicate import Scalar

_RANGES = 5_000  # of an index in one statement


def side(mapped: Mapped, expression: Expression) -> Side:
    """How a field is compared. What has no type of these is compared as text."""
    if not isinstance(expression, sa.Column):
        return Side(_bytes(expression), _text, type="text")
    facts = about(expression)
    zone = mapped.db.zone

    def fitted(given: Scalar) -> Any:
        return fit(given, facts.kind, zone, "mariadb")

    match facts.kind:
        case "integer":
            return Side(expression, lambda v: [_integer(v)])
        case "number" if facts.declared.startswith("FLOAT"):
            return Side(as_text("mariadb", expression) + value(0.0), lambda v: [float(_decimal(v))])
        case "number" if facts.declared.startswith(("DOUBLE", "REAL")):
            return Side(expression, lambda v: [float(_decimal(v))])
        case "number":
            return Side(expression, lambda v: [_decimal(v)])
        case "text" | "char" if not facts.declared.startswith(("ENUM", "SET")):
            return Side(_bytes(expression), _text, near=expression, type="text")
        case "datetime":
            return Side(expression, lambda v: readings(fitted(v), zone))
        case "instant" | "date" | "bytes":
            return Side(expression, lambda v: [fitted(v)])
        case "uuid":
            return Side(expression, lambda v: [str(fitted(v))])
        case _:
            return Side(_bytes(expression), _text, type="text")


def equal(sides: Sequence[Side], rows: Sequence[Said]) -> Condition:
    """The fields equal one of the rows; NULL where one of them is."""
    exactly = [
        tuple(v.encode() if side.type == "text" else v for side, v in zip(sides, row, strict=True))
        for row in rows
    ]
    if len(sides) == 1:
        whole = _in(sides[0].exact, [row[0] for row in exactly])
        return whole if sides[0].near is None else sa.and_(_near(sides, rows), whole)
    return sa.and_(_near(sides, rows), _in(sa.tuple_(*(each.exact for each in sides)), exactly))


def _near(sides: Sequence[Side], rows: Sequence[Said]) -> Condition:
    """What an index can be walked by: each column alone, as long as together they make no more
    ranges than the engine would look at."""
    found: list[Condition] = []
    ranges = 1
    for side, column in zip(sides, zip(*rows, strict=True), strict=True):
        plain = side.exact if side.near is None else side.near
        wanted = [*dict.fromkeys(column)]
        ranges *= len(wanted)
        if isinstance(plain, sa.Column) and (not found or ranges <= _RANGES):
            found.append(_in(plain, wanted))
    return sa.and_(sa.true(), *found)


def _in(left: Expression, wanted: Sequence[Any]) -> Condition:
    many = sa.bindparam(None, wanted, expanding=True, unique=True, type_=sa.types.NullType())
    return left.in_(many)


def _bytes(expression: Expression) -> Expression:
    return sa.cast(as_text("mariadb", expression), sa.BINARY())


# ── values ────────────────────────────────────────────────────────────────────────────────────


def _text(given: Scalar) -> list[str]:
    text = given if isinstance(given, str) else text_of(given)
    try:
        text.encode()
    except UnicodeEncodeError:  # half a character, which no column holds
        raise Unsayable from None
    return [text]


def _decimal(given: Scalar) -> Decimal:
    if given is None or isinstance(given, bytes | datetime):
        raise Unsayable
    try:
        number = Decimal(int(given) if isinstance(given, bool) else str(given).strip())
    except InvalidOperation:
        raise Unsayable from None
    if not number.is_finite() or abs(number.adjusted()) > 300:
        raise Unsayable
    return number


def _integer(given: Scalar) -> int:
    if type(given) is int:
        return given
    number = _decimal(given)
    if abs(number.adjusted()) > 20 or number != int(number):
        raise Unsayable
    return int(number)
