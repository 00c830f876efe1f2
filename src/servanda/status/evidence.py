"""Ledger entries, sorted into what the checks ask for. Reads each entry once.

Shapes of the entries are listed in docs/architecture.md. An entry this version does not know is
passed over: an old board stays computable from a newer ledger.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, TypeAlias

from servanda.status.requests import Requests, zone_of

Entry: TypeAlias = Mapping[str, Any]

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
)


@dataclass(frozen=True, slots=True)
class Fact:
    """One entry with its place in the ledger."""

    index: int
    at: datetime
    entry: Entry


@dataclass(slots=True)
class Series:
    """Facts of one kind about one thing, in ledger order (which is order of time)."""

    facts: list[Fact] = field(default_factory=list)
    times: list[datetime] = field(default_factory=list)

    def add(self, fact: Fact) -> None:
        self.facts.append(fact)
        self.times.append(fact.at)

    def latest(self, as_of: datetime) -> Fact | None:
        place = bisect_right(self.times, as_of)
        return self.facts[place - 1] if place else None


@dataclass(slots=True)
class Evidence:
    """All facts, by kind and subject. `first` and `last` bound the ledger's time."""

    policy: Series = field(default_factory=Series)
    inventory: Series = field(default_factory=Series)
    recounts: dict[str, Series] = field(default_factory=dict)  # by collection
    residues: dict[str, Series] = field(default_factory=dict)  # by collection
    unreachable: dict[str, Series] = field(default_factory=dict)  # by store
    requests: Requests = field(default_factory=Requests)
    requests_census: Series = field(default_factory=Series)
    replays: Series = field(default_factory=Series)
    moments: list[datetime] = field(default_factory=list)

    def heartbeat(self, as_of: datetime) -> timedelta:
        policy = self.policy.latest(as_of)
        return timedelta(seconds=policy.entry["heartbeat_s"]) if policy else timedelta(days=2)


def gather(entries: Iterable[tuple[int, Entry]]) -> Evidence:
    """Sort `(ledger index, entry)` pairs; memory grows with runs, never with records."""
    evidence, zone = Evidence(), zone_of(None)
    for index, entry in entries:
        kind = entry["kind"]
        fact = Fact(index, datetime.fromisoformat(entry["at"]), entry)
        match kind:
            case "policy":
                evidence.policy.add(fact)
                zone = zone_of(entry)
            case "inventory":
                evidence.inventory.add(fact)
                for store, report in entry["stores"].items():
                    if report.get("unreachable"):
                        _series(evidence.unreachable, store).add(fact)
            case "recount":
                _series(evidence.recounts, entry["collection"]).add(fact)
            case "residue":
                _series(evidence.residues, entry["collection"]).add(fact)
            case "run.ended":
                _run_ended(evidence, fact)
            case "census":
                for store in entry.get("unreachable", ()):
                    _series(evidence.unreachable, store).add(fact)
            case "requests.census":
                evidence.requests_census.add(fact)
            case "replay":
                evidence.replays.add(fact)
            case _ if kind.startswith("request."):
                evidence.requests.add(entry, fact.at, zone)
            case _:
                pass
        evidence.moments.append(fact.at)
    evidence.requests.finish()
    return evidence


def _run_ended(evidence: Evidence, fact: Fact) -> None:
    for store in fact.entry.get("unreachable", ()):
        _series(evidence.unreachable, store).add(fact)


def _series(family: dict[str, Series], name: str) -> Series:
    return family.setdefault(name, Series())
