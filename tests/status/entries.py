"""A small ledger of plain dicts, as `status` reads it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

DAY_S = 86_400
CONTROL = "activities.calls.retain"
PUBLIC = (
    "publish.current",
    "publish.archive",
    "publish.notices",
    "publish.acceptance",
    "publish.review",
    "publish.officer",
    "publish.complete",
    "publish.standards",
    "consent.banner",
    "consent.records",
    "consent.gate",
    "consent.unsubscribe",
    "intake.declared",
    "intake.sensitive",
    "intake.cards",
    "intake.age",
    "intake.sources",
)
CENSUSES: dict[str, dict[str, Any]] = {
    "publish.census": {
        "edition": 3,
        "digest": "a",
        "in_force": "a",
        "editions": 3,
        "damaged": 0,
        "untold": 0,
        "unpromised": 0,
        "review_due": "2027-01-01",
        "reviewed": "2026-01-01",
        "officer": True,
        "missing": {"GB": []},
        "standards": {"JM": {"1": ["RT-04"], "2": ["RT-06"]}},
        "served": True,
        "acceptance": True,
        "bound_without": 0,
    },
    "consent.census": {
        "records": 12,
        "people": 7,
        "up": ["banner", "choice", "preferences", "unsubscribe", "gate"],
        "asked": 4,
        "yes": 3,
        "no": {"consent": 1},
        "late": 0,
        "sites": {
            "www.example.test": {
                "reached": True,
                "tag": True,
                "first": True,
                "ungated": [],
                "at": "2027-01-01T00:00:00+00:00",
            }
        },
    },
    "intake.census": {
        "serves": True,
        "forms": {"contact": {"taken": 5, "refused": {"card": 2, "age": 1}}},
        "unsourced": 0,
        "children": 0,
    },
}
"""What is left on a day on which all is well."""


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
