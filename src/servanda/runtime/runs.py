"""Runs for people to read: what was done, by whom, what was counted afterwards, and where the
evidence of it stands in the ledger. Nothing here grows with the rows of a store."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db.models import Count, Sum

from servanda.kernel.errors import UsageError
from servanda.ledger import history
from servanda.state.connection import guard
from servanda.state.models import Leaf, Run

_KINDS = ("run.started", "recount", "residue", "run.ended")
_LATER = timedelta(minutes=1)  # the ledger's time never runs back, so it may be ahead
_SLACK = timedelta(seconds=1)
_MOST = 5_000  # entries that are looked through


@dataclass(frozen=True, slots=True)
class Line:
    id: str
    plan: str
    state: str
    by: str
    started_at: datetime
    ended_at: datetime | None
    records: int
    left: int
    steps: int


@dataclass(frozen=True, slots=True)
class Detail:
    """`windows`: how many are in which state. `entries`: (index, kind) in the ledger."""

    line: Line
    steps: Sequence[Any]
    windows: Mapping[str, int]
    recounts: Sequence[Mapping[str, Any]] = ()
    residues: Sequence[Mapping[str, Any]] = ()
    unreachable: Sequence[str] = ()
    entries: Sequence[tuple[int, str]] = field(default_factory=tuple)


def listed(*, before: str = "", limit: int = 50) -> list[Line]:
    """The newest first. Ids begin with the moment, so they sort by it."""
    rows = Run.objects.defer("plan").order_by("-id")
    if before:
        rows = rows.filter(id__lt=before)
    counted = rows.annotate(
        records=Sum("steps__records"), over=Sum("steps__left"), n=Count("steps")
    )
    with guard():
        return [_line(each) for each in counted[:limit]]


def get(id_: str) -> Detail:
    """One run. UsageError where there is none."""
    with guard():
        rows = Run.objects.defer("plan").filter(id=id_)
        row = rows.annotate(
            records=Sum("steps__records"), over=Sum("steps__left"), n=Count("steps")
        ).first()
        if row is None:
            raise UsageError("there is no such run", "see the list of runs")
        steps = list(row.steps.order_by("number"))
        states = row.windows.order_by().values_list("state").annotate(Count("id"))
        windows = dict(states)
    entries = _entries(row)
    ended = [data for _, kind, data in entries if kind == "run.ended"]
    return Detail(
        _line(row),
        steps,
        windows,
        [data for _, kind, data in entries if kind == "recount"],
        [data for _, kind, data in entries if kind == "residue"],
        ended[-1].get("unreachable", ()) if ended else (),
        [(index, kind) for index, kind, _ in entries],
    )


def _entries(run: Run) -> list[tuple[int, str, Mapping[str, Any]]]:
    """What the ledger says of the run besides its windows. Looked for only in its own time, which
    both ends of are found by an index: a ledger is long."""
    first = history.size_at(run.started_at - _SLACK)
    end = history.size_at((run.ended_at or datetime.now(UTC)) + _LATER)
    leaves = Leaf.objects.filter(kind__in=_KINDS, index__gte=first, index__lt=end)
    with guard():
        rows = list(leaves.order_by("index").values_list("index", "kind", "entry")[:_MOST])
    found = ((index, kind, json.loads(bytes(entry))) for index, kind, entry in rows)
    return [each for each in found if each[2].get("run") == run.id]


def _line(row: Any) -> Line:
    return Line(
        row.id,
        row.plan_digest,
        "paused" if row.state == "interrupted" else row.state,
        row.by,
        row.started_at,
        row.ended_at,
        row.records or 0,
        row.over or 0,
        row.n,
    )
