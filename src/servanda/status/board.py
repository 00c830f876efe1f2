"""The board: one row per promise, broken first, as of any moment."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from servanda.status.checks import checker
from servanda.status.evidence import Entry, Evidence, Fact, gather
from servanda.status.verdict import Check, Verdict, worst

STRIP_DAYS = 90


@dataclass(frozen=True, slots=True)
class Row:
    """One promise. `strip`: its verdict at the end of each of the last 90 days, oldest first,
    None before the promise was declared. `history`: every change of verdict, newest first."""

    id: str
    says: str
    section: str
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
    evidence = gather(entries)
    policy = evidence.policy.latest(as_of)
    if policy is None:
        return Board("", as_of, ())
    judge = _Judge(evidence)
    rows = [_row(judge, policy, promise, as_of) for promise in policy.entry["promises"]]
    rows.sort(key=lambda row: row.verdict.rank)  # stable: the policy's own order within
    return Board(policy.entry["organisation"], as_of, tuple(rows))


class _Judge:
    """Judges promises at any moment. Promises share controls, so each control is judged once a
    moment: a year of daily runs over a hundred promises stays a matter of a second."""

    def __init__(self, evidence: Evidence) -> None:
        self.evidence = evidence
        self._done: dict[tuple[str, datetime], list[Check]] = {}
        stops = sorted(set(evidence.moments))
        silent = {m + evidence.heartbeat(m) + timedelta(seconds=1) for m in stops}
        ends = evidence.requests.ends()  # a request's day has passed
        self.stops = sorted(silent.union(stops, ends))  # a verdict can change at these moments only

    def checks(self, policy: Entry, promise: Entry, moment: datetime) -> list[Check]:
        found: list[Check] = []
        for control in promise["kept_by"]:
            key = (control, moment)
            if key not in self._done:
                self._done[key] = self._check(control, policy, moment)
            found.extend(self._done[key])
        return found

    def _check(self, control: str, policy: Entry, moment: datetime) -> list[Check]:
        judge = checker(control)
        if judge is None:
            why = "this version does not know the control"
            return [Check(control, control, Verdict.UNPROVEN, why)]
        return judge(self.evidence, control, policy, moment)

    def verdict(self, id_: str, moment: datetime) -> Verdict | None:
        """By the policy in force then; None where that policy did not make the promise."""
        policy = self.evidence.policy.latest(moment)
        if policy is None:
            return None
        promise = next((p for p in policy.entry["promises"] if p["id"] == id_), None)
        if promise is None:
            return None
        return _verdict(promise, self.checks(policy.entry, promise, moment))


def _row(judge: _Judge, policy: Fact, promise: Entry, as_of: datetime) -> Row:
    checks = judge.checks(policy.entry, promise, as_of)
    ages = [check.at for check in checks if check.at]
    dues = [check.due for check in checks if check.due]
    days = (as_of - timedelta(days=back) for back in range(STRIP_DAYS - 1, -1, -1))
    return Row(
        id=promise["id"],
        says=promise["says"],
        section=promise["section"],
        verdict=_verdict(promise, checks),
        checks=tuple(sorted(checks, key=lambda check: check.verdict.rank)),
        at=min(ages, default=None),
        due=min(dues, default=None),
        strip=tuple(judge.verdict(promise["id"], day) for day in days),
        history=_history(judge, promise["id"], as_of),
    )


def _verdict(promise: Entry, checks: list[Check]) -> Verdict:
    return Verdict.PLANNED if promise["planned"] else worst(checks)


def _history(judge: _Judge, id_: str, as_of: datetime) -> tuple[tuple[datetime, Verdict], ...]:
    changes: list[tuple[datetime, Verdict]] = []
    for moment in judge.stops:
        if moment > as_of:
            break
        verdict = judge.verdict(id_, moment)
        if verdict is not None and (not changes or changes[-1][1] is not verdict):
            changes.append((moment, verdict))
    return tuple(reversed(changes))


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
