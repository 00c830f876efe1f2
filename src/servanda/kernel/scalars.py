"""The core schema of YAML 1.2: what a single word of a file means."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TypeAlias

Single: TypeAlias = str | int | float | bool | None

_INT = re.compile(r"[-+]?[0-9]{1,15}")  # larger ones stay text: JSON cannot carry them exactly
_FLOAT = re.compile(r"[-+]?(?:[0-9]{1,15}\.[0-9]{0,15}|\.[0-9]{1,15})(?:[eE][-+]?[0-9]{1,2})?")
_WORDS: Mapping[str, bool | None] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}


def scalar(text: str, *, plain: bool) -> Single:
    """A number, true, false or null where it was written `plain`; else, and when quoted, text.

    `no`, `on` and dates are text, as are numbers in other notations.
    """
    if not plain:
        return text
    if text in _WORDS:
        return _WORDS[text]
    if _INT.fullmatch(text):
        return int(text)
    return float(text) if _FLOAT.fullmatch(text) else text
