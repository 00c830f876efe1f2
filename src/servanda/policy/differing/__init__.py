"""What changed between two policies, in plain words, and whether the change is material.

    for each in differences(old, new):
        each.says      # "call recording is now used for marketing too."
        each.reasons   # ("purpose:marketing",); empty where it is not material

The danger: a change that takes something from people and is not seen, or is called small. What
guards it: every part of a policy is compared, also those that nobody thought of, and whatever
cannot be shown to leave people as well off counts as material.
Tests: tests/policy/test_differing.py changes each part and wants a sentence for it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from servanda.policy.differing import activities, company, others, site
from servanda.policy.differing.model import Difference
from servanda.policy.differing.retention import still_bound
from servanda.policy.rules import Policy

__all__ = ["Difference", "differences", "new_purposes", "reasons", "still_bound"]


def differences(old: Policy, new: Policy) -> tuple[Difference, ...]:
    """Every change, in the order in which a policy is read."""
    found = tuple(_all(old, new))
    if not found and old.digest != new.digest:
        words = "The order or the form of the text changed; what it says is the same."
        return (Difference("wording", words),)
    return found


def reasons(found: Iterable[Difference]) -> tuple[str, ...]:
    """Why a change is material, each reason once; empty where it is not."""
    return tuple(dict.fromkeys(reason for each in found for reason in each.reasons))


def new_purposes(old: Policy, new: Policy) -> tuple[str, ...]:
    """Purposes for which no data was used before."""
    known = {purpose for each in old.activities for purpose in each.purposes}
    used = (purpose for each in new.activities for purpose in each.purposes)
    return tuple(dict.fromkeys(each for each in used if each not in known))


def _all(old: Policy, new: Policy) -> Iterator[Difference]:
    yield from company.compare(old, new)
    yield from activities.compare(old, new)
    yield from others.compare(old, new)
    yield from site.compare(old, new)
