"""What people were promised about changes, by every edition on which somebody still rests.

The danger: one edition drops the promise, and the next, a minute later, is told to nobody. What
guards it: whoever is not bound by an edition was promised what the one before it said; so all of
those count together, the strictest of each, until the newer one binds without being accepted.
Tests: tests/desk/editions/test_promising.py.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import zip_longest

from servanda.desk.editions.rows import Standing, compiled, standings
from servanda.kernel.period import Period
from servanda.policy.rules import Changes, Policy


def promised(policy: Policy, now: datetime) -> Changes | None:
    """For a change from the newest edition to this policy. Where no edition promises anything:
    what this policy does."""
    return strictest(list(_resting(standings(), now))) or policy.changes


def _resting(rows: Sequence[Standing], now: datetime) -> Iterator[Changes]:
    for each, later in zip_longest(rows, rows[1:]):
        rests = later is None or later.row.asks or not later.bound(now)
        if rests and each.row.guarded and (found := compiled(each.row).changes):
            yield found


def strictest(of: Sequence[Changes]) -> Changes | None:
    """Whoever was promised one of these gets what they were promised. The last is the newest."""
    if not of:
        return None
    objections = [each.objection for each in of if each.objection is not None]
    return Changes(
        of[-1].review,
        longest([each.notice for each in of]),
        tuple(dict.fromkeys(way for each in of for way in each.tell)),
        any(each.consent for each in of),
        longest(objections) if objections else None,
    )


def longest(of: Sequence[Period]) -> Period:
    """One that ends before none of them, whatever day they begin: a month against 30 days is 31."""
    for each in of:
        if all(each.at_least_as_long_as(other) for other in of):
            return each
    days = max(each.months * 31 + each.days for each in of)
    return Period(days=days, hours=max(each.hours for each in of))
