"""When two values are equal, and how they stand in order, whatever types they were read in.

A text read from a file name compares with a number by its numeric value (`200` as text equals
200), with a moment by the instant it names; where that cannot be done the two differ and have no
order.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from servanda.kernel.predicate import Operator, Scalar

_ORDER: dict[Operator, Callable[[Any, Any], Any]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def as_text(value: Scalar) -> str:
    """A value as text to search in; bytes are read as UTF-8, what is not stays recognisable."""
    if value is None:
        return ""
    return value.decode("utf-8", "surrogateescape") if isinstance(value, bytes) else str(value)


def compare(have: Scalar, op: Operator, want: Scalar) -> bool:
    """Whether the comparison is true; a missing value satisfies none."""
    if have is None or want is None:
        return False
    left, right = _alike(have, want)
    if op == "=":
        return left == right
    if op == "!=":
        return left != right
    try:
        return bool(_ORDER[op](left, right))
    except TypeError:  # no order between a word and a number
        return False


def _alike(have: Scalar, want: Scalar) -> tuple[object, object]:
    """Both values in one type, where text stands for the other's type; else as they are."""
    if isinstance(have, bytes) or isinstance(want, bytes):
        return _bytes(have), _bytes(want)
    if isinstance(have, str) and not isinstance(want, str):
        return _read_as(have, want), want
    if isinstance(want, str) and not isinstance(have, str):
        return have, _read_as(want, have)
    return have, want


def _bytes(value: Scalar) -> bytes:
    return value if isinstance(value, bytes) else as_text(value).encode("utf-8", "surrogateescape")


def _read_as(text: str, model: Scalar) -> object:
    """The text as a value of the model's type, or the text itself where it is none."""
    try:
        if isinstance(model, bool):
            return {"true": True, "false": False, "1": True, "0": False}.get(text.lower(), text)
        if isinstance(model, int):
            return int(text)
        if isinstance(model, float):
            return float(text)
        if isinstance(model, datetime):
            moment = datetime.fromisoformat(text)
            return moment if moment.tzinfo is not None else text
    except ValueError:
        return text
    return text


# ── among many ────────────────────────────────────────────────────────────────────────────────


class Listed:
    """Rows of values, to be found by values that equal them, in a time that does not grow with
    their number: by what all spellings of a value have in common first, then exactly."""

    def __init__(self, rows: Iterable[tuple[Scalar, ...]]) -> None:
        self._known: dict[tuple[object, ...], list[tuple[Scalar, ...]]] = {}
        for row in rows:
            self._known.setdefault(tuple(map(_common, row)), []).append(row)

    def has(self, values: Sequence[Scalar]) -> bool:
        """Whether some row equals the values, one by one; null equals null."""
        near = self._known.get(tuple(map(_common, values)), ())
        return any(all(map(_same, values, row)) for row in near)


def _same(have: Scalar, want: Scalar) -> bool:
    return have is want if have is None or want is None else compare(have, "=", want)


def _common(value: Scalar) -> object:
    """The same for any two values that are equal; mostly not for two that differ."""
    if isinstance(value, str | bytes):
        return _read(as_text(value))
    if isinstance(value, datetime) and value.tzinfo is None:
        return str(value)
    return _rounded(value) if isinstance(value, int) else value


def _read(text: str) -> object:
    if text.lower() in ("true", "false"):
        return text.lower() == "true"
    for reader in (int, float, datetime.fromisoformat):
        try:
            found = reader(text)
        except ValueError:
            continue
        if isinstance(found, datetime):
            return found if found.tzinfo is not None else text
        if found == found:  # what is no number equals not even itself
            return _rounded(found)
    return text


def _rounded(number: int | float) -> object:
    """As exact as a float is, since that may be what it is compared with."""
    return float(number) if 2**53 < abs(number) < 2**1000 else number
