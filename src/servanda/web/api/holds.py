"""Legal holds: that there are some; and, under a purpose, whom they are about, set and released."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Any

from django.http import Http404, HttpRequest
from ninja import Router, Schema, Status
from pydantic import Field

from servanda.desk import holds
from servanda.kernel.errors import UsageError
from servanda.runtime import holdgaps, holding, hub
from servanda.web.api.auth import by, looked, scope
from servanda.web.api.once import once
from servanda.web.api.queue import Pair
from servanda.web.api.schemas import WRONG, Asked, In, Limit, Line, Text, standing_in_the_way

router = Router(tags=["holds"])
ABOUT = "holds"


class GapOut(Schema):
    """Collections that a hold on a person cannot search by the identities it has. `kinds`: by
    which they know people. `linked`: only what hangs on other records of the person is held."""

    collections: list[str]
    kinds: list[str]
    linked: bool
    what: str
    remedy: str


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
    not_searched: list[GapOut]


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
    not_searched: list[GapOut]


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


class HoldSetOut(Schema):
    id: str
    not_searched: list[GapOut]


@router.get("/holds", auth=scope("holds"), response={200: list[HoldLineOut], **WRONG})
def listed(
    request: HttpRequest, released: bool = False, after: Asked = "", limit: Limit = 50
) -> Any:
    """Those in force, or those released, the newest first; `after`: from below that one on."""
    lines = holds.overview(released=released, after=after, limit=limit)
    workspace = hub.workspace()
    kinds = {} if released else holds.kinds(workspace.master, [line.id for line in lines])
    return [
        {**asdict(line), "not_searched": holdgaps.gaps(workspace, kinds.get(line.id, ()))}
        for line in lines
    ]


@router.post("/holds", auth=scope("hold", ABOUT), response={201: HoldSetOut, **WRONG})
@once
def add(request: HttpRequest, told: HoldIn) -> Any:
    """From now on what it covers is neither deleted nor changed. `not_searched` says where it
    cannot look, and what to add."""
    wanted = holding.Wanted(
        tuple((each.kind, each.value) for each in told.identities),
        told.collection,
        tuple(told.key),
        tuple(told.where),
    )
    workspace = hub.workspace()
    id_ = holding.add(workspace, wanted, reason=told.reason, by=by(request))
    found = holdgaps.gaps(workspace, dict(wanted.identities))
    return Status(201, HoldSetOut(id=id_, not_searched=[_gap(each) for each in found]))


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
        "not_searched": holdgaps.gaps(workspace, dict(spec.identities)) if covers else [],
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


def _gap(found: holdgaps.Gap) -> GapOut:
    return GapOut(
        collections=list(found.collections),
        kinds=list(found.kinds),
        linked=found.linked,
        what=found.what,
        remedy=found.remedy,
    )


def _there(id_: str) -> holds.HoldView:
    try:
        return holds.one(hub.workspace().master, id_)
    except UsageError:
        raise Http404("There is no such hold.") from None
