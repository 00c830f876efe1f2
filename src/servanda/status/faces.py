"""What the ledger says of console and portal: who may get in, what was read, what is served.

Of each wrong the newest is kept, with its entry. Verdicts need no more; what was wrong earlier is
in the chronicle, and the entries themselves are in the ledger.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from servanda.status.facts import Fact, Topics
from servanda.status.spans import Open

MAY_LISTEN = frozenset(("owner", "privacy_lead"))
"""Roles that may listen to recordings. `desk.roles` grants it; a test holds both together."""

TO_CALLER = "customer shown to caller"
CHECK_HOLDS = timedelta(hours=1)
"""How long a member may talk to a caller whom they have verified."""


@dataclass(slots=True)
class Faces:
    """Counts so far, the newest censuses, and the newest of each wrong."""

    access: Fact | None = None  # the newest access.census
    portal: Fact | None = None
    incidents: Fact | None = None
    reads: int = 0
    refused: int = 0
    recordings: int = 0
    purposeless: Fact | None = None  # a read, or a census that counted some
    overheard: Fact | None = None  # a recording read without purpose, task or right
    unverified: Fact | None = None  # a customer shown to somebody whom nobody had verified
    verified: int = 0
    turned_away: int = 0
    erased: int = 0  # enquiries that were closed
    left: Open = field(default_factory=Open)  # closed enquiries of which something is still there
    recorded: int = 0  # incidents
    _callers: dict[tuple[str, str], datetime] = field(default_factory=dict)

    def add(self, fact: Fact) -> Topics:
        """One entry; its topics are the words its kind begins with."""
        kind = fact.entry["kind"]
        match kind:
            case "access.census":
                self.access = fact
                if fact.entry.get("without_purpose", 1):  # not said is not none
                    self.purposeless = fact
            case "access.read":
                self._read(fact)
            case "access.refused":
                self.refused += 1
            case "caller.checked":
                self._checked(fact)
            case "enquiry.closed":
                self._closed(fact)
            case "incident.opened":
                self.recorded += 1
            case "incidents.census":
                self.incidents = fact
            case "portal.census":
                self.portal = fact
            case _:
                return ()
        return (kind,)

    def _read(self, fact: Fact) -> None:
        entry = fact.entry
        self.reads += 1
        what = str(entry.get("what", ""))
        if not entry.get("purpose"):
            self.purposeless = fact
        if what.startswith("recording"):
            self.recordings += not what.startswith("recordings")  # which were only looked for
            stated = entry.get("purpose") and entry.get("task")
            if not stated or entry.get("role") not in MAY_LISTEN:
                self.overheard = fact
        if what == TO_CALLER:
            known = self._callers.get((str(entry.get("by")), _customer(entry.get("scope"))))
            if known is None or fact.at - known > CHECK_HOLDS:
                self.unverified = fact

    def _checked(self, fact: Fact) -> None:
        pair = (str(fact.entry.get("by")), _customer(fact.entry.get("customer")))
        if fact.entry.get("outcome") == "verified":
            self.verified += 1
            self._callers[pair] = fact.at
        else:
            self.turned_away += 1
            self._callers.pop(pair, None)

    def _closed(self, fact: Fact) -> None:
        ref = str(fact.entry["enquiry"])
        if fact.entry.get("left", 1):  # an entry that does not say so has not shown it
            self.left.begin(ref, fact.at)
        else:
            self.left.end(ref)
            self.erased += 1


def _customer(scope: object) -> str:
    """`acme` of `customer:acme`, and of `acme`."""
    return str(scope).removeprefix("customer:")
