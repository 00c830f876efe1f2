"""When a request's answer is due: the laws that apply, and the earliest of their dates."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from servanda import law
from servanda.policy.rules import Policy
from servanda.state.models import RequestEvent


@dataclass(frozen=True, slots=True)
class Due:
    """`due`: what binds. None everywhere where neither law nor promise sets a period."""

    statutory_due: date | None = None
    safe_due: date | None = None
    due: date | None = None
    extend_by: date | None = None
    steps: tuple[str, ...] = ()
    waiting: bool = False


def due(
    policy: Policy, place: str | None, right: str, received: date, events: Mapping[str, date]
) -> Due:
    found = []
    for code in [place] if place else policy.jurisdictions or (policy.country,):
        known = law.find(code)
        if any(right in each.what and each.in_force(received) for each in known.law.clocks):
            found.append(law.clock(known, right, received, events))
    if not found:
        return Due(steps=("no law here sets a period for this",))
    best = min(found, key=lambda each: _day(each.safe_due))
    safe = _day(best.safe_due)
    return Due(_day(best.statutory_due), safe, safe, _day(best.first_due), best.steps, best.waiting)


def told(events: Iterable[RequestEvent]) -> dict[str, date]:
    """What the law's clocks are told of: its events, the last of each kind."""
    found: dict[str, date] = {}
    for each in events:
        if each.kind in law.EVENTS:
            found[each.kind] = each.on
            if each.kind == "scope_asked":
                found.pop("scope_answered", None)
    return found


def _day(moment: date | datetime) -> date:
    return moment.date() if isinstance(moment, datetime) else moment
