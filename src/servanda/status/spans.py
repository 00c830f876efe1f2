"""What is so now, and what must be settled by a moment: kept entry by entry, in ledger order.

Nothing here looks back: what was so earlier is in the chronicle. So memory grows with what is
open, not with what has been.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from dataclasses import dataclass, field
from datetime import datetime
from operator import itemgetter

_DUE = itemgetter(0)


@dataclass(slots=True)
class Open:
    """Things that are so at present, each since a moment."""

    _since: dict[str, datetime] = field(default_factory=dict)

    def begin(self, ref: str, at: datetime) -> None:
        """From now on; no effect where it is so already."""
        self._since.setdefault(ref, at)

    def end(self, ref: str) -> None:
        """No longer; no effect where it is not so."""
        self._since.pop(ref, None)

    def refs(self) -> list[str]:
        """Whose, in the order they began."""
        return [ref for _, ref in sorted((at, ref) for ref, at in self._since.items())]


@dataclass(frozen=True, slots=True)
class _Running:
    since: datetime
    due: datetime | None


@dataclass(slots=True)
class Track:
    """Requests of one kind that must be settled by a moment, which may change meanwhile."""

    in_time: int = 0
    late: int = 0
    _running: dict[str, _Running] = field(default_factory=dict)
    _dues: list[tuple[datetime, str]] = field(default_factory=list)  # of those running, in order

    def start(self, ref: str, at: datetime, due: datetime | None) -> None:
        self._forget(ref)
        self._running[ref] = _Running(at, due)
        if due is not None:
            insort(self._dues, (due, ref))

    def change(self, ref: str, at: datetime, due: datetime | None) -> None:
        """Another moment for what is running; no effect on what is not."""
        if ref in self._running:
            self.start(ref, at, due)

    def settle(self, ref: str, at: datetime) -> None:
        running = self._forget(ref)
        if running is None:
            return
        if running.due is not None and at > running.due:
            self.late += 1
        else:
            self.in_time += 1

    @property
    def open(self) -> int:
        return len(self._running)

    def overdue(self, now: datetime) -> list[str]:
        """Those whose moment has come, in the order in which it came."""
        found = self._dues[: bisect_right(self._dues, now, key=_DUE)]
        since = {ref: self._running[ref].since for _, ref in found}
        return [ref for _, ref in sorted((max(since[ref], due), ref) for due, ref in found)]

    def _forget(self, ref: str) -> _Running | None:
        running = self._running.pop(ref, None)
        if running is not None and running.due is not None:
            del self._dues[bisect_left(self._dues, (running.due, ref))]
        return running
