"""Stretches of time in which something was so, counted at any moment without going through all.

A board asks at thousands of moments; each answer is two binary searches.
"""

from __future__ import annotations

from bisect import bisect_right, insort
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(slots=True)
class Spans:
    """Stretches per request, from a moment up to (not with) another; some have not ended."""

    items: list[tuple[datetime, datetime | None, str]] = field(default_factory=list)
    starts: list[datetime] = field(default_factory=list)
    ends: list[datetime] = field(default_factory=list)
    _begun: dict[str, datetime] = field(default_factory=dict)

    def begin(self, ref: str, at: datetime) -> None:
        """From now on; no effect where it is so already."""
        self._begun.setdefault(ref, at)

    def end(self, ref: str, at: datetime) -> None:
        """No longer; no effect where it is not so."""
        start = self._begun.pop(ref, None)
        if start is not None:
            self.add(ref, start, at)

    def add(self, ref: str, start: datetime, end: datetime | None) -> None:
        if end is not None and end <= start:
            return
        self.items.append((start, end, ref))
        insort(self.starts, start)
        if end is not None:
            insort(self.ends, end)

    def finish(self) -> None:
        """All entries are read: what has begun is still so."""
        for ref, start in self._begun.items():
            self.add(ref, start, None)
        self._begun.clear()

    def count(self, at: datetime) -> int:
        return bisect_right(self.starts, at) - bisect_right(self.ends, at)

    def refs(self, at: datetime) -> list[str]:
        """Whose, in the order they began."""
        if not self.count(at):
            return []
        found = [(s, ref) for s, e, ref in self.items if s <= at and (e is None or at < e)]
        return [ref for _, ref in sorted(found)]


@dataclass(slots=True)
class _Running:
    since: datetime
    due: datetime | None


@dataclass(slots=True)
class Track:
    """Requests of one kind that must be settled by a moment, which may change meanwhile."""

    open: Spans = field(default_factory=Spans)
    overdue: Spans = field(default_factory=Spans)
    in_time: list[datetime] = field(default_factory=list)
    late: list[datetime] = field(default_factory=list)
    _running: dict[str, _Running] = field(default_factory=dict)

    def start(self, ref: str, at: datetime, due: datetime | None) -> None:
        self.open.begin(ref, at)
        self._running[ref] = _Running(at, due)

    def change(self, ref: str, at: datetime, due: datetime | None) -> None:
        running = self._running.get(ref)
        if running is not None:
            self._stop(ref, running, at)
            self._running[ref] = _Running(at, due)

    def settle(self, ref: str, at: datetime) -> None:
        running = self._running.pop(ref, None)
        if running is None:
            return
        self._stop(ref, running, at)
        self.open.end(ref, at)
        insort(self.late if running.due is not None and at > running.due else self.in_time, at)

    def finish(self) -> None:
        self.open.finish()
        for ref, running in self._running.items():
            self._stop(ref, running, None)

    def settled(self, at: datetime) -> tuple[int, int]:
        """How many were settled until then: in time, and late."""
        return bisect_right(self.in_time, at), bisect_right(self.late, at)

    def _stop(self, ref: str, running: _Running, at: datetime | None) -> None:
        if running.due is not None:
            self.overdue.add(ref, max(running.since, running.due), at)
