"""Until when an authority must be told of an incident, by the law of each place that may apply."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from servanda import law
from servanda.kernel.errors import UsageError

_WHAT = "breach_regulator"


@dataclass(frozen=True, slots=True)
class Due:
    """`safe`: act by then. `latest`: what the law allows at most. `verified`: it was read in the
    law itself."""

    place: str
    safe: datetime
    latest: datetime
    source: str
    verified: bool


def clocks(places: Iterable[str], noticed_at: datetime) -> list[Due]:
    """The earliest first; one of each law. Places whose law sets no date are left out."""
    found: dict[tuple[datetime, str], Due] = {}
    for code in places:
        place = law.find(code)
        try:
            each = law.clock(place, _WHAT, noticed_at)
        except UsageError:
            continue
        safe, latest = (_end(at, place.zone) for at in (each.safe_due, each.statutory_due))
        due = Due(place.name, safe, latest, each.rule.source, each.verified)
        found.setdefault((safe, due.source), due)
    return [found[key] for key in sorted(found)]


def _end(due: date | datetime, zone: tzinfo) -> datetime:
    """A day ends where it is counted."""
    if isinstance(due, datetime):
        return due
    return datetime.combine(due + timedelta(days=1), time(), tzinfo=zone).astimezone(UTC)
