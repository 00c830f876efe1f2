"""Public holidays, pinned: a table that ships, so that a date once computed does not move.

`tools/gen-holidays` writes it. Some days are announced late (Kenya's Idd): the table
holds the estimate of the day it was made.
"""

from __future__ import annotations

import json
from datetime import date
from functools import cache
from importlib.resources import files

from servanda.kernel.errors import UsageError
from servanda.law.tables import Place


@cache
def _table() -> dict[str, dict[str, list[str]]]:
    text = files("servanda.law").joinpath("data", "holidays.json").read_text("utf-8")
    found: dict[str, dict[str, list[str]]] = json.loads(text)
    return found


def years() -> range:
    """The years the table covers."""
    known = sorted(int(year) for year in next(iter(_table().values())))
    return range(known[0], known[-1] + 1)


def is_holiday(place: Place, day: date) -> bool:
    """Whether the day is a public holiday there. UsageError for a year the table does not have.

    Of the United Kingdom as a whole a day counts only when it is one in each of its parts, which
    never makes a date later than it is in any of them; so does the Union.
    """
    if day.year not in years():
        raise UsageError(
            f"the public holidays of {day.year} are not known",
            f"the table covers {years()[0]} to {years()[-1]}",
        )
    return day in _days(place.code, place.law.place, tuple(place.law.parts), day.year)


@cache
def _days(code: str, whole: str, parts: tuple[str, ...], year: int) -> frozenset[date]:
    table = _table()
    named = [code] if code in table else [f"{whole}-{part}" for part in parts]
    found = [
        frozenset(date.fromisoformat(f"{year}-{each}") for each in table[name][str(year)])
        for name in named
    ]
    return frozenset.intersection(*found) if found else frozenset()
