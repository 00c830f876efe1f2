"""Runs: what was done, by whom, what a second count found, and where the evidence stands."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import Http404, HttpRequest
from ninja import Router, Schema

from servanda.kernel.errors import UsageError
from servanda.runtime import runs
from servanda.web.api.auth import scope
from servanda.web.api.schemas import WRONG, Asked, Limit

router = Router(tags=["plans"])


class RunOut(Schema):
    """`records`: truly deleted or changed. `left`: should have gone, and could not."""

    id: str
    plan: str
    state: str
    by: str
    started_at: datetime
    ended_at: datetime | None
    records: int
    left: int
    steps: int


class StepOut(Schema):
    step_id: str
    collection: str
    action: str
    planned: int
    records: int
    left: int
    state: str
    message: str


class RunEntryOut(Schema):
    index: int
    kind: str


class RunDetailOut(Schema):
    """`recounts` and `residues`: as they stand in the ledger. `entries`: their places there."""

    run: RunOut
    steps: list[StepOut]
    windows: dict[str, int]
    recounts: list[dict[str, Any]]
    residues: list[dict[str, Any]]
    unreachable: list[str]
    entries: list[RunEntryOut]


@router.get("/runs", auth=scope("plans"), response={200: list[RunOut], **WRONG})
def listed(request: HttpRequest, before: Asked = "", limit: Limit = 50) -> Any:
    """The newest first; `before`: older than the one with that id."""
    return runs.listed(before=before, limit=limit)


@router.get("/runs/{str:run}", auth=scope("plans"), response={200: RunDetailOut, **WRONG})
def one(request: HttpRequest, run: str) -> Any:
    """Step by step, with the second counts."""
    try:
        found = runs.get(run[:64])
    except UsageError:
        raise Http404("There is no such run.") from None
    return {
        "run": found.line,
        "steps": found.steps,
        "windows": found.windows,
        "recounts": found.recounts,
        "residues": found.residues,
        "unreachable": found.unreachable,
        "entries": [{"index": index, "kind": kind} for index, kind in found.entries],
    }
