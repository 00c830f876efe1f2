"""How visitors are asked about cookies, by place: first, or with a way out.

The danger: a place taken for one where nobody need be asked. So only places that are listed differ,
and whatever is unknown is asked first. Sources: law/data and docs/reference/law.md.
Test: tests/law/test_asking.py.
"""

from __future__ import annotations

from typing import Literal, TypeAlias

Asking: TypeAlias = Literal["opt_in", "opt_out"]

OPT_OUT: tuple[str, ...] = ("US-CA",)
"""California (Civ. Code 1798.120, 11 CCR 7025): what is not refused may run, Global Privacy Control
is a refusal, and who refused is not asked again for a year (1798.135(c)(4))."""


def asking(place: str) -> Asking:
    """`opt_in`: nothing but the necessary before a choice."""
    out = any(place == each or place.startswith(f"{each}-") for each in OPT_OUT)
    return "opt_out" if out else "opt_in"
