"""Which of the records that were found a person is given, and which not, with the reason.

The harm: another customer's or another person's data in somebody's package. So nothing is given
that is a customer's unless that customer asks, that is nobody knows whose, or that may be
somebody else's; and what a record tells of others is hidden record by record.
tests/publish/package/test_choice.py guards it.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date
from itertools import repeat
from typing import Any, Literal, TypeAlias

from servanda.law import Place
from servanda.plan.find import Branch, Key, Tree
from servanda.policy.rules import Activity, Policy
from servanda.stores.mapping import Collection

Given: TypeAlias = Literal["access", "portability"]
Reason: TypeAlias = Literal["customer", "unknown-customer", "contested", "not-portable"]


@dataclass(frozen=True, slots=True)
class Slice:
    """Records of a collection in which the same fields are hidden."""

    keys: tuple[Key, ...]
    hide: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Portion:
    """What a person is given of one collection. `activity` is why we hold it; none where exempt."""

    collection: Collection
    activity: Activity | None
    named_by: tuple[str, ...]
    slices: tuple[Slice, ...]

    @property
    def count(self) -> int:
        return sum(len(each.keys) for each in self.slices)

    def ordered(self) -> Iterator[tuple[Key, tuple[str, ...]]]:
        """Each key with what is hidden of its record, by key."""
        if len(self.slices) == 1:
            return zip(self.slices[0].keys, repeat(self.slices[0].hide))
        kinds = {tuple(map(type, key)) for each in self.slices for key in each.keys}
        by: Callable[[Key], Any] = repr if len(kinds) > 1 else tuple
        runs = [zip(sorted(each.keys, key=by), repeat(each.hide)) for each in self.slices]
        return heapq.merge(*runs, key=lambda pair: by(pair[0]))


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Records that were found and are not given."""

    collection: str
    count: int
    why: Reason


def portable_bases(places: Iterable[Place], on: date) -> frozenset[str] | None:
    """The legal bases to which portability is limited; None where some law that applies does not
    limit it, or where no law knows the right and only the promise does."""
    bases: set[str] = set()
    for place in places:
        for right in place.rights(on):
            if right.id == "portability":
                if not right.bases:
                    return None
                bases.update(right.bases)
    return frozenset(bases) or None


def choose(
    tree: Tree,
    collections: Sequence[Collection],
    policy: Policy,
    right: Given,
    bases: AbstractSet[str] | None = None,
) -> tuple[list[Portion], list[LeftOut]]:
    """What the package holds, by collection, and what it does not."""
    known = {each.id: each for each in collections}
    given: dict[str, dict[tuple[str, ...], list[Branch]]] = {}
    out: dict[tuple[str, Reason], int] = {}
    for branch in tree.branches:
        collection = known[branch.collection]
        activity = policy.activity(collection.activity or "")
        why = _left_out(branch, tree.subject.tenant)
        if why is None and right == "portability" and not _portable(branch, activity, bases):
            why = "not-portable"
        if why is not None:
            at = (branch.collection, why)
            out[at] = out.get(at, 0) + len(branch.keys)
            continue
        by_hidden = given.setdefault(branch.collection, {})
        by_hidden.setdefault(tuple(sorted(branch.hide)), []).append(branch)
    portions = [
        Portion(
            known[name],
            policy.activity(known[name].activity or ""),
            next(iter(by_hidden.values()))[0].named_by,
            tuple(Slice(_keys(found), hide) for hide, found in sorted(by_hidden.items())),
        )
        for name, by_hidden in sorted(given.items())
    ]
    return portions, [LeftOut(name, count, why) for (name, why), count in sorted(out.items())]


def _keys(branches: Sequence[Branch]) -> tuple[Key, ...]:
    if len(branches) == 1:
        return branches[0].keys
    keys = [key for each in branches for key in each.keys]
    try:
        return tuple(sorted(keys))
    except TypeError:  # of several kinds
        return tuple(sorted(keys, key=repr))


def _left_out(branch: Branch, tenant: str | None) -> Reason | None:
    if "contested" in branch.why:
        return "contested"
    if branch.tenant is None:
        return "unknown-customer"
    return "customer" if branch.tenant not in ("", tenant) else None


def _portable(branch: Branch, activity: Activity | None, bases: AbstractSet[str] | None) -> bool:
    """What is only seen was provided by somebody else."""
    if branch.role == "accessor":
        return False
    return bases is None or (activity is not None and activity.basis in bases)
