"""SQLite: many rows as one JSON array.

Any value may be in any column here, so a value is compared as it was read; only moments and
booleans, which are given out in one form whatever form they have, are read by the engine as we
read them. The danger is a value that JSON does not carry exactly (bytes, floats, a NUL in a text):
such travel as text with a mark and are turned back by a function of ours.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import orjson
import sqlalchemy as sa

from servanda.connectors.sql import isotext, sources
from servanda.connectors.sql.constants import Unsayable, text_of
from servanda.connectors.sql.express import Condition, Expression, value
from servanda.connectors.sql.reflect import Kind, Mapped
from servanda.connectors.sql.side import Said, Side
from servanda.connectors.sql.sqlite_functions import marked
from servanda.kernel.predicate import Scalar


def side(mapped: Mapped, expression: Expression) -> Side:
    """How a field is compared."""
    found: Kind = sources.kind_of(expression)
    zone = mapped.db.zone
    if found in ("datetime", "instant"):
        read = sa.func.sv_moment(expression, value(zone.key))

        def moment(given: Scalar) -> list[Any]:
            known = isotext.decode(given, zone) if isinstance(given, str) else given
            return [marked(known) if isinstance(known, datetime) else _plain(given)]

        return Side(read, moment)
    if found == "boolean":
        number = sa.func.typeof(expression) == value("integer")
        return Side(
            sa.case((number, expression != value(0)), else_=expression), lambda v: [_plain(v)]
        )
    if found in ("text", "char"):
        exact: Expression = sa.collate(expression, "BINARY")
        return Side(exact, lambda v: [_textual(v)], near=expression)

    def plain(given: Scalar) -> list[Any]:
        if isinstance(given, datetime):
            return [
                given.astimezone(zone).date().isoformat() if found == "date" else text_of(given)
            ]
        return [_plain(given)]

    return Side(expression, plain)


def equal(sides: Sequence[Side], rows: Sequence[Said]) -> Condition:
    """The fields equal one of the rows; NULL where one of them is."""
    columns = [_carried(column) for column in zip(*rows, strict=True)]
    sent = value(orjson.dumps([*zip(*(c for c, _ in columns), strict=True)]).decode())
    each = sa.func.json_each(sent).table_valued("value")
    parts: list[Expression] = [
        sa.func.json_extract(each.c.value, value(f"$[{n}]")) for n in range(len(sides))
    ]
    parts = [
        sa.func.sv_unmarked(part) if is_marked else part
        for part, (_, is_marked) in zip(parts, columns, strict=True)
    ]
    found = sa.select(*parts).select_from(each)
    exact = _in([each.exact for each in sides], found)
    if all(each.near is None for each in sides):
        return exact
    return sa.and_(_in([s.exact if s.near is None else s.near for s in sides], found), exact)


def _in(left: Sequence[Expression], found: sa.Select[Any]) -> Condition:
    return (left[0] if len(left) == 1 else sa.tuple_(*left)).in_(found)


def _carried(column: Sequence[Any]) -> tuple[Sequence[Any], bool]:
    """The values as JSON has them, or with marks where it has not some of them."""
    plain = all(isinstance(v, int) or (isinstance(v, str) and "\0" not in v) for v in column)
    return (column, False) if plain else ([_marked(each) for each in column], True)


def _marked(given: Any) -> str:
    match given:
        case bytes():
            return f"x{given.hex()}"
        case float():
            return f"f{given!r}"
        case int():
            return f"i{given}"
        case str() if "\0" in given:
            return f"s{given.encode().hex()}"
        case _:
            return f"t{given}"


def _textual(given: Scalar) -> Any:
    return given if isinstance(given, bytes | str) else text_of(given)


def _plain(given: Scalar) -> Any:
    if isinstance(given, bool):
        return int(given)
    if isinstance(given, int) and not -(2**63) <= given < 2**63:
        raise Unsayable  # no integer of SQLite is so large
    return given
