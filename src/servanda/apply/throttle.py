"""A token bucket per store: on average no more rows a second than its owner allowed."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable


class Throttle:
    """Shared by the threads that work on one store. Windows are paid for after they are done,
    because only then is it known how many rows they touched; the next one waits.

    Rows above the limit of one second are never saved up: an idle night allows no morning burst.
    """

    def __init__(
        self, rows_per_second: int | None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._rate = rows_per_second
        self._clock = clock
        self._balance = 0.0
        self._at = clock()
        self._lock = threading.Lock()

    def pay(self, rows: int) -> None:
        """Account for rows that were touched."""
        with self._lock:
            self._balance -= rows

    def wait_s(self) -> float:
        """Seconds until the next window may begin."""
        if self._rate is None:
            return 0.0
        with self._lock:
            now = self._clock()
            # A quarter of a second of credit covers the gap between two windows, no more.
            earned = self._balance + (now - self._at) * self._rate
            self._balance = min(earned, self._rate / 4)
            self._at = now
            return max(0.0, -self._balance / self._rate)
