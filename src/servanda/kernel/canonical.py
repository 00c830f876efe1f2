"""RFC 8785 (JCS): one sequence of bytes for one JSON value, so that a digest means something.

Keys are ordered by their UTF-16 code units, numbers are written as ECMAScript writes them, and
nothing that another reader of JSON could understand differently is let through.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from contextlib import suppress
from decimal import Decimal
from typing import Any, TypeAlias

import orjson

Json: TypeAlias = Any  # str, int, float, bool, None, list or tuple, and dict with str keys

_LARGEST = 2**53  # beyond it a double, and so many a reader of JSON, no longer counts every integer
_SORTED = orjson.OPT_SORT_KEYS
_PLAIN = frozenset((str, int, bool, type(None)))


class NotCanonical(ValueError):
    """The value has no canonical form. The message names its type, never its content."""


def canonical(value: Json) -> bytes:
    """The canonical bytes (UTF-8) of a JSON value; NotCanonical where there are none."""
    try:
        if _simple(value):
            # orjson already agrees with RFC 8785 unless a float or an unusual key is there.
            with suppress(orjson.JSONEncodeError):  # half a surrogate, or deeper than it goes
                return orjson.dumps(value, option=_SORTED)
        return _write(value).encode()
    except RecursionError:
        raise NotCanonical("the value is nested too deeply") from None
    except (UnicodeEncodeError, orjson.JSONEncodeError):
        raise NotCanonical("a text holds half of a surrogate pair") from None


def is_canonical(raw: bytes, value: Json) -> bool:
    """Whether `raw`, which was read as `value`, is its one canonical form; NotCanonical as above.

    Cheaper than `canonical(value)` for what a ledger mostly holds: objects without floats and
    without unusual keys, for which orjson's own form is the canonical one.
    """
    if type(value) is dict and raw.isascii() and _PLAIN.issuperset(map(type, value.values())):
        with suppress(orjson.JSONEncodeError):
            return orjson.dumps(value, option=_SORTED | orjson.OPT_STRICT_INTEGER) == raw
    return canonical(value) == raw


def _simple(value: Json) -> bool:
    """Refuse what has no canonical form; say whether orjson may write the rest."""
    kind = type(value)
    if kind is str or value is None or kind is bool:
        return True
    if kind is dict:
        simple = True
        for key, each in value.items():
            if type(key) is not str:
                raise NotCanonical(f"a key of an object is of type {type(key).__name__}, not text")
            if not key.isascii():
                simple = False
            if type(each) is not str and not _simple(each):
                simple = False
        return simple
    if kind is int:
        if not -_LARGEST <= value <= _LARGEST:
            raise NotCanonical("an integer is beyond 2^53; write it as text")
        return True
    if kind is list or kind is tuple:
        simple = True
        for each in value:
            if type(each) is not str:
                simple &= _simple(each)
        return simple
    if kind is float:
        if not math.isfinite(value):
            raise NotCanonical("a number is infinite or not a number")
        return False
    raise NotCanonical(f"a value of type {kind.__name__} is not JSON")


def _write(value: Json) -> str:
    if isinstance(value, float):
        return _number(value)
    if isinstance(value, Mapping):
        keys = sorted(value, key=lambda key: key.encode("utf-16-be"))
        return "{" + ",".join(f"{_write(key)}:{_write(value[key])}" for key in keys) + "}"
    if isinstance(value, list | tuple):
        return "[" + ",".join(map(_write, value)) + "]"
    return orjson.dumps(value, option=_SORTED).decode()


def _number(value: float) -> str:
    """As ECMAScript's Number.prototype.toString: Python finds the same shortest digits."""
    if value == 0:
        return "0"
    sign, numerals, exponent = Decimal(repr(value)).normalize().as_tuple()
    digits = "".join(map(str, numerals))
    point = len(digits) + int(exponent)  # where the decimal point stands, counted in digits
    if 0 < point <= 21:
        whole, part = digits[:point].ljust(point, "0"), digits[point:]
        text = f"{whole}.{part}" if part else whole
    elif -6 < point <= 0:
        text = f"0.{'0' * -point}{digits}"
    else:
        mantissa = f"{digits[0]}.{digits[1:]}" if len(digits) > 1 else digits
        text = f"{mantissa}e{point - 1:+d}"
    return f"-{text}" if sign else text
