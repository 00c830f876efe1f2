"""Values as JSON and as CSV says them.

The harm: a spreadsheet runs a cell that begins like a formula. Such text gets an apostrophe in
front in CSV, and nowhere else; numbers, telephone numbers among them, stay as they are. JSON has
every value as it is. tests/publish/package/test_values.py guards it.
"""

from __future__ import annotations

import base64
import math
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal, TypeAlias

from servanda.kernel.predicate import Scalar

Json: TypeAlias = str | int | float | bool | None
Kind: TypeAlias = Literal["text", "integer", "number", "boolean", "null", "moment", "bytes"]

_FORMULA = re.compile(r"^[\s\x00-\x1f\u200b\ufeff]*[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20|%]")
_LARGEST = 2**53
_NUMBER = re.compile(r"[+-]?[0-9]+(?:\.[0-9]+)?")


@dataclass(frozen=True, slots=True)
class Value:
    """One value in both forms, and what kind of value it is in JSON."""

    kind: Kind
    json: Json
    cell: str


def told(value: Scalar) -> Value:
    """Moments as RFC 3339 in UTC, bytes as base64, text without halves of surrogate pairs."""
    match value:
        case str():
            text = clean(value)
            return Value("text", text, guarded(text))
        case None:
            return _NULL
        case bool():
            return Value("boolean", value, "true" if value else "false")
        case int() if -_LARGEST <= value <= _LARGEST:
            return Value("integer", value, str(value))
        case float() if math.isfinite(value):
            return Value("number", value, str(value))
        case datetime():
            moment = value.astimezone(UTC).isoformat().replace("+00:00", "Z")
            return Value("moment", moment, moment)
        case bytes():
            encoded = base64.b64encode(value).decode()
            return Value("bytes", encoded, guarded(encoded))
        case _:  # what JSON readers cannot count, and what is no number
            return Value("text", str(value), str(value))


_NULL = Value("null", None, "")


def guarded(text: str) -> str:
    """The text as a cell that no spreadsheet takes for a formula."""
    if text[:1].isalnum():
        return text
    if _FORMULA.match(text) and not _NUMBER.fullmatch(text):
        return f"'{text}"
    return text


def clean(text: str) -> str:
    """Bytes of a file's name that are no UTF-8 are shown as such."""
    if text.isascii():
        return text
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
    return text
