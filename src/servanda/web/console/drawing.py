"""Bars as data for a template: one small chart a store, all on one scale of weeks.

Two kinds are told apart by pattern as well as colour, each bar has its number in a title, and the
table beneath says the same to who sees no drawing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from servanda.plan.forecast import DAYS, Outlook

HEIGHT, LEFT, TOP, STEP, BAR = 110, 8, 26, 46, 36
WIDTH = LEFT + STEP * len(DAYS)


@dataclass(frozen=True, slots=True)
class Bar:
    """`leave` and `change`: heights, from the base up; `y` their upper edges. `label`: beneath."""

    x: int
    middle: int
    leave: int
    leave_y: int
    change: int
    change_y: int
    text_y: int
    total: int
    label: str
    title: str


@dataclass(frozen=True, slots=True)
class Chart:
    store: str
    number: int
    bars: tuple[Bar, ...]
    leaving: int
    changing: int
    width: int = WIDTH
    base: int = TOP + HEIGHT
    height: int = TOP + HEIGHT + 24


def charts(outlooks: Sequence[Outlook], start: datetime) -> list[Chart]:
    """One for each store in which something will be due, the fullest first."""
    stores: dict[str, list[Outlook]] = {}
    for each in outlooks:
        stores.setdefault(each.collection.partition(".")[0], []).append(each)
    found = []
    for store, some in stores.items():
        leaving, changing = _added([e.leaving for e in some]), _added([e.changing for e in some])
        if sum(leaving) + sum(changing):
            found.append((store, leaving, changing))
    found.sort(key=lambda each: -(sum(each[1]) + sum(each[2])))
    return [
        Chart(store, n, _bars(leaving, changing, start), sum(leaving), sum(changing))
        for n, (store, leaving, changing) in enumerate(found, 1)
    ]


def _bars(leaving: Sequence[int], changing: Sequence[int], start: datetime) -> tuple[Bar, ...]:
    most = max(left + changed for left, changed in zip(leaving, changing, strict=True))
    bars = []
    for n, (left, changed) in enumerate(zip(leaving, changing, strict=True)):
        tall, more = _tall(left, most), _tall(changed, most)
        base = TOP + HEIGHT
        end = start + timedelta(days=DAYS[n])
        label = "now" if n == 0 else f"{end:%-d %b}"
        said = [f"{left:,} to go"] * bool(left) + [f"{changed:,} to change"] * bool(changed)
        when = "due already" if n == 0 else f"until {end:%-d %b %Y}"
        x = LEFT + n * STEP
        bars.append(
            Bar(
                x,
                x + BAR // 2,
                tall,
                base - tall,
                more,
                base - tall - more,
                base - tall - more - 5,
                left + changed,
                label,
                f"{when}: {' and '.join(said) or 'nothing'}",
            )
        )
    return tuple(bars)


def _tall(count: int, most: int) -> int:
    """What is there at all is seen."""
    return max(2, round(HEIGHT * count / most)) if count else 0


def _added(rows: Sequence[Sequence[int]]) -> list[int]:
    found = [0] * len(DAYS)
    for row in rows:
        for n, count in enumerate(row):
            found[n] += count
    return found
