"""Children: below the age of the law that applies, and without a parent, an erasure is opened."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from servanda import law
from servanda.policy.rules import Policy

if TYPE_CHECKING:
    from servanda.desk.requests.opening import Arrival


def why(policy: Policy, arrival: Arrival) -> str:
    """Why the person's data should not be here; blank where there is no reason to think so."""
    age = arrival.age if arrival.born is None else years(arrival.born, arrival.received)
    if age is None or arrival.parent_consents:
        return ""
    codes = [arrival.place] if arrival.place else policy.jurisdictions or (policy.country,)
    ages = [
        (each.age, each.source, place.name)
        for place in map(law.find, codes)
        for each in place.ages(arrival.received)
    ]
    limit, source, name = max(ages, default=(0, "", ""))
    if age >= limit:
        return ""
    return f"under {limit} without a parent's consent, which the law of {name} wants ({source})"


def years(born: date, on: date) -> int:
    """The age in full years; who is born on 29 February is older on 1 March in common years."""
    return on.year - born.year - ((on.month, on.day) < (born.month, born.day))
