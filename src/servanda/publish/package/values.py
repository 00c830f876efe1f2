"""Values as JSON and as CSV says them.

The harm: a spreadsheet runs a cell that begins like a formula. Such text gets an apostrophe in
front in CSV, and nowhere else; numbers, telephone numbers among them, stay as they are. JSON has
every value as it is. tests/publish/package/test_values.py guards it.
"""

from __future__ import annotations

import base64
import math
import re
from datetime import UTC, datetime
from typing import Literal, TypeAlias

from servanda.kernel.predicate import Scalar

Json: TypeAlias = str | int | float | bool | None
Kind: TypeAlias = Literal["text", "integer", "number", "boolean", "null", "moment", "bytes"]

_FORMULA = re.compile(r"^[\s\x00-\x1f\u200b\ufeff]*[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20|%]")
_NUMBER = re.compile(r"[+-]?[0-9]+(?:\.[0-9]+)?")


def kind_of(value: Scalar) -> Kind:
    match value:
        case None:
            return "null"
        case bool():
            return "boolean"
        case int():
            return "integer"
        case float():
            return "number" if math.isfinite(value) else "text"
        case datetime():
            return "moment"
        case bytes():
            return "bytes"
        case str():
            return "text"


def to_json(value: Scalar) -> Json:
    """Moments as RFC 3339 in UTC, bytes as base64, text without halves of surrogate pairs."""
    match value:
        case str():
            return clean(value)
        case datetime():
            return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
        case bytes():
            return base64.b64encode(value).decode()
        case float():
            return value if math.isfinite(value) else str(value)
        case _:
            return value


def to_cell(value: Json) -> str:
    """`value` is what `to_json` made."""
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case str():
            return guarded(value)
        case _:
            return str(value)


def guarded(text: str) -> str:
    """The text as a cell that no spreadsheet takes for a formula."""
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
