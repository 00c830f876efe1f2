"""The predicate algebra: a closed union that every connector compiles to its own engine.

A predicate talks about *fields* and *clocks* of one collection by the names its mapping gives
them, so it means the same in PostgreSQL, in a folder of recordings, and in a test's dict.
Values are always parameters; no predicate carries text of a query language.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any as AnyValue
from typing import Literal, TypeAlias

from servanda.kernel.comparing import Listed

Scalar: TypeAlias = str | int | float | bool | bytes | datetime | None
Operator: TypeAlias = Literal["=", "!=", "<", "<=", ">", ">="]
Edge: TypeAlias = Literal["start", "end"]


@dataclass(frozen=True, slots=True)
class Everything:
    """True for every record."""


@dataclass(frozen=True, slots=True)
class Compare:
    """Field against a constant. A missing value satisfies no comparison (as in SQL)."""

    field: str
    op: Operator
    value: Scalar


@dataclass(frozen=True, slots=True)
class OneOf:
    """The field equals one of the values; an empty list is never true."""

    field: str
    values: tuple[Scalar, ...]
    _listed: Listed | None = dataclasses.field(default=None, init=False, repr=False, compare=False)

    def has(self, value: Scalar) -> bool:
        """Whether the value equals one of these, found ready after the first time. Null equals
        nothing."""
        if self._listed is None:
            object.__setattr__(self, "_listed", Listed((each,) for each in self.values))
        return value is not None and self._listed is not None and self._listed.has((value,))


@dataclass(frozen=True, slots=True)
class Among:
    """The fields together equal one of the rows, value by value, where null equals null: so a
    record is named by its key, or by all its fields where it has none. No rows: never true."""

    fields: tuple[str, ...]
    rows: tuple[tuple[Scalar, ...], ...]
    _listed: dict[tuple[int, ...], Listed] = dataclasses.field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    def __post_init__(self) -> None:
        if not self.fields or not {len(self.fields)}.issuperset(map(len, self.rows)):
            raise ValueError("every row has one value for each field, and there is a field")

    def has(self, values: Sequence[Scalar]) -> bool:
        """Whether the values equal one of the rows."""
        return self.may_have(dict(enumerate(values)))

    def may_have(self, known: Mapping[int, Scalar]) -> bool:
        """Whether one of the rows equals the values so far known, each by the place of its field.
        The rows are made ready for this once, for as long as the predicate lives."""
        places = tuple(known)
        if places not in self._listed:
            self._listed[places] = Listed(tuple(row[at] for at in places) for row in self.rows)
        return self._listed[places].has([*known.values()])


@dataclass(frozen=True, slots=True)
class Contains:
    """The field, as text, contains `text` (case-insensitive). For residue scans and holds."""

    field: str
    text: str


@dataclass(frozen=True, slots=True)
class Missing:
    """The field is null, absent, or blank text."""

    field: str


@dataclass(frozen=True, slots=True)
class ClockBy:
    """The clock's event happened at or before `instant` (aware, UTC).

    Where the store knows only a date, `edge` says which end of that local day counts: `start`
    for ceilings (never keep too long), `end` for floors (never delete too soon).
    False when the event has not happened.
    """

    clock: str
    instant: datetime
    edge: Edge = "start"


@dataclass(frozen=True, slots=True)
class ClockMissing:
    """The event has not happened: null, blank, a zero date, or no joined row."""

    clock: str


@dataclass(frozen=True, slots=True)
class Erased:
    """The field already has its erased form: erasing it again would change nothing. True for null
    and for blank text (which is what becomes of a value that cannot be read).

    Forms: `year`, `month`, `decade` (first moment of it), `number:STEP` (a multiple of STEP),
    `ip` (IPv4 /24, IPv6 /48), `postcode` (outward part only), `pseudonym` (`ps_` and 32 hex
    digits). Null and fixed text need no form: `Missing` and `Compare` say them.
    """

    field: str
    form: str


@dataclass(frozen=True, slots=True)
class Folded:
    """The field is one of the identities `values`, however it is written there: its form under
    `fold` (see `kernel.identity`) is one of them.

    A store may take in more than is meant, never less; so whoever shows or erases what it gives
    reads the field and compares again, and a negation leaves out the more.
    """

    field: str
    fold: str
    values: tuple[str, ...]
    wanted: frozenset[str] = dataclasses.field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "wanted", frozenset(self.values))


@dataclass(frozen=True, slots=True)
class Within:
    """The field's text names one of the identities, among other words. Stores may take in more
    than is meant, as for `Folded`."""

    field: str
    fold: str
    values: tuple[str, ...]
    wanted: frozenset[str] = dataclasses.field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "wanted", frozenset(self.values))


@dataclass(frozen=True, slots=True)
class All:
    parts: tuple[Predicate, ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    parts: tuple[Predicate, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """True exactly where `part` is not true (two-valued: unknown counts as not true)."""

    part: Predicate


Predicate: TypeAlias = (
    Everything
    | Compare
    | OneOf
    | Among
    | Contains
    | Missing
    | ClockBy
    | ClockMissing
    | Erased
    | Folded
    | Within
    | All
    | AnyOf
    | Not
)

NOTHING: Predicate = Not(Everything())


def all_of(parts: Iterable[Predicate]) -> Predicate:
    """Conjunction, flattened; empty means everything."""
    flat: list[Predicate] = []
    for part in parts:
        if part == NOTHING:
            return NOTHING
        if isinstance(part, All):
            flat.extend(part.parts)
        elif not isinstance(part, Everything):
            flat.append(part)
    if not flat:
        return Everything()
    return flat[0] if len(flat) == 1 else All(tuple(flat))


def any_of(parts: Iterable[Predicate]) -> Predicate:
    """Disjunction, flattened; empty means nothing."""
    flat: list[Predicate] = []
    for part in parts:
        if isinstance(part, Everything):
            return part
        if isinstance(part, AnyOf):
            flat.extend(part.parts)
        elif part != NOTHING:
            flat.append(part)
    if not flat:
        return NOTHING
    return flat[0] if len(flat) == 1 else AnyOf(tuple(flat))


def negate(part: Predicate) -> Predicate:
    return part.part if isinstance(part, Not) else Not(part)


def to_data(predicate: Predicate) -> dict[str, AnyValue]:
    """Plain JSON data, for digests and for plans on disk. Inverse: `from_data`."""
    match predicate:
        case Everything():
            return {"everything": True}
        case Compare(field, op, value):
            return {"compare": [field, op, _value(value)]}
        case OneOf(field, values):
            return {"one_of": [field, [_value(v) for v in values]]}
        case Among(fields, rows):
            return {"among": [[*fields], [[*map(_value, row)] for row in rows]]}
        case Contains(field, text):
            return {"contains": [field, text]}
        case Missing(field):
            return {"missing": field}
        case ClockBy(clock, instant, edge):
            return {"clock_by": [clock, instant.isoformat(), edge]}
        case ClockMissing(clock):
            return {"clock_missing": clock}
        case Erased(field, form):
            return {"erased": [field, form]}
        case Folded(field, fold, identities):
            return {"folded": [field, fold, list(identities)]}
        case Within(field, fold, identities):
            return {"within": [field, fold, list(identities)]}
        case All(parts):
            return {"all": [to_data(p) for p in parts]}
        case AnyOf(parts):
            return {"any": [to_data(p) for p in parts]}
        case Not(part):
            return {"not": to_data(part)}


def from_data(data: dict[str, AnyValue]) -> Predicate:
    """Inverse of `to_data`; raises ValueError on anything else."""
    if len(data) != 1:
        raise ValueError("a predicate has exactly one operator")
    ((name, body),) = data.items()
    match name:
        case "everything":
            return Everything()
        case "compare":
            return Compare(body[0], body[1], _unvalue(body[2]))
        case "one_of":
            return OneOf(body[0], tuple(_unvalue(v) for v in body[1]))
        case "among":
            return Among(tuple(body[0]), tuple(tuple(map(_unvalue, row)) for row in body[1]))
        case "contains":
            return Contains(body[0], body[1])
        case "missing":
            return Missing(body)
        case "clock_by":
            return ClockBy(body[0], datetime.fromisoformat(body[1]), body[2])
        case "clock_missing":
            return ClockMissing(body)
        case "erased":
            return Erased(body[0], body[1])
        case "folded":
            return Folded(body[0], body[1], tuple(body[2]))
        case "within":
            return Within(body[0], body[1], tuple(body[2]))
        case "all":
            return All(tuple(from_data(p) for p in body))
        case "any":
            return AnyOf(tuple(from_data(p) for p in body))
        case "not":
            return Not(from_data(body))
        case _:
            raise ValueError(f'unknown predicate "{name}"')


def _value(value: Scalar) -> AnyValue:
    if type(value) is str or (type(value) is int and -(2**53) <= value <= 2**53):
        return value  # nearly all of them, and there may be very many
    if isinstance(value, datetime):
        return {"instant": value.isoformat()}
    if isinstance(value, bytes):
        return {"hex": value.hex()}
    if isinstance(value, float):
        return {"float": repr(value)}
    if type(value) is int:  # beyond what canonical JSON can say
        return {"int": str(value)}
    return value


def _unvalue(data: AnyValue) -> Scalar:
    if isinstance(data, dict):
        if "instant" in data:
            return datetime.fromisoformat(data["instant"])
        if "hex" in data:
            return bytes.fromhex(data["hex"])
        if "int" in data:
            return int(data["int"])
        return float(data["float"])
    if data is None or isinstance(data, str | int | bool):
        return data
    raise ValueError("not a scalar")
