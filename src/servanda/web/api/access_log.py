"""Who read what of people's data, for what purpose, and what was refused. Nothing of those read."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpRequest
from ninja import Router, Schema

from servanda.desk import access
from servanda.web.api.auth import scope
from servanda.web.api.schemas import WRONG, Asked, Limit, Place

router = Router(tags=["access"])


class ReadOut(Schema):
    """`refused`: why; blank where it was allowed. `entry`: its place in the ledger."""

    id: int
    at: datetime
    by: str
    role: str
    purpose: str
    scope: str
    what: str
    refused: str
    entry: int | None


@router.get("/access-log", auth=scope("access_log"), response={200: list[ReadOut], **WRONG})
def listed(
    request: HttpRequest,
    by: Asked = "",
    scope: Asked = "",
    refused: bool = False,
    before: Place = None,
    limit: Limit = 50,
) -> Any:
    """The newest first: by a member (`member 7`) or token, of a scope (`request:12`)."""
    return access.log(scope=scope, by=by, refused=refused, before=before, limit=limit)
