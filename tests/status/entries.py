"""A small ledger of plain dicts, as `status` reads it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

DAY_S = 86_400
CONTROL = "activities.calls.retain"


class Ledger:
    """Entries in order; `at` may be given as a date or a datetime."""

    def __init__(self) -> None:
        self.entries: list[tuple[int, dict[str, Any]]] = []

    def add(self, kind: str, at: str, **body: Any) -> None:
        moment = datetime.fromisoformat(at if "T" in at else f"{at}T02:00:00+00:00")
        entry = {"v": 1, "kind": kind, "at": moment.isoformat(), **body}
        self.entries.append((len(self.entries), entry))

    def policy(self, at: str, *promises: dict[str, Any], **changes: Any) -> None:
        body: dict[str, Any] = {
            "digest": "p",
            "mapping": "m",
            "organisation": "Sample",
            "heartbeat_s": 2 * DAY_S,
            "promises": list(promises) or [promise("P-1", CONTROL)],
            "collections": {"calls": ["pbx.cdr", "recordings.wav"]},
            "stores": ["pbx", "recordings"],
        }
        self.add("policy", at, **{**body, **changes})

    def recount(self, at: str, collection: str, overdue: int = 0, **body: Any) -> None:
        counts = {"suspended": 0, "total": 3, "unstarted": 0, "run": "r", "reader": "recount"}
        self.add("recount", at, collection=collection, overdue=overdue, **{**counts, **body})

    def sweep(self, at: str, **overdue: int) -> None:
        """A clean recount of both collections, unless told otherwise (`cdr=2`)."""
        self.recount(at, "pbx.cdr", overdue.get("cdr", 0))
        self.recount(at, "recordings.wav", overdue.get("wav", 0))


def promise(id_: str, *kept_by: str, planned: bool = False) -> dict[str, Any]:
    return {
        "id": id_,
        "says": f"We promise {id_}.",
        "section": "retention",
        "kept_by": list(kept_by),
        "planned": planned,
        "how": "enforced",
    }


def day(text: str) -> datetime:
    return datetime.fromisoformat(f"{text}T12:00:00+00:00")
