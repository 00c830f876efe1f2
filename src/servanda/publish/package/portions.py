"""What a package would hold, before it is made: its portions, and what is left out of it."""

from __future__ import annotations

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date

from servanda.law import Place
from servanda.policy.rules import Policy
from servanda.publish.package.choice import Given, LeftOut, Portion, choose, portable_bases
from servanda.publish.package.tails import Gathered
from servanda.stores.mapping import Collection


@dataclass(frozen=True, slots=True)
class Asked:
    """What the package answers. `places`: whose law applies, judged by the day it was received."""

    ref: str
    right: Given
    places: tuple[Place, ...]
    received: date


def portioned(
    asked: Asked, gathered: Gathered, collections: Sequence[Collection], policy: Policy
) -> tuple[list[Portion], list[LeftOut]]:
    """In the order of collections. A tail's portion has no keys yet, so its count is 0."""
    limit = None
    if asked.right == "portability":
        limit = portable_bases(asked.places, asked.received)
    portions, left_out = choose(gathered.tree, collections, policy, asked.right, limit)
    portions += _tailed(gathered, policy, limit, left_out)
    return sorted(portions, key=lambda each: each.collection.id), left_out


def _tailed(
    gathered: Gathered,
    policy: Policy,
    bases: AbstractSet[str] | None,
    left_out: list[LeftOut],
) -> list[Portion]:
    """The tails, each as a portion whose records are read later."""
    found = []
    for tail in gathered.tails:
        activity = policy.activity(tail.collection.activity or "")
        if bases is not None and (activity is None or activity.basis not in bases):
            left_out.append(LeftOut(tail.collection.id, 0, "not-portable"))
        else:
            found.append(Portion(tail.collection, activity, (), ()))
    return found
