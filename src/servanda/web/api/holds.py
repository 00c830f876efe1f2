"""Legal holds: that there are some; and, under a purpose, whom they are about, set and released."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import Http404, HttpRequest
from ninja import Router, Schema, Status
from pydantic import Field

from servanda.desk import holds
from servanda.kernel.errors import UsageError
from servanda.runtime import holding, hub
from servanda.web.api.auth import by, looked, scope
from servanda.web.api.once import once
from servanda.web.api.queue import Pair
from servanda.web.api.schemas import WRONG, Asked, In, Limit, Line, Text, standing_in_the_way

router = Router(tags=["holds"])
ABOUT = "holds"


class HoldLineOut(Schema):
    """`origin`: what it came from, such as `request 12`."""

    id: str
    kind: str
    collection: str
    origin: str
    by: str
    added_at: datetime
    released_at: datetime | None
    released_by: str


class CoversOut(Schema):
    """Records by collection now. `unreachable`: stores of which it is not known."""

    counts: dict[str, int]
    unreachable: list[str]
    problem: str


class HoldOut(Schema):
    id: str
    kind: str
    identities: list[tuple[str, str]]
    collection: str
    key: list[str]
    conditions: list[str]
    origin: str
    reason: str
    by: str
    added_at: datetime
    released_at: datetime | None
    released_by: str
    covers: CoversOut | None


class HoldIn(In):
    """A person by `identities`, or one record of `collection` by `key`, or its records for which
    all of `where` are true (`status = open`). Exactly one of the three."""

    reason: Text
    identities: list[Pair] = Field(default=[], max_length=50)
    collection: Line = ""
    key: list[Line] = Field(default=[], max_length=20)
    where: list[Line] = Field(default=[], max_length=50)


class ReasonIn(In):
    reason: Text


class HoldMadeOut(Schema):
    id: str


@router.get("/holds", auth=scope("holds"), response={200: list[HoldLineOut], **WRONG})
def listed(
    request: HttpRequest, released: bool = False, after: Asked = "", limit: Limit = 50
) -> Any:
    """Those in force, or those released, the newest first; `after`: from below that one on."""
    return holds.overview(released=released, after=after, limit=limit)


@router.post("/holds", auth=scope("hold", ABOUT), response={201: HoldMadeOut, **WRONG})
@once
def add(request: HttpRequest, told: HoldIn) -> Any:
    """From now on what it covers is neither deleted nor changed."""
    wanted = holding.Wanted(
        tuple((each.kind, each.value) for each in told.identities),
        told.collection,
        tuple(told.key),
        tuple(told.where),
    )
    id_ = holding.add(hub.workspace(), wanted, reason=told.reason, by=by(request))
    return Status(201, HoldMadeOut(id=id_))


@router.get("/holds/{slug:id}", auth=scope("hold", ABOUT), response={200: HoldOut, **WRONG})
def one(request: HttpRequest, id: str) -> Any:
    """Whom or what it is about, why, and how much it covers now."""
    workspace, view = hub.workspace(), _there(id)
    looked(request, f"hold {view.spec.id}")
    covers = None
    if view.released_at is None:
        covers = holding.covered(workspace, view.spec.id)
    spec = view.spec
    return {
        "id": spec.id,
        "kind": spec.kind,
        "identities": spec.identities,
        "collection": spec.collection or "",
        "key": [str(part) for part in spec.key],
        "conditions": holding.conditions(spec.predicate),
        "origin": spec.origin,
        "reason": view.reason,
        "by": view.by,
        "added_at": view.added_at,
        "released_at": view.released_at,
        "released_by": view.released_by,
        "covers": covers,
    }


@router.post(
    "/holds/{slug:id}/release", auth=scope("hold", ABOUT), response={200: HoldMadeOut, **WRONG}
)
@once
def release(request: HttpRequest, id: str, told: ReasonIn) -> Any:
    """End it. 409 where it ended already, or restricts what a request asked for."""
    found = _there(id).spec.id
    with standing_in_the_way():
        holds.release(found, by=by(request), reason=told.reason)
    return HoldMadeOut(id=found)


def _there(id_: str) -> holds.HoldView:
    try:
        return holds.one(hub.workspace().master, id_)
    except UsageError:
        raise Http404("There is no such hold.") from None
