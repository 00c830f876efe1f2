"""What must outlive the record of a person, because without it the answer would be yes.

The danger: a no to something that rests on interests is forgotten, and the gate says yes again.
What guards it: such a no, and that somebody is a child still, are kept
(tests/desk/consents/test_forgetting.py).
"""

from __future__ import annotations

from datetime import date

from servanda.desk.consents import standing
from servanda.desk.consents.acts import TERMS, categories
from servanda.desk.consents.standing import Standing
from servanda.policy.rules import Policy

_CONSENT = ("consent", "consent_explicit")


def of(policy: Policy, has: Standing, today: date) -> Standing:
    """That part of it; empty where a forgotten no is a no as well."""
    found: Standing = {}
    safe = _safe(policy)
    for purpose, channel, word in standing.words(has):
        if word.state in standing.STOPPING and purpose not in safe:
            standing.put(found, purpose, channel, word)
    child = standing.child_until(has)
    if child is not None and today < child:
        standing.set_child(found, child)
    return found


def _safe(policy: Policy) -> frozenset[str]:
    """Purposes that nothing but consent carries."""
    asked = {*categories(), TERMS, *(each.purpose for each in policy.consents)}
    for activity in policy.activities:
        if activity.basis not in _CONSENT:
            asked.difference_update(activity.purposes)
    return frozenset(asked)
