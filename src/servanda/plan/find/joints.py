"""What records join on. Values join as text, so that 7 in one store finds "7" in another; blank
values join nothing.

The harm: "007" and "7" are two account numbers, and to take them for one would hand a person's
records to another. So a value is what its text says, and only where a store itself answers
a question with a value of another spelling (a number column asked for "007") is it taken for the
one that was asked. tests/plan/find/test_joints.py guards this.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import TypeAlias

from servanda.kernel.evaluate import is_missing
from servanda.kernel.predicate import OneOf, Predicate, Scalar, all_of
from servanda.stores.port import Row

Joint: TypeAlias = tuple[str, ...]
AT_ONCE = 10_000  # values asked for in one read


def joint(values: Row, places: tuple[int, ...]) -> Joint | None:
    """What a row joins on; None where a part of it is blank."""
    if len(places) == 1:  # nearly all of them, and there may be very many
        value = values[places[0]]
        if type(value) is int:
            return (str(value),)
        return None if is_missing(value) else (text_of(value),)
    parts = [values[place] for place in places]
    return None if any(map(is_missing, parts)) else tuple(map(text_of, parts))


def text_of(value: Scalar) -> str:
    match value:
        case str():
            return value
        case bool():
            return str(int(value))
        case float():
            return str(int(value)) if value.is_integer() else repr(value)
        case bytes():
            return value.decode("utf-8", "surrogateescape")
        case datetime():
            return value.isoformat()
        case _:
            return str(value)


def asking(fields: tuple[str, ...], rows: Iterable[Row]) -> Iterable[Predicate]:
    """Conditions that together hold for every record whose `fields` equal one of the rows. With
    several fields they hold for some others too: the answer has to be looked at."""
    listed = list(rows)
    for start in range(0, len(listed), AT_ONCE):
        columns = zip(*listed[start : start + AT_ONCE], strict=True)
        yield all_of(
            OneOf(name, tuple(dict.fromkeys(values)))
            for name, values in zip(fields, columns, strict=True)
        )


@dataclass(slots=True)
class Asked:
    """The values one read asked for, by their text; `of` says which of them an answer meets."""

    rows: dict[Joint, Row]
    _loosely: dict[tuple[bool, ...], dict[Joint, Joint]] = field(default_factory=dict)

    def of(self, answer: Joint, raw: Sequence[Scalar]) -> Joint | None:
        """`raw`: the answer as the store gave it. Text is itself, but for the blanks a padded
        column adds; a number meets every spelling of it."""
        if answer in self.rows:
            return answer
        numbers = tuple(not isinstance(each, str | bytes) for each in raw)
        if numbers not in self._loosely:
            self._loosely[numbers] = {_loose(each, numbers): each for each in self.rows}
        return self._loosely[numbers].get(_loose(answer, numbers))


def _loose(parts: Joint, numbers: Sequence[bool]) -> Joint:
    return tuple(
        _number(text) if number else text.rstrip()
        for text, number in zip(parts, numbers, strict=True)
    )


def _number(text: str) -> str:
    try:
        number = Decimal(text.strip())
    except InvalidOperation:
        return text
    return format(number.normalize(), "f") if number.is_finite() else text
