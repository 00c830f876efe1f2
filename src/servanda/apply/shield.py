"""What the legal holds in force cover, worked out again whenever they change."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from servanda.apply.site import Site
from servanda.desk import holds
from servanda.kernel.errors import StoreUnreachable
from servanda.kernel.predicate import NOTHING, Predicate
from servanda.plan.holds import HoldSpec, hold_predicates
from servanda.stores.port import Store


@dataclass(frozen=True, slots=True)
class InForce:
    """The holds at one version, as predicates by collection id."""

    version: int
    by_collection: Mapping[str, Predicate]

    def covered(self, collection: str) -> Predicate:
        return self.by_collection.get(collection, NOTHING)


class Shield:
    """Thread-safe. Every window asks for `now`; stores are only read when the version moved.

    Holds follow links into any store, so all stores of the workspace are needed, not only those
    of the plan; they are opened read-only, and only when there is a hold.
    """

    def __init__(self, site: Site, stores: Mapping[str, Store]) -> None:
        self._site = site
        self._stores: dict[str, Store | StoreUnreachable] = dict(stores)
        self._opened: list[Store] = []
        self._known: InForce | None = None
        self._lock = threading.Lock()

    def now(self) -> InForce:
        """Raises what the stores raise, and ServandaError where a hold cannot be worked out;
        then nothing may be changed anywhere."""
        with self._lock:
            if self._known is None or self._known.version != holds.version():
                version, specs = holds.in_force(self._site.master)
                self._known = InForce(version, self._covered(specs) if specs else {})
            return self._known

    def close(self) -> None:
        for store in self._opened:
            store.close()
        self._opened.clear()

    def _covered(self, specs: Sequence[HoldSpec]) -> Mapping[str, Predicate]:
        self._open_all()
        configs = self._site.configs.values()
        while True:
            try:
                return hold_predicates(specs, configs, self._stores)
            except StoreUnreachable as error:
                if isinstance(self._stores.get(error.store), StoreUnreachable | None):
                    raise
                self._stores[error.store] = error  # then everything tied to it is held

    def _open_all(self) -> None:
        for name, config in self._site.configs.items():
            if isinstance(self._stores.get(name), StoreUnreachable | None):
                try:
                    store = self._site.open(config, True)
                    self._opened.append(store)
                    store.shape()  # some connect only when asked something
                    self._stores[name] = store
                except StoreUnreachable as error:
                    self._stores[name] = error
