"""A real store with a witness: something happens in the world just before or after a call.

Every call goes to the real store; the witness only chooses the moment of a real event, such as a
hold being added while a window is open.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from types import TracebackType
from typing import Any, Self, cast

from servanda.apply.site import Site
from servanda.kernel.predicate import Predicate
from servanda.stores.mapping import StoreConfig
from servanda.stores.port import Bounds, Keys, Store, Window, Work

Event = Callable[[int], None]


def nothing(_: int) -> None:
    pass


@dataclass
class Witness:
    """Events get the number of the window, from 1, in the order in which they are opened."""

    opening: Event = nothing
    opened: Event = nothing
    committing: Event = nothing
    committed: Event = nothing
    windows: int = 0
    keys: list[Keys] = field(default_factory=list)  # of windows that were opened

    def when(self, moment: str, event: Event) -> Self:
        setattr(self, moment, event)
        return self


def watched(site: Site, store: str, witness: Witness) -> Site:
    """The site with a witness on one store's writable openings."""

    def open_(config: StoreConfig, read_only: bool) -> Store:
        real = site.open(config, read_only)
        if config.name != store or read_only:
            return real
        return cast(Store, _Watched(real, witness))

    return replace(site, open=open_)


class _Watched:
    def __init__(self, real: Store, witness: Witness) -> None:
        self._real = real
        self._witness = witness

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)

    def open(self, work: Work, bounds: Bounds, target: Predicate) -> Window:
        self._witness.windows += 1
        number = self._witness.windows
        self._witness.opening(number)
        window = self._real.open(work, bounds, target)
        self._witness.keys.append(window.keys)
        try:
            self._witness.opened(number)
        except BaseException:
            window.__exit__(None, None, None)
            raise
        return _Window(window, number, self._witness)


class _Window:
    def __init__(self, real: Window, number: int, witness: Witness) -> None:
        self.keys = real.keys
        self._real = real
        self._number = number
        self._witness = witness

    def commit(self) -> None:
        self._witness.committing(self._number)
        self._real.commit()
        self._witness.committed(self._number)

    def __enter__(self) -> Self:
        self._real.__enter__()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._real.__exit__(kind, error, trace)
