"""Stores kept open while requests are acted on: one set to write, one to look with other eyes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

from servanda.apply.shield import Shield
from servanda.apply.site import Site
from servanda.kernel.errors import StoreUnreachable
from servanda.plan.requests.ground import Shape, look
from servanda.stores.mapping import StoreConfig
from servanda.stores.port import Store


@dataclass
class Actor:
    """A context manager. Its stores stay open for the next plan; shapes are looked at once.

    `stores`: those the plans were made with, for holds to follow their links.
    """

    site: Site
    stores: Mapping[str, Store | StoreUnreachable]
    shield: Shield = field(init=False)
    _writers: dict[str, Store] = field(default_factory=dict)
    _readers: dict[str, Store] = field(default_factory=dict)
    _shapes: dict[str, Shape] = field(default_factory=dict)

    def __post_init__(self) -> None:
        found = {n: s for n, s in self.stores.items() if not isinstance(s, StoreUnreachable)}
        self.shield = Shield(self.site, found)

    def writer(self, name: str) -> Store:
        """Raises StoreUnreachable."""
        if name not in self._writers:
            self._writers[name] = self.site.open(self.site.config(name), False)
        return self._writers[name]

    def reader(self, name: str) -> Store:
        """A store of its own, with the recount's credential where there is one."""
        if name not in self._readers:
            self._readers[name] = self.site.open(self.site.config(name), True)
        return self._readers[name]

    def look(self, config: StoreConfig, store: Store) -> Shape:
        """The shape of a store, looked at once: another process may change a product meanwhile,
        and then the statement fails, or the mapping does."""
        if config.name not in self._shapes:
            self._shapes[config.name] = look(config, store)
        return self._shapes[config.name]

    def close(self) -> None:
        self.shield.close()
        for store in (*self._writers.values(), *self._readers.values()):
            store.close()
        self._writers.clear()
        self._readers.clear()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
