"""How often programs may call, and how often somebody may guess a token.

The danger: a program gone wild that leaves nobody else an answer, and tokens tried out. What guards
it: a count for each token, and for each address one of the *different* wrong tokens that came
from it (a program that repeats one old token is no guesser). Counted in memory: pages are one
process, and a stranger must not make us write. Tests: tests/web/api/test_limits.py.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Hashable
from hashlib import sha256

from django.http import HttpRequest
from ninja.errors import HttpError

CALLS, CALLS_S = 600, 60.0
GUESSES, GUESSES_S = 30, 900.0
_MOST = 10_000


class TooOften(HttpError):
    """`wait`: seconds until it may be tried again."""

    def __init__(self, wait: int) -> None:
        super().__init__(429, "Too many calls.")
        self.wait = wait


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


calls = Window(CALLS_S)
guesses = Window(GUESSES_S)


def check_address(request: HttpRequest) -> None:
    """TooOften for an address from which tokens were guessed."""
    wait = guesses.wait(_address(request), GUESSES)
    if wait:
        raise TooOften(wait)


def missed(request: HttpRequest, secret: str) -> None:
    """A token that does not count. Of the secret a digest is kept, and in memory alone."""
    guesses.add(_address(request), sha256(secret.encode("utf-8", "replace")).digest()[:8])


def check_token(id_: int) -> None:
    """Count a call. TooOften for a token that has called too often."""
    wait = calls.wait(id_, CALLS)
    if wait:
        raise TooOften(wait)
    calls.add(id_, object())


def _address(request: HttpRequest) -> str:
    """The network, of an address of version 6: one customer of a provider has many."""
    told = str(request.META.get("REMOTE_ADDR", ""))
    return ":".join(told.split(":")[:4]) if ":" in told else told
