"""Many threads, one deed for all who came meanwhile: each returns when its own part is done.

    line = Line(commit)      commit(items) does them at once, and keeps what became of each
    line.join(item)          returns after `commit` was called with it

The first to come does the deed for itself and whoever waits; then it appoints the next. Nobody
waits for a lock that somebody who is done already has to give back first: that made batches of two
where there could be eight. Tests: tests/desk/consents/test_together.py.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

T = TypeVar("T")
AT_ONCE = 200
WAIT_S = 0.004


@dataclass(slots=True)
class _Turn(Generic[T]):
    """`called`: it is done, or it is this one's turn to lead."""

    item: T
    called: threading.Event = field(default_factory=threading.Event)
    done: bool = False


class Line(Generic[T]):
    def __init__(self, commit: Callable[[Sequence[T]], None]) -> None:
        self._commit = commit
        self._lock = threading.Lock()
        self._turns: list[_Turn[T]] = []
        self._led = False
        self._last = 0
        self._full = threading.Event()

    def join(self, item: T) -> None:
        mine = _Turn(item)
        with self._lock:
            self._turns.append(mine)
            leads, self._led = not self._led, True
            if len(self._turns) >= self._last - 1:
                self._full.set()
        if not leads:
            mine.called.wait()
            if mine.done:
                return
        self._lead()

    def _lead(self) -> None:
        """With our own turn first in line."""
        taken: list[_Turn[T]] = []
        try:
            self._gather()
            with self._lock:
                taken = self._turns[:AT_ONCE]
                del self._turns[:AT_ONCE]
            self._last = len(taken)
            self._commit([each.item for each in taken])
        finally:  # whatever happened to this thread: nobody waits for ever
            with self._lock:
                following = self._turns[0] if self._turns else None
                self._led = following is not None
            for each in taken:
                each.done = True
                each.called.set()
            if following is not None:
                following.called.set()

    def _gather(self) -> None:
        """Those who were served together come again at about the same time: without a moment's wait
        the first of them would go alone, and all others wait for two deeds. Whoever was alone the
        last time waits for nobody."""
        if self._last > 2:
            self._full.clear()
            if len(self._turns) < self._last - 1:
                self._full.wait(WAIT_S)
