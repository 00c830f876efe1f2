"""Lines of CSV that a spreadsheet takes for text, whatever is in them.

The danger: a cell that begins like a formula is one, in the program of whoever opens the file. What
guards it: such a cell gets an apostrophe in front. Test: tests/web/accounts/test_access_log.py.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def safe(value: object) -> str:
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(_FORMULA) else text


def line(values: Iterable[object]) -> str:
    """One line with its end."""
    out = io.StringIO()
    csv.writer(out).writerow([safe(each) for each in values])
    return out.getvalue()
