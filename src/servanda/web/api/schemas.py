"""Shapes that several calls share."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from ninja import Schema


class Wrong(Schema):
    """Every error looks so. `next`: what to do about it."""

    error: str
    next: str | None = None


WRONG = dict.fromkeys((400, 401, 403, 404, 409, 422, 503), Wrong)
"""What any call may answer besides what it promises."""


class JobOut(Schema):
    """Work the server does. `told`: how far it is."""

    id: int
    kind: str
    about: str
    by: str
    state: str
    made_at: datetime
    started_at: datetime | None
    ended_at: datetime | None
    told: dict[str, Any]
    error: str
