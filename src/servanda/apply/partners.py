"""Pairs across collections: both go, or neither.

A call's row *owns* its recording. The recording's step runs first; where a recording that
should have gone is still there (no permission, held meanwhile), its row stays too, so that nothing
is left that no row explains. Tests: tests/apply/test_partners.py.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from servanda.apply.keyvalues import any_key
from servanda.apply.site import Site, store_of
from servanda.kernel.errors import StoreRefused, StoreUnreachable
from servanda.kernel.predicate import Predicate, any_of
from servanda.plan.steps import Archive, Delete, Plan, Return, Write
from servanda.stores.port import Store

MOST_STAYING = 10_000


def staying(plan: Plan, site: Site, stores: Mapping[str, Store], step: Write) -> Predicate:
    """The records of `step` whose partner was to go before them and is still there.

    Raises StoreRefused when more than 10,000 partners stayed: then something larger is wrong.
    """
    kept: list[Predicate] = []
    for other in plan.steps:
        if isinstance(other, Delete | Archive | Return) and other.id in step.after:
            for ours, theirs in _pairs(site, step.collection, other.collection):
                kept.extend(_left(site, stores, other, ours, theirs))
    return any_of(kept)


def _pairs(
    site: Site, collection: str, other: str
) -> Iterator[tuple[tuple[str, ...], tuple[str, ...]]]:
    """Field names here and there of each link between the two, whichever side declares it."""
    for link in site.collection(collection).links:
        if link.to == other and link.as_ in ("owns", "owned_by") and link.match:
            yield tuple(a for a, _ in link.match), tuple(b for _, b in link.match)
    for link in site.collection(other).links:
        if link.to == collection and link.as_ in ("owns", "owned_by") and link.match:
            yield tuple(b for _, b in link.match), tuple(a for a, _ in link.match)


def _left(
    site: Site,
    stores: Mapping[str, Store],
    other: Write,
    ours: tuple[str, ...],
    theirs: tuple[str, ...],
) -> list[Predicate]:
    name = store_of(other.collection)
    if name not in stores:
        raise StoreUnreachable(name, "it did not answer when this work began")
    store = stores[name]
    collection = site.collection(other.collection)
    rows = set(store.rows(collection, other.where, theirs, MOST_STAYING + 1))
    if len(rows) > MOST_STAYING:
        raise StoreRefused(
            f"more than {MOST_STAYING:,} records of {other.collection} could not be removed",
            "see why that step left them, mend it, and resume",
        )
    named = [row for row in rows if all(value not in (None, "") for value in row)]
    return [any_key(ours, named)] if named else []
