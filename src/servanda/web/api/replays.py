"""Replays: what had come back with a restore, and was taken out again. Counts alone."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpRequest
from ninja import Router, Schema

from servanda.ledger import search
from servanda.web.api.auth import scope
from servanda.web.api.schemas import WRONG, Limit

router = Router(tags=["evidence"])


class ReplayOut(Schema):
    """`since`: when the backup was made. `clean`: all of it is gone again, everywhere."""

    index: int
    at: datetime
    since: datetime
    stores: list[str]
    found: int
    left: int
    doubtful: int
    unreachable: list[str]
    clean: bool


@router.get("/replays", auth=scope("evidence"), response={200: list[ReplayOut], **WRONG})
def listed(request: HttpRequest, limit: Limit = 50) -> Any:
    """The newest first."""
    found = []
    for entry in search.newest(("replay",), limit):
        told = entry.data
        clean = not told["left"] and not told["unreachable"]
        found.append({**told, "index": entry.index, "at": entry.at, "clean": clean})
    return found
