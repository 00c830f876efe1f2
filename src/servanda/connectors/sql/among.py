"""Several fields together equal one of many rows: how a record is found by its key, however many
are asked for at once.

The danger: the rows are mostly keys of records that are about to be deleted. A row that matched
more than the record it was read from would take a stranger's record along; one that did not match
its own record would leave it behind. So a value is compared exactly (case, accents, blanks at the
end), in the column's own type, and only in ways an index can serve; a null in a row is looked for
by what reads as null. Tests: tests/connectors/sql/test_among.py reads rows of every kind and asks
for them again.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import compress, product
from operator import not_
from typing import Protocol

import sqlalchemy as sa

from servanda.connectors.sql import among_mariadb, among_postgresql, among_sqlite, sources, values
from servanda.connectors.sql.constants import Unsayable
from servanda.connectors.sql.express import Condition, Expression, value
from servanda.connectors.sql.reflect import Kind, Mapped, kind
from servanda.connectors.sql.side import Said, Side
from servanda.kernel.predicate import Scalar

Values = tuple[Scalar, ...]

_EMPTY_KINDS: tuple[Kind, ...] = ("datetime", "instant", "date")


class _Engine(Protocol):
    def side(self, mapped: Mapped, expression: Expression) -> Side: ...

    def equal(self, sides: Sequence[Side], rows: Sequence[Said]) -> Condition: ...


_ENGINES: dict[str, _Engine] = {
    "postgresql": among_postgresql,
    "mariadb": among_mariadb,
    "sqlite": among_sqlite,
}


def among(mapped: Mapped, fields: Sequence[str], rows: Iterable[Values]) -> Condition:
    """The fields equal one of the rows; null equals null. Never NULL."""
    engine = _ENGINES[mapped.db.dialect]
    columns = [sources.column(mapped, each) for each in fields]
    sides = [engine.side(mapped, each) for each in columns]
    parts: list[Condition] = []
    for known, alike in _by_nulls(rows).items():
        nulls = [_reads_null(mapped, each) for each in compress(columns, map(not_, known))]
        there = [*compress(sides, known)]
        if not there:
            parts.append(sa.and_(*nulls))
            continue
        said = _all_said(there, alike)
        if said:
            some = [c.is_not(None) for c in compress(columns, known) if _may_be_null(c)]
            parts.append(sa.and_(engine.equal(there, said), *some, *nulls))
    return sa.or_(*parts) if parts else sa.false()


def _by_nulls(rows: Iterable[Values]) -> dict[tuple[bool, ...], list[Values]]:
    """The rows without their nulls, by which of their values are none."""
    listed = [*rows]
    if not any(None in row for row in listed):
        return {(True,) * len(listed[0]): listed} if listed else {}
    found: dict[tuple[bool, ...], list[Values]] = {}
    for row in listed:
        known = tuple(each is not None for each in row)
        found.setdefault(known, []).append(row if all(known) else tuple(compress(row, known)))
    return found


def _all_said(sides: Sequence[Side], rows: Sequence[Values]) -> list[Said]:
    """The rows in the engine's terms, each once: mostly one for each, none for one whose values no
    record can have."""
    if len(sides) == 1 and sides[0].say_all is not None:
        all_said = sides[0].say_all([given for (given,) in rows])
        if all_said is not None:
            return [(each,) for each in dict.fromkeys(all_said)]
    found: dict[Said, None] = {}
    says = [side.say for side in sides]
    for row in rows:
        try:
            ways = [say(each) for say, each in zip(says, row, strict=True)]
        except Unsayable:
            continue
        for each in product(*ways):
            found[each] = None
    return [*found]


def _may_be_null(column: Expression) -> bool:
    return not isinstance(column, sa.Column) or bool(column.nullable)


def _reads_null(mapped: Mapped, column: Expression) -> Condition:
    """Null, or a moment that no calendar of ours has, which is given out as null."""
    if isinstance(column, sa.Column) and kind(column) in _EMPTY_KINDS:
        if mapped.db.dialect == "postgresql":
            return values.within_calendar("postgresql", column).is_(None)
        if mapped.db.dialect == "mariadb":
            parts = (sa.func.year, sa.func.month, sa.func.dayofmonth)
            return sa.or_(column.is_(None), *(part(column) == value(0) for part in parts))
    return column.is_(None)
