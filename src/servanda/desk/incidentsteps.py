"""What is to be done about an incident, and what of it is done.

The danger: a step that reads as done while nobody did it, so that people are never told. So what is
to be done is worded as a task, and as a fact only once somebody has put down that it was done.
Tests: tests/desk/test_incident_steps.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from servanda.desk.incidents import EVENTS, View

_TO_DO: Mapping[str, str] = {
    "investigating": "Look into it",
    "contained": "See that it goes no further",
    "notified": "Tell the authority, unless no harm is likely",
    "customers_told": "Tell the customers whose data it is, where it is theirs",
    "people_told": "Tell the people whose data it is, where great harm is likely",
}
_OF_PERSONAL_DATA = frozenset(("notified", "customers_told", "people_told"))


@dataclass(frozen=True, slots=True)
class Step:
    """`done`: when somebody first put down that it was; None while it is to be done."""

    kind: str
    says: str
    done: datetime | None


def steps(found: View) -> list[Step]:
    """In the order in which they are taken. Whom to tell is asked only where data of people is,
    or may be, affected."""
    moments: dict[str, datetime] = {}
    for each in found.events:
        moments.setdefault(each.kind, each.at)
    return [
        Step(kind, _sentence(EVENTS[kind]) if kind in moments else to_do, moments.get(kind))
        for kind, to_do in _TO_DO.items()
        if found.personal or kind not in _OF_PERSONAL_DATA or kind in moments
    ]


def _sentence(words: str) -> str:
    return words[:1].upper() + words[1:]
