"""The stores of a workspace, kept open for as long as it is served.

A server lives for weeks, and a store that was down for a minute must not be missing until the next
restart: one that did not answer is tried again when it is next asked for, at most every ten
seconds, or at once where somebody waits for all of them (`again`). Threads share this; while one
tries, the others wait for its answer. Whoever works takes the mapping once, so that a store which
comes back meanwhile does not count for half.
Tests: tests/runtime/test_open_stores.py.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from types import MappingProxyType
from typing import TYPE_CHECKING, TypeAlias

from servanda.kernel.errors import StoreUnreachable

if TYPE_CHECKING:
    from servanda.stores.mapping import StoreConfig
    from servanda.stores.port import Store

AGAIN_S = 10.0
_AT_ONCE = 16

Answer: TypeAlias = "Store | StoreUnreachable"


class OpenStores:
    def __init__(self, open_: Callable[[StoreConfig], Answer]) -> None:
        self._open = open_
        self._lock = threading.Lock()
        self._found: dict[str, Answer] = {}
        self._tried: dict[str, float] = {}

    def all(self, configs: Sequence[StoreConfig]) -> Mapping[str, Answer]:
        """Every store by name, as it is now: the mapping itself does not change any more."""
        with self._lock:
            wanted = [config for config in configs if self._is_due(config.name)]
            if wanted:
                with ThreadPoolExecutor(max_workers=min(_AT_ONCE, len(wanted))) as pool:
                    for config, answer in zip(wanted, pool.map(self._open, wanted), strict=True):
                        self._found[config.name] = answer
                        self._tried[config.name] = time.monotonic()
            return MappingProxyType({each.name: self._found[each.name] for each in configs})

    def _is_due(self, name: str) -> bool:
        if name not in self._found:
            return True
        failed = isinstance(self._found[name], StoreUnreachable)
        return failed and time.monotonic() - self._tried[name] >= AGAIN_S

    def again(self) -> None:
        """Those that did not answer are tried when they are next asked for, however lately that
        was: somebody looks for a person, and one store that came back must not be left out."""
        with self._lock:
            for name, answer in self._found.items():
                if isinstance(answer, StoreUnreachable):
                    self._tried[name] = float("-inf")

    def close(self) -> None:
        """Close them; asked again, they open again."""
        with self._lock:
            for store in self._found.values():
                if not isinstance(store, StoreUnreachable):
                    store.close()
            self._found, self._tried = {}, {}
