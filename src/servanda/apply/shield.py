"""What the legal holds in force cover, worked out again whenever they change."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass

from servanda.apply.site import Site
from servanda.desk import holds
from servanda.kernel.errors import StoreUnreachable
from servanda.kernel.predicate import NOTHING, Predicate
from servanda.plan.holds import hold_predicates
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
                covered: Mapping[str, Predicate] = {}
                if specs:
                    self._open_all()
                    configs = self._site.configs.values()
                    covered = hold_predicates(specs, configs, self._stores)
                self._known = InForce(version, covered)
            return self._known

    def close(self) -> None:
        for store in self._opened:
            store.close()
        self._opened.clear()

    def _open_all(self) -> None:
        for name, config in self._site.configs.items():
            if isinstance(self._stores.get(name), StoreUnreachable | None):
                try:
                    self._stores[name] = store = self._site.open(config, True)
                except StoreUnreachable as error:
                    self._stores[name] = error
                else:
                    self._opened.append(store)
