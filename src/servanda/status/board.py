"""The board: one row per promise, broken first, as of any moment."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from servanda.status import chronicle
from servanda.status.chronicle import Chronicle, Step
from servanda.status.facts import Entry
from servanda.status.verdict import Check, Verdict, worst

STRIP_DAYS = 90


@dataclass(frozen=True, slots=True)
class Row:
    """One promise. `strip`: its verdict at the end of each of the last 90 days, oldest first,
    None before the promise was declared. `history`: every change of verdict, newest first."""

    id: str
    says: str
    section: str
    owner: str  # who answers for it, by job; empty where the policy does not say
    verdict: Verdict
    checks: tuple[Check, ...]
    at: datetime | None
    due: datetime | None
    strip: tuple[Verdict | None, ...]
    history: tuple[tuple[datetime, Verdict], ...]


@dataclass(frozen=True, slots=True)
class Board:
    organisation: str
    as_of: datetime
    rows: tuple[Row, ...]

    @property
    def counts(self) -> dict[Verdict, int]:
        found = Counter(row.verdict for row in self.rows)
        return {verdict: found[verdict] for verdict in Verdict if found[verdict]}

    @property
    def sentence(self) -> str:
        """`2 broken, 3 unproven, 31 kept, 84 not yet built`."""
        return ", ".join(f"{n} {verdict}" for verdict, n in self.counts.items()) or "no promises"

    @property
    def broken(self) -> bool:
        return any(row.verdict is Verdict.BROKEN for row in self.rows)


def board(entries: Iterable[tuple[int, Entry]], as_of: datetime) -> Board:
    """Judge every promise declared at `as_of` by the evidence made until then."""
    found = Chronicle()
    for index, entry in entries:
        at = datetime.fromisoformat(entry["at"])
        if at <= as_of:
            found.add(index, entry, at)
    return of(found, as_of)


def of(found: Chronicle, as_of: datetime) -> Board:
    """The board of a ledger that was read already, `as_of` any moment after its newest entry."""
    policy = found.evidence.policy
    if policy is None:
        return Board("", as_of, ())
    checks = {control: found.check(control, as_of) for control in found.controls}
    steps = found.steps(as_of)
    days = [as_of - timedelta(days=back) for back in range(STRIP_DAYS - 1, -1, -1)]
    rows = [
        _row(promise, [c for each in promise["kept_by"] for c in checks[each]], steps, days)
        for promise in policy.entry["promises"]
    ]
    rows.sort(key=lambda row: row.verdict.rank)  # stable: the policy's own order within
    return Board(policy.entry["organisation"], as_of, tuple(rows))


def _row(
    promise: Entry, checks: list[Check], steps: dict[str, list[Step]], days: list[datetime]
) -> Row:
    own = steps.get(promise["id"], [])
    return Row(
        id=promise["id"],
        says=promise["says"],
        section=promise["section"],
        owner=promise.get("owner", ""),
        verdict=Verdict.PLANNED if promise["planned"] else worst(checks),
        checks=tuple(sorted(checks, key=lambda check: check.verdict.rank)),
        at=min((check.at for check in checks if check.at), default=None),
        due=min((check.due for check in checks if check.due), default=None),
        strip=tuple(chronicle.at(own, day) for day in days),
        history=chronicle.history(own),
    )


def to_data(found: Board) -> dict[str, Any]:
    """JSON-able, for `status --json`."""
    return {
        "organisation": found.organisation,
        "as_of": _iso(found.as_of),
        "summary": {str(verdict): n for verdict, n in found.counts.items()},
        "promises": [
            {
                "id": row.id,
                "says": row.says,
                "section": row.section,
                "owner": row.owner,
                "verdict": str(row.verdict),
                "evidence_at": _iso(row.at),
                "next_due": _iso(row.due),
                "checks": [
                    {
                        "control": check.control,
                        "subject": check.subject,
                        "verdict": str(check.verdict),
                        "why": check.why,
                        "evidence_at": _iso(check.at),
                        "ledger_entry": check.entry,
                    }
                    for check in row.checks
                ],
                "history": [
                    {"since": _iso(since), "verdict": str(verdict)}
                    for since, verdict in row.history
                ],
            }
            for row in found.rows
        ],
    }


def _iso(moment: datetime | None) -> str | None:
    return moment.astimezone(UTC).isoformat(timespec="seconds") if moment else None
