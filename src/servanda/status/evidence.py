"""What the ledger says up to a moment, as the checks ask for it. Takes each entry once, in order.

Shapes of the entries are listed in docs/architecture.md. An entry this version does not know is
passed over: an old board stays computable from a newer ledger. Of each series only the newest
fact is kept, so memory does not grow with the years; what was true earlier is the chronicle's.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta, tzinfo

from servanda.status.faces import Faces
from servanda.status.facts import Alarms, Entry, Fact, Topics
from servanda.status.public import CENSUSES, Public
from servanda.status.requests import Requests, zone_of

__all__ = ["KINDS", "POLICY", "Entry", "Evidence", "Fact"]

# Everything verdicts are judged by, for who reads the entries from a large ledger. Windows are
# told by their run's end, and the acting on a request by its own.
KINDS = (
    "policy",
    "inventory",
    "recount",
    "residue",
    "run.ended",
    "census",
    "request.received",
    "request.event",
    "request.decided",
    "request.routed",
    "request.acted",
    "request.replied",
    "request.closed",
    "requests.census",
    "replay",
    "access.census",
    "access.read",
    "access.refused",
    "caller.checked",
    "enquiry.closed",
    "incident.opened",
    "incidents.census",
    "portal.census",
    *CENSUSES,
)


POLICY = "policy"
"""The topic that concerns every control."""

_TICK = timedelta(microseconds=1)  # the ledger's: evidence is too old from here on


def of_collection(name: str) -> str:
    """The topic of a collection; of a store likewise."""
    return f"collection {name}"


def of_store(name: str) -> str:
    return f"store {name}"


@dataclass(slots=True)
class Evidence:
    """The newest facts, by kind and subject. `beats`: by topic, when its newest proof was made.
    `alarms`: filled here, taken by the chronicle."""

    policy: Fact | None = None
    inventory: Fact | None = None
    recounts: dict[str, Fact] = field(default_factory=dict)  # by collection
    newest_recount: Fact | None = None
    residues: dict[str, Fact] = field(default_factory=dict)  # by collection
    unreachable: dict[str, Fact] = field(default_factory=dict)  # by store
    requests: Requests = field(default_factory=Requests)
    requests_census: Fact | None = None
    replays: list[Fact] = field(default_factory=list)
    faces: Faces = field(default_factory=Faces)
    public: Public = field(default_factory=Public)
    beats: dict[str, datetime] = field(default_factory=dict)
    alarms: Alarms = field(default_factory=list)
    heartbeat: timedelta = timedelta(days=2)
    _zone: tzinfo = field(default_factory=lambda: zone_of(None))

    def __post_init__(self) -> None:
        self.requests.alarms = self.alarms

    def add(self, fact: Fact) -> Topics:
        """Take one entry in; what it is about."""
        entry = fact.entry
        kind = entry["kind"]
        match kind:
            case "policy":
                self._policy(fact)
                return (POLICY,)
            case "inventory":
                self.inventory = fact
                away = [s for s, report in entry["stores"].items() if report.get("unreachable")]
                return (self._beat(kind, fact.at), *self._away(fact, away))
            case "recount":
                self.recounts[entry["collection"]] = self.newest_recount = fact
                topic = of_collection(entry["collection"])
                return (self._beat(kind, fact.at), self._beat(topic, fact.at))
            case "residue":
                self.residues[entry["collection"]] = fact
                return (of_collection(entry["collection"]),)
            case "run.ended" | "census":
                return self._away(fact, entry.get("unreachable", ()))
            case "requests.census":
                self.requests_census = fact
                return (self._beat(kind, fact.at),)
            case "replay":
                self.replays.append(fact)
                return (kind,)
            case "access.census" | "portal.census" | "incidents.census":
                self._beat(kind, fact.at)
                return self.faces.add(fact)
            case _ if kind in CENSUSES:
                self._beat(kind, fact.at)
                return self.public.add(fact)
            case _ if kind.startswith("request."):
                return self.requests.add(entry, fact.at, self._zone)
            case _:
                return self.faces.add(fact)

    def stale_after(self, topic: str) -> datetime | None:
        """The first moment at which the newest proof of a topic is too old."""
        at = self.beats.get(topic)
        return None if at is None else at + self.heartbeat + _TICK

    def _policy(self, fact: Fact) -> None:
        self.policy = fact
        self._zone = zone_of(fact.entry)
        heartbeat = timedelta(seconds=fact.entry["heartbeat_s"])
        if heartbeat != self.heartbeat:  # all proof gets old at another moment
            self.heartbeat = heartbeat
            self.alarms += ((at + heartbeat + _TICK, topic) for topic, at in self.beats.items())

    def _beat(self, topic: str, at: datetime) -> str:
        self.beats[topic] = at
        self.alarms.append((at + self.heartbeat + _TICK, topic))
        return topic

    def _away(self, fact: Fact, stores: Iterable[str]) -> Topics:
        for store in stores:
            self.unreachable[store] = fact
        return tuple(map(of_store, stores))
