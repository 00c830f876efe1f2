"""Short reads of PostgreSQL that differ in nothing but the values asked for: the statement is made
once and kept as text, and each list of values is one array, however many there are.

The danger: an answer without a record that the ordinary way (`compile`) would have found, so that
somebody's data is overlooked. So the conditions are those of `compile` and `folding`, with
parameters in place of their values, and whatever is not said here goes the ordinary way.
Tests: tests/connectors/sql/test_short.py asks both ways for the same.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias
from uuid import UUID

import sqlalchemy as sa

from servanda.connectors.sql import compile, folding, sources
from servanda.connectors.sql.constants import Unsayable, fit
from servanda.connectors.sql.express import Condition, Expression, present
from servanda.connectors.sql.reflect import Kind, Mapped, about
from servanda.kernel.predicate import All, AnyOf, Folded, OneOf, Predicate, Scalar
from servanda.stores.mapping import Column

Shape: TypeAlias = tuple[Any, ...]
"""A predicate without its values: (All or AnyOf, shapes), (OneOf, field, alone), or (Folded, field,
fold, alone). `alone`: for each of its lists, whether one value is asked for."""

_TYPES: dict[Kind, type] = {"integer": int, "text": str, "uuid": UUID}


@dataclass(frozen=True, slots=True)
class Statement:
    """As the driver takes it. `constants`: what it holds besides the lists asked for."""

    text: str
    constants: Mapping[str, Any]

    def given(self, lists: Sequence[Sequence[object]]) -> dict[str, Any]:
        values = (each[0] if len(each) == 1 else each for each in lists)
        return {**self.constants, **{_name(n): each for n, each in enumerate(values)}}


def shape(mapped: Mapped, predicate: Predicate, lists: list[Sequence[object]]) -> Shape | None:
    """The predicate's shape, its values put into `lists`; None where it goes the ordinary way."""
    match predicate:
        case OneOf(field, values):
            wanted = _wanted(mapped, field, values)
            if not wanted:
                return None
            lists.append(wanted)
            return OneOf, field, len(wanted) == 1
        case Folded(field, fold, values):
            found = folding.wanted("postgresql", fold, values)
            lists += found
            return (Folded, field, fold, tuple(len(e) == 1 for e in found)) if found else None
        case All(parts) | AnyOf(parts):
            inner = tuple(shape(mapped, each, lists) for each in parts)
            return None if None in inner else (type(predicate), inner)
        case _:
            return None


def statement(mapped: Mapped, base: sa.Select[Any], of: Shape, limit: int) -> Statement:
    """What reads the records of a shape within the collection."""
    condition, _ = _condition(mapped, of, 0)
    within = compile.where(mapped, mapped.collection.where)
    made = base.where(within, condition).limit(limit)
    compiled = made.compile(mapped.db.engine, compile_kwargs={"render_postcompile": True})
    return Statement(str(compiled), dict(compiled.params))


def _wanted(mapped: Mapped, field: str, values: Sequence[Scalar]) -> list[object]:
    """The values as a list of the column's own type; none where they are not all of that."""
    source = sources.source_of(mapped, field)
    if not isinstance(source, Column):
        return []
    facts = about(sources.own_column(mapped, source.name))
    if facts.kind == "text" and not facts.declared.startswith(("VARCHAR", "TEXT")):
        return []  # an ENUM would have to be compared as what it is
    wanted: list[object] = []
    for each in values:
        try:
            wanted.append(fit(each, facts.kind, mapped.db.zone, "postgresql"))
        except Unsayable:
            continue
    type_ = _TYPES.get(facts.kind)
    return wanted if all(type(each) is type_ for each in wanted) else []


def _condition(mapped: Mapped, of: Shape, at: int) -> tuple[Condition, int]:
    """The condition whose lists are numbered from `at` on, and the number after its last."""
    made, *rest = of
    if made in (All, AnyOf):
        parts = []
        for each in rest[0]:
            part, at = _condition(mapped, each, at)
            parts.append(part)
        joined = sa.and_(sa.true(), *parts) if made is All else sa.or_(sa.false(), *parts)
        return joined, at
    column = sources.column(mapped, rest[0])
    if made is OneOf:
        return present(column, column == _bound(at, rest[1])), at + 1
    _, fold, alone = rest
    lists = [_bound(at + n, each) for n, each in enumerate(alone)]
    written = compile.written(mapped, column)
    return present(column, folding.is_listed(*written, fold, lists)), at + len(alone)


def _bound(number: int, alone: bool) -> Expression:
    """What a field equals. Of a single value the engine knows a plan that is as good for any
    other, of an array it does not, and makes one each time."""
    bound = sa.bindparam(_name(number), None, sa.types.NullType())
    return bound if alone else sa.func.any(bound)


def _name(number: int) -> str:
    return f"list_{number}"
