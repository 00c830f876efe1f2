"""What the ledger says of requests, sorted into what the checks ask: open, overdue, unexplained.

A request is answered when a whole reply went out, when it was closed, or when it was routed to the
customer whose data it is about; `instructed` opens a routed one again. A complaint is also
answered by its acknowledgement. A day that is due ends at midnight in the policy's time zone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from servanda.status.facts import Alarms, Topics
from servanda.status.spans import Open, Track

# What a reply says that names the regulator, by the ids of the law's facts.
NAMES_REGULATOR = frozenset(("complaint", "complaint_to_regulator", "regulator"))


ANY = "requests"
"""The topic of what is asked of all requests alike."""


def topic(right: str) -> str:
    """The topic of the requests of one right."""
    return f"requests of {right}"


@dataclass(slots=True)
class Requests:
    """Tracks and faults of all requests. `rights`: by right. `alarms`: when days have passed."""

    alarms: Alarms = field(default_factory=list)
    rights: dict[str, Track] = field(default_factory=dict)
    children: Track = field(default_factory=Track)
    routing: Track = field(default_factory=Track)
    refusals: int = 0
    replies: int = 0
    ungrounded: Open = field(default_factory=Open)  # refused without a ground
    unexplained: Open = field(default_factory=Open)  # refused and closed without a letter
    silent: Open = field(default_factory=Open)  # the reply does not name the regulator
    unsaid: Open = field(default_factory=Open)  # the ledger does not tell what the reply says
    _right: dict[str, str] = field(default_factory=dict)
    _refused: set[str] = field(default_factory=set)  # and not yet answered
    _ever_refused: set[str] = field(default_factory=set)

    def add(self, entry: Mapping[str, Any], at: datetime, zone: tzinfo) -> Topics:
        """One entry of a kind `request.…`, in ledger order."""
        ref = str(entry.get("request", ""))
        match entry["kind"]:
            case "request.received":
                self._received(ref, entry, at, zone)
            case "request.event":
                self._event(ref, entry, at, zone)
            case "request.decided":
                self._decided(ref, entry, at)
            case "request.routed":
                self._settle(ref, at)
                self.routing.settle(ref, at)
            case "request.acted":
                if entry.get("complete"):
                    for each in entry.get("requests", ()):
                        self.children.settle(str(each), at)
            case "request.replied":
                self._replied(ref, entry, at)
            case "request.closed":
                if ref in self._refused:
                    self.unexplained.begin(ref, at)
                for track in (self.children, self.routing):
                    track.settle(ref, at)
                self._settle(ref, at)
            case _:
                return ()
        right = self._right.get(ref)
        return (ANY,) if right is None else (ANY, topic(right))

    def _received(self, ref: str, entry: Mapping[str, Any], at: datetime, zone: tzinfo) -> None:
        due = _end_of(entry.get("due"), zone)
        right = self._right[ref] = entry["right"]
        self.rights.setdefault(right, Track()).start(ref, at, due)
        if entry.get("tenant") is not None:
            self.routing.start(ref, at, due)
        if right == "erasure" and entry.get("because"):  # opened for a child's sake
            self.children.start(ref, at, due)
        self._wake(due, right)

    def _event(self, ref: str, entry: Mapping[str, Any], at: datetime, zone: tzinfo) -> None:
        what, right = entry.get("event"), self._right.get(ref)
        if right is None:
            return
        due = _end_of(entry.get("due"), zone)
        if what == "acknowledged" and right == "complaint":
            self._settle(ref, at)
        elif what == "instructed":
            # The customer's instruction may come after the person's day: that day is not ours.
            self.rights[right].start(ref, at, due if due is not None and due > at else None)
        elif "due" in entry:
            for track in (self.rights[right], self.children, self.routing):
                track.change(ref, at, due)
        self._wake(due, right)

    def _wake(self, due: datetime | None, right: str) -> None:
        if due is not None:
            self.alarms += ((due, topic(right)), (due, ANY))

    def _decided(self, ref: str, entry: Mapping[str, Any], at: datetime) -> None:
        refused = entry.get("decision") in ("refuse", "part")
        if refused:
            if ref not in self._ever_refused:
                self._ever_refused.add(ref)
                self.refusals += 1
            self._refused.add(ref)
        else:
            self._refused.discard(ref)
        _set(self.ungrounded, ref, at, refused and not entry.get("grounds"))

    def _replied(self, ref: str, entry: Mapping[str, Any], at: datetime) -> None:
        self.replies += 1
        self._refused.discard(ref)
        self.unexplained.end(ref)
        says = entry.get("says")
        _set(self.unsaid, ref, at, says is None)
        _set(self.silent, ref, at, says is not None and not NAMES_REGULATOR.intersection(says))
        if entry.get("finished", True):  # else the rest is still owed, by the same day
            self._settle(ref, at)

    def _settle(self, ref: str, at: datetime) -> None:
        right = self._right.get(ref)
        if right is not None:
            self.rights[right].settle(ref, at)


def zone_of(policy: Mapping[str, Any] | None) -> tzinfo:
    """The time zone of a policy entry; UTC where it tells none."""
    try:
        return ZoneInfo(policy["zone"]) if policy and "zone" in policy else UTC
    except (ZoneInfoNotFoundError, ValueError):
        return UTC


def _set(found: Open, ref: str, at: datetime, on: bool) -> None:
    if on:
        found.begin(ref, at)
    else:
        found.end(ref)


def _end_of(day: str | None, zone: tzinfo) -> datetime | None:
    """The end of a day; None where nobody counts days."""
    if day is None:
        return None
    following = date.fromisoformat(day[:10]) + timedelta(days=1)
    return datetime.combine(following, time(), zone).astimezone(UTC)
