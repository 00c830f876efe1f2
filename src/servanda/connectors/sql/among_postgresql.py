"""PostgreSQL: many rows as one array for each field, joined.

An array travels as one text, which the engine reads into the column's own type: so the statement
stays the same however many rows there are, and an index on the column serves it. The danger is a
type that changes the value (a length that cuts, a float that rounds): see `_TYPES`.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, cast
from uuid import UUID

import sqlalchemy as sa

from servanda.connectors.sql.constants import Unsayable, fit, text_of
from servanda.connectors.sql.express import Condition, Expression, as_text, value
from servanda.connectors.sql.reflect import Mapped, about
from servanda.connectors.sql.side import Said, Side, readings
from servanda.kernel.predicate import Scalar

# `near` is not needed: every comparison here is exact and open to an index.


class _Named(sa.types.UserDefinedType[Any]):
    """A type by its name alone."""

    cache_ok = True

    def __init__(self, name: str) -> None:
        self.name = name

    def get_col_spec(self, **_: Any) -> str:
        return self.name


def side(mapped: Mapped, expression: Expression) -> Side:
    """How a field is compared. What has no type of these is compared as text."""
    if not isinstance(expression, sa.Column):
        return Side(expression, _text, type="text")
    facts = about(expression)
    zone = mapped.db.zone

    def fitted(given: Scalar) -> Any:
        return fit(given, facts.kind, zone, "postgresql")

    def plain(given: Scalar) -> list[str]:
        return [_shown(fitted(given))]

    def wall(given: Scalar) -> list[str]:
        return [_shown(each) for each in readings(fitted(given), zone)]

    match facts.kind:
        case "integer":
            return Side(expression, _integer, type="bigint", say_all=_integers)
        case "number":
            name = facts.declared.partition("(")[0].lower()
            known = name in ("real", "double precision")
            return Side(expression, _floats(name) if known else _number, type=name)
        case "char":
            return Side(expression, _text, type="bpchar")
        case "text" if facts.declared.startswith(("VARCHAR", "TEXT")):
            return Side(expression, _text, type="text")
        case "datetime":
            return Side(expression, wall, type="timestamp")
        case "inet":
            return Side(expression, _address, type="inet")
        case "boolean" | "date" | "uuid":
            return Side(expression, plain, type=facts.kind)
        case "instant":
            return Side(expression, plain, type="timestamptz")
        case "bytes":
            return Side(expression, plain, type="bytea")
        case _:
            return Side(as_text("postgresql", expression), _text, type="text")


def equal(sides: Sequence[Side], rows: Sequence[Said]) -> Condition:
    """The fields equal one of the rows; NULL where one of them is."""
    arrays = [
        sa.cast(value(_array(column, each.type)), _Named(f"{each.type}[]"))
        for each, column in zip(sides, zip(*rows, strict=True), strict=True)
    ]
    if len(sides) == 1:
        return sides[0].exact == sa.func.any(arrays[0])
    names = [f"c{n}" for n in range(len(sides))]
    joined = sa.func.unnest(*arrays).table_valued(*names).render_derived()
    return sa.tuple_(*(each.exact for each in sides)).in_(sa.select(*joined.c))


def is_number(column: Expression, numbers: Iterable[int]) -> Condition:
    """A column of whole numbers equals one of these; NULL where it is."""
    array = "{" + ",".join(map(str, numbers)) + "}"
    return column == sa.func.any(sa.cast(value(array), _Named("bigint[]")))


def _array(texts: Sequence[str], type_: str) -> str:
    """An array as PostgreSQL reads it from text."""
    if type_ == "bigint":  # written by us, digits and a sign
        return "{" + ",".join(texts) + "}"
    return "{" + ",".join(map(_quoted, texts)) + "}"


def _quoted(text: str) -> str:
    if text.isascii() and text.isdigit():
        return text
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


# ── values ────────────────────────────────────────────────────────────────────────────────────


def _shown(fitted: object) -> str:
    match fitted:
        case bool():
            return "t" if fitted else "f"
        case datetime() | date():
            return fitted.isoformat()
        case bytes():
            return "\\x" + fitted.hex()
        case UUID():
            return str(fitted)
        case _:
            raise Unsayable


def _text(given: Scalar) -> list[str]:
    text = text_of(given)
    if not text.isascii():
        try:
            text.encode()
        except UnicodeEncodeError:  # half a character, which no column holds
            raise Unsayable from None
    return [text]


def _decimal(given: Scalar) -> Decimal:
    if given is None or isinstance(given, bytes | datetime):
        raise Unsayable
    try:
        return Decimal(int(given) if isinstance(given, bool) else str(given).strip())
    except InvalidOperation:
        raise Unsayable from None


def _integer(given: Scalar) -> list[str]:
    if type(given) is int:
        number = given
    else:
        exact = _decimal(given)
        if not exact.is_finite() or abs(exact.adjusted()) > 20 or exact != int(exact):
            raise Unsayable
        number = int(exact)
    if not -(2**63) <= number < 2**63:
        raise Unsayable
    return [str(number)]


def _integers(given: Sequence[Scalar]) -> list[str] | None:
    """Keys mostly are whole numbers, and there may be very many."""
    if not given or set(map(type, given)) != {int}:
        return None
    numbers = cast("Sequence[int]", given)
    if min(numbers) < -(2**63) or max(numbers) >= 2**63:
        return None
    return [*map(str, numbers)]


def _number(given: Scalar) -> list[str]:
    exact = _decimal(given)
    if exact.is_finite() and abs(exact.adjusted()) > 1_000:  # farther than anybody's key
        raise Unsayable
    return [str(exact)]


def _floats(name: str) -> Callable[[Scalar], list[str]]:
    """What is too great or too small for the type would raise in the engine."""
    most = 38 if name == "real" else 308

    def say(given: Scalar) -> list[str]:
        exact = _decimal(given)
        if exact.is_finite() and exact and abs(exact.adjusted()) >= most:
            raise Unsayable
        return [str(exact)]

    return say


def _address(given: Scalar) -> list[str]:
    text = text_of(given)
    try:
        ipaddress.ip_interface(text)
    except ValueError:
        raise Unsayable from None
    return [text] if "%" not in text else []
