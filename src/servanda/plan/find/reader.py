"""Reads of many collections at once: stores side by side, one store's reads one after the other.

A store that fails is left out from then on, with the reason; the others go on.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from servanda.kernel.errors import Drift, StoreBusy, StoreRefused, StoreUnreachable
from servanda.kernel.predicate import Predicate
from servanda.stores.mapping import Collection
from servanda.stores.port import Row, Store


@dataclass(frozen=True, slots=True)
class Ask:
    """One read, and who takes its rows. Takers of one store are never called at the same time."""

    collection: Collection
    where: Predicate
    fields: tuple[str, ...]
    take: Callable[[Row], None]


@dataclass
class Reader:
    stores: Mapping[str, Store | StoreUnreachable]
    failed: dict[str, str] = field(default_factory=dict)  # store: why
    reads: int = 0

    def answers(self, store: str) -> bool:
        """Whether the store has answered all that it was asked until now."""
        if store not in self.failed:
            found = self.stores.get(store)
            if found is None:
                self.failed[store] = "it was not opened"
            elif isinstance(found, StoreUnreachable):
                self.failed[store] = found.what
        return store not in self.failed

    def ask(self, asks: Sequence[Ask]) -> None:
        by_store: dict[str, list[Ask]] = {}
        for each in asks:
            if self.answers(each.collection.store):
                by_store.setdefault(each.collection.store, []).append(each)
        self.reads += sum(map(len, by_store.values()))
        if len(by_store) < 2:
            for name, listed in by_store.items():
                self._all_of(name, listed)
            return
        with ThreadPoolExecutor(max_workers=min(16, len(by_store))) as pool:
            for done in [pool.submit(self._all_of, *each) for each in by_store.items()]:
                done.result()

    def _all_of(self, name: str, asks: Sequence[Ask]) -> None:
        store = self.stores[name]
        assert not isinstance(store, StoreUnreachable)  # `answers` was asked
        try:
            for each in asks:
                for row in store.rows(each.collection, each.where, each.fields):
                    each.take(row)
        except (StoreUnreachable, StoreBusy, StoreRefused, Drift) as error:
            self.failed[name] = error.what
