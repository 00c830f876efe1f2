"""How old somebody is."""

from __future__ import annotations

from datetime import date


def years(born: date, on: date) -> int:
    """The age in full years; who is born on 29 February is older on 1 March in common years."""
    return on.year - born.year - ((on.month, on.day) < (born.month, born.day))
