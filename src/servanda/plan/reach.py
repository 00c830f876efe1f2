"""How far a hold reaches: ownership links followed both ways, until nothing new is found.

A caller's row leads to every leg of the call and to its recording; a customer's record to the
invoices, and an invoice to its customer. Blank values join nothing.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from servanda.kernel.errors import StoreUnreachable
from servanda.kernel.evaluate import is_missing
from servanda.kernel.predicate import Compare, OneOf, Predicate, Scalar, all_of, any_of
from servanda.stores.mapping import Collection
from servanda.stores.port import Store

MOST_LINKED = 10_000  # values a hold may reach along one link
_AT_ONCE = 500  # values asked for in one read
_OWNERSHIP = ("owns", "owned_by")

Values = tuple[Scalar, ...]


class TooFar(Exception):
    """More values than can be named one by one."""


@dataclass(frozen=True, slots=True)
class Edge:
    """From the held records of one collection to the records of another that share values."""

    from_: str
    to: str
    ours: tuple[str, ...]
    theirs: tuple[str, ...]


def edges(collections: Iterable[Collection]) -> Iterator[Edge]:
    """Both directions of every ownership link between mapped collections."""
    known = {c.id: c for c in collections}
    for collection in known.values():
        for link in collection.links:
            if link.as_ in _OWNERSHIP and link.to in known and link.match:
                ours, theirs = zip(*link.match, strict=True)
                yield Edge(collection.id, link.to, ours, theirs)
                yield Edge(link.to, collection.id, theirs, ours)


def components(collections: Iterable[Collection]) -> list[set[str]]:
    """Groups of collections tied to each other by ownership links."""
    listed = list(collections)
    group_of = {c.id: {c.id} for c in listed}
    for edge in edges(listed):
        joined = group_of[edge.from_] | group_of[edge.to]
        for id_ in joined:
            group_of[id_] = joined
    return list({id(group): group for group in group_of.values()}.values())


@dataclass
class Reach:
    """Follows the links inside one group of collections, all of whose stores answer."""

    collections: Mapping[str, Collection]
    stores: Mapping[str, Store | StoreUnreachable]
    group: set[str]
    _known: dict[Edge, set[Values]] = field(default_factory=dict)

    def of(self, seeds: Mapping[str, Predicate]) -> dict[str, Predicate]:
        """The seeds and everything they lead to; TooFar when that cannot be listed."""
        held = {id_: [seed] for id_, seed in seeds.items()}
        ways = list(dict.fromkeys(edges(self.collections[id_] for id_ in sorted(self.group))))
        todo = deque(seeds.items())
        while todo:
            id_, new = todo.popleft()
            for edge in ways:
                if edge.from_ == id_:
                    for linked in self._linked(edge, new):
                        held.setdefault(edge.to, []).append(linked)
                        todo.append((edge.to, linked))
        return {id_: any_of(parts) for id_, parts in held.items()}

    def _linked(self, edge: Edge, where: Predicate) -> Iterator[Predicate]:
        """What the records under `where` lead to along the edge, new values only."""
        store = self.stores[self.collections[edge.from_].store]
        if isinstance(store, StoreUnreachable):
            raise store
        known = self._known.setdefault(edge, set())
        fresh: list[Values] = []
        for values in store.rows(self.collections[edge.from_], where, edge.ours):
            if values in known or any(is_missing(v) for v in values):
                continue
            known.add(values)
            fresh.append(values)
            if len(known) > MOST_LINKED:
                raise TooFar
        for start in range(0, len(fresh), _AT_ONCE):
            yield _any_with(edge.theirs, fresh[start : start + _AT_ONCE])


def _any_with(fields: tuple[str, ...], rows: list[Values]) -> Predicate:
    if len(fields) == 1:
        return OneOf(fields[0], tuple(values[0] for values in rows))
    return any_of(
        all_of(Compare(f, "=", v) for f, v in zip(fields, values, strict=True)) for values in rows
    )
