"""The only place where trying again happens: a busy store, a bounded number of times."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from typing import TypeVar

from servanda.kernel.errors import StoreBusy

ATTEMPTS = 8
FIRST_S, LONGEST_S = 0.05, 5.0

T = TypeVar("T")


def patiently(
    do: Callable[[], T],
    stop: threading.Event,
    *,
    attempts: int | None = None,
    first_s: float = FIRST_S,
) -> T:
    """Call `do` until it does not raise StoreBusy: at most `attempts` times, waiting longer each
    time, with jitter so that two workers do not collide again. The last StoreBusy is raised.

    Stops waiting, and raises, as soon as `stop` is set.
    """
    times = ATTEMPTS if attempts is None else attempts
    for attempt in range(times):
        try:
            return do()
        except StoreBusy:
            if attempt + 1 == times or stop.is_set():
                raise
            longest = min(LONGEST_S, first_s * 2**attempt)
            stop.wait(random.uniform(longest / 2, longest))  # noqa: S311 - no secret
    raise AssertionError("attempts must be at least 1")
