"""For whom the terms of an edition count: asked by the gate for a purpose, and by the engine.

The danger: data used, or kept, under terms that somebody never accepted. What guards it: until
an edition binds its new terms count for nobody but who accepted it; where acceptance was promised,
that stays so; and what is not published at all counts for nobody.
Tests: tests/desk/editions/test_terms.py, test_retention.py.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from servanda.desk.editions.rows import Standing, compiled, standings
from servanda.ledger import history
from servanda.plan.older import Older
from servanda.policy.differing import new_purposes, still_bound
from servanda.policy.rules import Policy


@dataclass(frozen=True, slots=True)
class Terms:
    """What has to be accepted, as of one moment; for many questions at once."""

    standings: Sequence[Standing]
    now: datetime

    def needs(self, purpose: str, policy: Policy | None = None) -> int | None:
        """The edition that a person must have accepted, it or a later one, for this purpose; None:
        nothing has to be accepted. A number that is not published yet: nobody can have. `policy`:
        as it is written; what it frees and no edition says yet, is free for nobody."""
        if self._only_written(purpose, policy):
            return self.standings[-1].row.number + 1
        for each in reversed(self.standings):
            if purpose in each.row.terms and (each.row.asks or not each.bound(self.now)):
                return each.row.number
            if purpose in each.row.terms:
                return None
        return None

    def _only_written(self, purpose: str, policy: Policy | None) -> bool:
        """Whoever has not accepted what dropped a promise rests on it still: so any will do."""
        if not any(each.row.guarded for each in self.standings):
            return False
        if not any(purpose in each.row.purposes for each in self.standings):
            return True
        last = self.standings[-1].row
        if policy is None or policy.digest == last.digest:
            return False
        return purpose in new_purposes(compiled(last), policy)


def terms(now: datetime) -> Terms:
    return Terms(standings(), now)


def needs_acceptance(purpose: str, now: datetime, policy: Policy | None = None) -> int | None:
    """See `Terms.needs`."""
    return terms(now).needs(purpose, policy)


def older(now: datetime, policy: Policy | None = None) -> tuple[Older, ...]:
    """Limits of earlier editions that hold now for who has not accepted what raised them. `policy`:
    as it is written; what it raises and no edition says yet, binds nobody."""
    rows = [each for each in standings() if each.row.published_at <= now]
    return tuple(_older(rows, now, policy)) if rows else ()


def _older(rows: list[Standing], now: datetime, policy: Policy | None) -> Iterator[Older]:
    top = rows[-1].row.number
    for before, each in pairwise(rows):
        row = each.row
        raised = row.material and any(reason.startswith("ceiling:") for reason in row.computed)
        if raised and (row.asks or not each.bound(now)):
            free = tuple(str(n) for n in range(row.number, top + 1)) if row.asks else ()
            old, new = compiled(before.row), compiled(row)
            yield from _raised(old, new, row.number, free)
    last = rows[-1].row
    guarded = any(each.row.guarded for each in rows)  # whoever has not accepted rests on the old
    if policy is not None and guarded and last.digest != policy.digest:
        yield from _raised(compiled(last), policy, 0, ())


def _raised(old: Policy, new: Policy, number: int, free: tuple[str, ...]) -> Iterator[Older]:
    for activity in old.activities:
        after = new.activity(activity.id)
        there = _collections(old.digest, activity.id) if after is None else ()
        for ceiling in activity.retention.ceilings if activity.retention else ():
            if after is None or not still_bound(ceiling, after.retention):
                yield Older(activity.id, ceiling, number, free, there)


def _collections(digest: str, activity: str) -> tuple[str, ...]:
    """Where the data of an activity that is gone lay: a new name ends no promise."""
    for entry in history.newest("policy", 200):
        if entry.data["digest"] == digest:
            return tuple(entry.data["collections"].get(activity, ()))
    return ()
