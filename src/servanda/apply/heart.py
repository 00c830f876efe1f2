"""Renews the leases of this process's workers, and tells each whether its lease still holds."""

from __future__ import annotations

import threading
import time
from types import TracebackType
from typing import Self

from servanda import state
from servanda.apply import claims
from servanda.apply.record import LeaseLost
from servanda.apply.site import Site
from servanda.state import StateFailed

_LEASE_S = claims.LEASE.total_seconds()
_BEAT_S = _LEASE_S / 4


def _uptime() -> float:
    """Seconds that run on while the machine sleeps, and that no one can set back."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)


class Heart:
    """A thread beside the workers. Missing a beat is no error; missing a lease is."""

    def __init__(self, site: Site, run: str, workers: str) -> None:
        self._site = site
        self._run = run
        self._workers = workers
        self._renewed = _uptime()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._beat, name="servanda-leases", daemon=True)

    def check(self) -> None:
        """Before a store's commit: LeaseLost when our leases may have run out since."""
        if _uptime() - self._renewed > _LEASE_S * 0.8:
            raise LeaseLost

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stop.set()
        self._thread.join()

    def _beat(self) -> None:
        try:
            while not self._stop.wait(_BEAT_S):
                began = _uptime()
                try:
                    claims.renew(self._run, self._workers, self._site.now())
                except StateFailed:
                    continue  # `check` notices when this goes on for too long
                self._renewed = began
        finally:
            state.close_thread()
