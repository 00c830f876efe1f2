"""Counts within a window of time, in memory: pages are one process, and a stranger must not make us
write. What `web.api.limits` says of tokens is kept here, because the gate answers without the API.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Hashable
from hashlib import sha256

from django.http import HttpRequest

GUESSES, GUESSES_S = 30, 900.0
_MOST = 10_000


class Window:
    """Different things of each key, counted within a window that begins with the first."""

    def __init__(self, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._seconds = seconds
        self._clock = clock
        self._lock = threading.Lock()
        self._found: dict[Hashable, tuple[float, set[Hashable]]] = {}

    def add(self, key: Hashable, thing: Hashable) -> None:
        with self._lock:
            now = self._clock()
            since, things = self._found.get(key, (now, set()))
            if now - since >= self._seconds:
                since, things = now, set()
            things.add(thing)
            self._found.pop(key, None)
            self._found[key] = (since, things)
            while len(self._found) > _MOST:  # the one that was quiet for longest
                self._found.pop(next(iter(self._found)))

    def wait(self, key: Hashable, most: int) -> int:
        """Seconds until this key counts anew; 0 while it has not reached `most`."""
        with self._lock:
            since, things = self._found.get(key, (0.0, set()))
            left = since + self._seconds - self._clock()
            return max(1, int(left) + 1) if len(things) >= most and left > 0 else 0

    def clear(self) -> None:
        with self._lock:
            self._found.clear()


guesses = Window(GUESSES_S)
"""Of each address, the different wrong tokens that came from it."""


def wait(request: HttpRequest) -> int:
    """Seconds until an address from which tokens were guessed may try again; 0 for all others."""
    return guesses.wait(address(request), GUESSES)


def missed(request: HttpRequest, secret: str) -> None:
    """A token that does not count. Of the secret a digest is kept, and in memory alone."""
    guesses.add(address(request), sha256(secret.encode("utf-8", "replace")).digest()[:8])


def address(request: HttpRequest) -> str:
    """The network, of an address of version 6: one customer of a provider has many."""
    told = str(request.META.get("REMOTE_ADDR", ""))
    return ":".join(told.split(":")[:4]) if ":" in told else told
