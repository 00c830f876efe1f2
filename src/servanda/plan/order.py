"""In which order steps run: what is owned goes before its owner, across stores too.

If the call's row went first and the recording could not be deleted, nothing would lead to the
recording any more. Circles are cut at the collection whose id comes first.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from servanda.plan.steps import Write
from servanda.stores.mapping import Collection


def owned_by(collections: Iterable[Collection]) -> dict[str, set[str]]:
    """For each collection the ids of those it owns records in; itself left out."""
    known = {c.id: c for c in collections}
    owns: dict[str, set[str]] = {id_: set() for id_ in known}
    for collection in known.values():
        for link in collection.links:
            if link.to not in known or link.to == collection.id:
                continue
            if link.as_ == "owns":
                owns[collection.id].add(link.to)
            elif link.as_ == "owned_by":
                owns[link.to].add(collection.id)
    return owns


def sequence(owns: Mapping[str, set[str]]) -> list[str]:
    """All collections, the owned before their owners; the same input gives the same order."""
    left = {id_: set(owned) for id_, owned in owns.items()}
    ordered: list[str] = []
    while left:
        ready = sorted(id_ for id_, owned in left.items() if not owned & left.keys())
        chosen = ready or [min(left)]  # a circle: cut it
        ordered += chosen
        for id_ in chosen:
            del left[id_]
    return ordered


def arrange(writes: Sequence[Write], collections: Iterable[Collection]) -> list[Write]:
    """The steps in an order that can be run, each with the steps it has to wait for."""
    owns = owned_by(collections)
    place = {id_: number for number, id_ in enumerate(sequence(owns))}
    by_collection: dict[str, list[str]] = {}
    for step in writes:
        by_collection.setdefault(step.collection, []).append(step.id)
    arranged = []
    for step in sorted(writes, key=lambda s: place[s.collection]):
        before = sorted(
            (each for each in owns[step.collection] if place[each] < place[step.collection]),
            key=place.__getitem__,
        )
        after = tuple(id_ for each in before for id_ in by_collection.get(each, ()))
        arranged.append(replace(step, after=after))
    return arranged
