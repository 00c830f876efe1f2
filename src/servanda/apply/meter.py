"""How far this process has come, told to whoever watches."""

from __future__ import annotations

import threading
from collections.abc import Callable

from servanda.apply.outcome import Progress
from servanda.plan.steps import Write


def unwatched(_: Progress) -> None:
    """For callers that show no progress."""


class Meter:
    """Counts windows and records by step. The watcher is called in the worker's thread."""

    def __init__(self, watcher: Callable[[Progress], None] = unwatched) -> None:
        self._watcher = watcher
        self._windows: dict[str, int] = {}
        self._done: dict[str, int] = {}
        self._count: dict[str, int] = {}
        self._lock = threading.Lock()

    def add(self, step: Write, windows: int) -> None:
        with self._lock:
            self._windows[step.id] = self._windows.get(step.id, 0) + windows

    def tick(self, step: Write, count: int) -> None:
        """One window is done and touched `count` records."""
        with self._lock:
            self._done[step.id] = done = self._done.get(step.id, 0) + 1
            self._count[step.id] = total = self._count.get(step.id, 0) + count
            windows = max(self._windows.get(step.id, 0), done)
        self._watcher(Progress(step.id, step.collection, done, windows, total, step.tally.count))
