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

__all__ = ["OBJECTED", "Difference", "differences", "new_purposes", "reasons", "still_bound"]


OBJECTED = frozenset(("legitimate_interest", "recognised_li", "public_task"))
"""Bases that somebody may object to as a whole (GDPR art. 21(1))."""


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
    """Purposes for which no data was used before; or less freely: by consent, or by what a person
    may object to, and now by something that leaves them less to say."""
    known = {purpose for each in old.activities for purpose in each.purposes}
    used = dict.fromkeys(purpose for each in new.activities for purpose in each.purposes)
    return tuple(each for each in used if each not in known or _freer(each, old, new))


def _freer(purpose: str, old: Policy, new: Policy) -> bool:
    before, after = _firmness(old, purpose), _firmness(new, purpose)
    return any(now > was for was, now in zip(before, after, strict=True))


def _firmness(policy: Policy, purpose: str) -> tuple[int, int]:
    """How little a person can do about a use, and about messages that are part of a service: 0,
    it needs their consent; 1, they may object; 2, neither. As desk.consents.gate answers."""
    bases = {each.basis for each in policy.activities if purpose in each.purposes}
    carried = {each for each in bases if not each.startswith("consent")}
    firm = 2 if carried - OBJECTED else int(bool(carried))
    asked = carried != bases or policy.consent(purpose) is not None
    return (0 if asked else firm), firm


def _all(old: Policy, new: Policy) -> Iterator[Difference]:
    yield from company.compare(old, new)
    yield from activities.compare(old, new)
    yield from others.compare(old, new)
    yield from site.compare(old, new)
