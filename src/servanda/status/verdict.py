"""The verdicts, and how the worst of several is found."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Verdict(StrEnum):
    """What is true of a promise, worst first; the order decides which of several counts."""

    BROKEN = "broken"
    UNPROVEN = "unproven"
    SUSPENDED = "suspended"
    ATTESTED = "attested"
    KEPT = "kept"
    PLANNED = "not yet built"

    @property
    def icon(self) -> str:
        return _ICONS[self]

    @property
    def rank(self) -> int:
        return _RANKS[self]


_RANKS = {verdict: place for place, verdict in enumerate(Verdict)}
_ICONS = {
    Verdict.BROKEN: "✗",
    Verdict.UNPROVEN: "?",
    Verdict.SUSPENDED: "‖",
    Verdict.ATTESTED: "✎",
    Verdict.KEPT: "✓",
    Verdict.PLANNED: "·",
}


@dataclass(frozen=True, slots=True)
class Check:
    """One judged control on one collection (or on the workspace).

    `at` is when its evidence was made, `due` when newer evidence must be there, `entry` the
    ledger index of that evidence.
    """

    control: str
    subject: str
    verdict: Verdict
    why: str
    at: datetime | None = None
    due: datetime | None = None
    entry: int | None = None


def worst(checks: Iterable[Check]) -> Verdict:
    """The verdict of a promise; without any check nothing is proven."""
    return min((c.verdict for c in checks), key=_RANKS.__getitem__, default=Verdict.UNPROVEN)
