"""One field of a comparison with many rows: what is compared, and how a value is said for it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeAlias
from zoneinfo import ZoneInfo

from servanda.connectors.sql import wallclock
from servanda.connectors.sql.express import Expression
from servanda.kernel.predicate import Scalar

Said: TypeAlias = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Side:
    """`exact` tells any two values apart. `near`, where there is one, holds for all that `exact`
    does and some more, and an index serves it. `say` raises Unsayable; it gives several where
    the field may hold one value in several ways. `type`: what the engine is to take it for.
    `say_all`: very many values at once, each said in one way; None where it cannot."""

    exact: Expression
    say: Callable[[Scalar], Sequence[Any]]
    near: Expression | None = None
    type: str = ""
    say_all: Callable[[Sequence[Scalar]], Sequence[Any] | None] | None = None


def readings(reading: datetime, zone: ZoneInfo) -> list[datetime]:
    """All readings of a wall clock that are given out as the same moment as this one: mostly it
    alone, but in spring also the one that the clock skipped."""
    instant = wallclock.instant_of(reading, zone)
    near = (reading + timedelta(minutes=minutes) for minutes in (-60, -30, 30, 60))
    return [reading, *(each for each in near if wallclock.instant_of(each, zone) == instant)]
