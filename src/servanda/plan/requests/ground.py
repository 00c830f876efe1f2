"""What a request's plan stands on: collections, their rules, and what may be done in stores."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TypeAlias

from servanda.inventory import drifted, shape_digest
from servanda.kernel.errors import (
    Drift,
    StoreBusy,
    StoreRefused,
    StoreUnreachable,
)
from servanda.kernel.predicate import Predicate
from servanda.plan.retention import Rules, compile_rules
from servanda.policy.rules import Policy
from servanda.stores.mapping import Collection, StoreConfig, Tenant
from servanda.stores.port import Store

Shape: TypeAlias = tuple[str, Mapping[str, str]]
"""Digest of a store's shape, and which of its collections are not as mapped, and why."""
Look: TypeAlias = Callable[[StoreConfig, Store], Shape]


def look(config: StoreConfig, store: Store) -> Shape:
    """The shape of a store as it is now."""
    shape = store.shape()
    return shape_digest(config, shape), drifted(config, shape)


@dataclass
class Ground:
    """`held`: what holds cover, by collection id. `look`: see `look`; may remember."""

    policy: Policy
    configs: Mapping[str, StoreConfig]
    stores: Mapping[str, Store | StoreUnreachable]
    tenants: Sequence[Tenant]
    held: Mapping[str, Predicate]
    now: datetime
    look: Look = look
    silent: dict[str, str] = field(default_factory=dict)
    shapes: dict[str, Shape] = field(default_factory=dict)
    _rules: dict[str, Rules | None] = field(default_factory=dict)

    def collections(self) -> list[Collection]:
        return [each for config in self.configs.values() for each in config.collections]

    def collection(self, id_: str) -> Collection:
        store, _, name = id_.partition(".")
        return self.configs[store].collection(name)

    def rules(self, collection: Collection) -> Rules | None:
        """None where no rule decides: an exempt collection, or one without a period. ServandaError
        where rules are there and cannot be read: then a floor could be passed over."""
        if collection.id not in self._rules:
            activity = self.policy.activity(collection.activity or "")
            ruled = activity is not None and activity.retention is not None
            self._rules[collection.id] = (
                compile_rules(self.policy, collection, timedelta(0), self.tenants)
                if ruled
                else None
            )
        return self._rules[collection.id]

    def is_processor(self, collection: Collection) -> bool:
        """Whether a customer decides about the collection, and we only keep it for them."""
        activity = self.policy.activity(collection.activity or "")
        return activity is not None and activity.role == "processor"

    def store(self, name: str) -> Store | None:
        """The store, if it answers; one that does not is `silent` from then on."""
        found = self.stores.get(name)
        if found is None or isinstance(found, StoreUnreachable):
            self.silent.setdefault(name, "it was not opened" if found is None else found.what)
            return None
        return None if name in self.silent else found

    def only_read(self, collection: Collection) -> str:
        """Why nothing may be written to the collection; blank where it may."""
        config = self.configs[collection.store]
        if config.mode != "direct":
            return "verify"
        store = self.store(collection.store)
        if store is None:
            return "waits"
        if collection.store not in self.shapes:
            try:
                self.shapes[collection.store] = self.look(config, store)
            except (StoreUnreachable, StoreBusy, StoreRefused, Drift) as error:
                self.silent[collection.store] = error.what
                return "waits"
        return "shape" if collection.id in self.shapes[collection.store][1] else ""
