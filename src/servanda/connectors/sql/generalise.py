"""Losing precision: a field's value made coarser, as one expression of the engine.

Every expression is total: it never raises, whatever stands in the column, and gives NULL for
what it cannot read. Giving it its own outcome again changes nothing.
"""

from __future__ import annotations

from typing import Any, Literal, TypeAlias

import sqlalchemy as sa

from servanda.connectors.sql import isotext, sources
from servanda.connectors.sql.express import (
    Condition,
    Expression,
    as_text,
    joined,
    matches,
    replaced,
    value,
)
from servanda.connectors.sql.reflect import Kind, Mapped, kind
from servanda.connectors.sql.textclock import TextFormat
from servanda.kernel.errors import StoreRefused
from servanda.stores.mapping import Clock

Unit: TypeAlias = Literal["year", "month", "decade"]

_BLANKS = " \t\r\n"
_OCTET = "(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])"
_V4 = rf"(?:{_OCTET}\.){{3}}{_OCTET}"
_H = "[0-9A-Fa-f]{1,4}"
_V6 = "|".join(
    [
        f"(?:{_H}:){{7}}{_H}",
        f"(?:{_H}:){{1,7}}:",
        *(f"(?:{_H}:){{1,{7 - n}}}(?::{_H}){{1,{n}}}" for n in range(1, 7)),
        f":(?::{_H}){{1,7}}",
        "::",
        rf"::(?:[Ff]{{4}}(?::0{{1,4}})?:)?{_V4}",
        rf"(?:{_H}:){{1,4}}:{_V4}",
        rf"(?:{_H}:){{6}}{_V4}",
    ]
)


def coarser(mapped: Mapped, field: str, form: str) -> Expression:
    """The field's value in the form (`year`, `month`, `decade`, `number:STEP`, `ip`, `postcode`);
    NULL where it is null or cannot be read. StoreRefused where the column's kind has no such."""
    expression = sources.column(mapped, field)
    found: Kind = kind(expression) if isinstance(expression, sa.Column) else "text"
    dialect = mapped.db.dialect
    textual = found in ("text", "char", "other")
    text = expression if dialect == "sqlite" else as_text(dialect, expression)
    match form:
        case "year" | "month" | "decade":
            return _moment(mapped, field, expression, found, form)
        case "ip" if textual or found == "inet":
            return _ip(dialect, expression, text, found)
        case "postcode" if textual:
            return _postcode(dialect, text)
        case _ if form.startswith("number:"):
            step = int(form.removeprefix("number:"))
            if found in ("integer", "number") or textual:
                return _number(dialect, expression, text, found, step)
    raise StoreRefused(
        f'{mapped.collection.id}: field "{field}" of kind {found} cannot be generalised to {form}',
        "choose another `erase`",
    )


def trimmed(dialect: str, text: Expression) -> Expression:
    return replaced(dialect, text, f"^[{_BLANKS}]+|[{_BLANKS}]+$", "")


# ── numbers, addresses, postcodes ─────────────────────────────────────────────────────────────


def _number(
    dialect: str, expression: Expression, text: Expression, found: Kind, step: int
) -> Expression:
    if dialect == "sqlite":
        return sa.func.sv_number(expression, value(step))
    if found in ("integer", "number"):
        exact = (
            sa.cast(expression, sa.Numeric(38, 10))
            if dialect == "mariadb"
            else sa.cast(expression, sa.Numeric())
        )
        return _floored(exact, step)
    digits = matches(
        dialect, text, rf"^[{_BLANKS}]*[+-]?[0-9]{{1,18}}(?:\.[0-9]{{1,9}})?[{_BLANKS}]*$"
    )
    exact = sa.cast(trimmed(dialect, text), sa.Numeric(30, 9))
    whole = sa.cast(_floored(exact, step), sa.Numeric(30, 0))
    return sa.case((digits, as_text(dialect, whole)))


def _floored(exact: Expression, step: int) -> Expression:
    quotient = exact.op("/")(sa.literal(step, sa.types.NullType()))
    product = sa.func.floor(quotient).op("*")(sa.literal(step, sa.types.NullType()))
    return sa.type_coerce(product, sa.types.NullType())


def _ip(dialect: str, expression: Expression, text: Expression, found: Kind) -> Expression:
    if dialect == "sqlite":
        return sa.func.sv_ip(expression)
    if found == "inet":
        bits = sa.case((sa.func.family(expression) == 4, 24), else_=48)
        network = sa.func.network(sa.func.set_masklen(expression, bits))
        whole = sa.case((sa.func.family(expression) == 4, 32), else_=128)
        return sa.func.set_masklen(sa.cast(network, sa.dialects.postgresql.INET()), whole)
    plain = trimmed(dialect, text)
    v4 = matches(dialect, plain, f"^{_V4}$")
    v6 = matches(dialect, plain, f"^(?:{_V6})$")
    if dialect == "postgresql":
        address = sa.cast(plain, sa.dialects.postgresql.INET())
        net6: Expression = sa.func.host(sa.func.network(sa.func.set_masklen(address, 48)))
    else:
        raw = sa.func.left(sa.func.inet6_aton(plain), 6)
        v6 = sa.func.is_ipv6(plain) == 1
        zeros = value(b"\0" * 10)
        net6 = sa.func.inet6_ntoa(sa.func.concat(raw, zeros))
    return sa.case((v4, replaced(dialect, plain, r"\.[0-9]+$", ".0")), (v6, net6))


def _postcode(dialect: str, text: Expression) -> Expression:
    """`BT1 1AA` and `BT11AA` become `BT1`; what has no inward part stays."""
    first = replaced(dialect, trimmed(dialect, text), f"[{_BLANKS}].*$", "")
    # The inward part may stand there twice by mistake; four times would be no mistake.
    for _ in range(3):
        first = replaced(dialect, first, f"([^{_BLANKS}])[0-9][A-Za-z]{{2}}$", r"\1")
    return first


# ── moments ───────────────────────────────────────────────────────────────────────────────────


def _moment(
    mapped: Mapped, field: str, expression: Expression, found: Kind, unit: str
) -> Expression:
    dialect = mapped.db.dialect
    clock = _clock_of(mapped, field)
    if clock is not None and clock.kind in ("epoch_s", "epoch_ms"):
        return _epoch(dialect, expression, unit, 1 if clock.kind == "epoch_s" else 1000)
    if clock is not None and clock.kind == "text":
        where = f"{mapped.collection.id}, field {field}"
        format_ = TextFormat.parse(clock.format, of=where)
        text = expression if dialect == "sqlite" else as_text(dialect, expression)
        return format_.coarser(dialect, text, unit, of=where)
    if found in ("text", "char", "other") or (
        dialect == "sqlite" and found in ("date", "datetime", "instant")
    ):
        return _iso(dialect, expression, unit)
    if found in ("date", "datetime", "instant"):
        if dialect == "postgresql":
            return _postgresql(expression, found, unit)
        return _mariadb(expression, found, unit)
    raise StoreRefused(
        f'{mapped.collection.id}: field "{field}" of kind {found} is no date',
        "map its column as a clock too, with its `kind`",
    )


def _clock_of(mapped: Mapped, field: str) -> Clock | None:
    source = sources.source_of(mapped, field)
    return next((c for c in mapped.collection.clocks if c.source == source), None)


def _iso(dialect: str, text: Expression, unit: str) -> Expression:
    """The text's own layout stays; the digits of the time become zeros."""
    kept, tail = {"decade": (3, "0-01-01"), "year": (4, "-01-01"), "month": (7, "-01")}[unit]
    rest = replaced(dialect, sa.func.substr(text, 11), "[0-9]", "0")
    head = sa.func.substr(text, 1, kept)
    return sa.case((isotext.valid(dialect, text), joined(dialect, head, value(tail), rest)))


def _postgresql(expression: Expression, found: Kind, unit: str) -> Expression:
    if found == "date":
        start = sa.func.date_trunc(value(unit), sa.cast(expression, sa.TIMESTAMP()))
        return sa.type_coerce(sa.cast(start, sa.Date()), sa.types.NullType())
    return sa.func.date_trunc(value(unit), expression)


def _mariadb(expression: Expression, found: Kind, unit: str) -> Expression:
    """Zero dates stay what they are; a TIMESTAMP cannot go below its first second."""
    start = _start_of(expression, unit)
    least: Any = "0001-01-01"
    if found == "instant":
        least = "1970-01-01 00:00:01"
        start = sa.func.greatest(
            sa.cast(start, sa.DateTime()), sa.cast(value(least), sa.DateTime())
        )
    elif found == "datetime":
        start = sa.cast(start, sa.DateTime())
    untyped: Expression = sa.type_coerce(start, sa.types.NullType())
    return sa.case((expression < value(least), expression), else_=untyped)


def _start_of(expression: Expression, unit: str) -> Expression:
    year = sa.func.lpad(sa.func.year(expression), 4, value("0"))
    if unit == "month":
        month = sa.func.lpad(sa.func.month(expression), 2, value("0"))
        return sa.func.concat(year, value("-"), month, value("-01"))
    if unit == "decade":
        return sa.func.concat(sa.func.left(year, 3), value("0-01-01"))
    return sa.func.concat(year, value("-01-01"))


def _epoch(dialect: str, expression: Expression, unit: str, scale: int) -> Expression:
    if dialect == "sqlite":
        return sa.func.sv_epoch(expression, value(unit), value(scale))
    seconds = sa.func.floor(sa.cast(expression, sa.Numeric(30, 6)).op("/")(value(scale)))
    if dialect == "postgresql":
        moment = sa.func.timezone(value("UTC"), sa.func.to_timestamp(seconds))
        start = sa.func.date_part(value("epoch"), sa.func.date_trunc(value(unit), moment))
    else:
        base = sa.cast(value("1970-01-01"), sa.DateTime())
        moment = sa.func.timestampadd(sa.text("SECOND"), seconds, base)
        first = sa.cast(_start_of(moment, unit), sa.DateTime())
        start = sa.func.timestampdiff(sa.text("SECOND"), base, first)
    return sa.cast(start, sa.BigInteger()).op("*")(value(scale))


def is_blank(dialect: str, text: Expression) -> Condition:
    return trimmed(dialect, text) == value("")
