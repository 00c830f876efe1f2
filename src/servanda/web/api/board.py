"""The board: a verdict for every promise."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django.http import HttpRequest
from ninja import Router, Schema

from servanda.runtime import boards, hub
from servanda.status.board import to_data
from servanda.web.api.auth import scope
from servanda.web.api.schemas import WRONG, with_offset

router = Router(tags=["board"])


class CheckOut(Schema):
    control: str
    subject: str
    verdict: str
    why: str
    evidence_at: datetime | None
    ledger_entry: int | None


class SinceOut(Schema):
    since: datetime
    verdict: str


class PromiseOut(Schema):
    id: str
    says: str
    section: str
    verdict: str
    evidence_at: datetime | None
    next_due: datetime | None
    checks: list[CheckOut]
    history: list[SinceOut]


class BoardOut(Schema):
    organisation: str
    as_of: datetime
    summary: dict[str, int]
    promises: list[PromiseOut]


@router.get("/board", auth=scope("board"), response={200: BoardOut, **WRONG})
def board(request: HttpRequest, as_of: datetime | None = None) -> Any:
    """Broken promises first. `as_of`: as it was at that moment, with its offset."""
    moment = None if as_of is None else with_offset(as_of)
    if moment is None or moment >= datetime.now(UTC):
        return to_data(boards.latest(hub.workspace()))
    return to_data(boards.on(hub.workspace(), moment))
