"""The decision on a request, and the deed: what would go, and the job that does it.

The danger: more goes than the caller believes. What guards it: `act` takes the exact number that
`preview` told, and the job does nothing where it has become another. Tests:
tests/web/api/test_requests.py.
"""

from __future__ import annotations

from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Router, Schema, Status
from pydantic import Field

from servanda.runtime import deeds, hub
from servanda.web.api.auth import by, looked, scope
from servanda.web.api.once import once
from servanda.web.api.requests import ABOUT, now, there
from servanda.web.api.schemas import (
    WRONG,
    In,
    JobOut,
    Line,
    Number,
    StateOut,
    standing_in_the_way,
)

router = Router(tags=["requests"])


class GroundsOut(Schema):
    """On what it may be refused, in words, by id."""

    grounds: dict[str, str]


class Kept(In):
    activity: Line
    ground: Line


class DecideIn(In):
    """`decision`: act, part or refuse. `grounds`: of a refusal. `keep`: what a part keeps."""

    decision: Line
    grounds: list[Line] = Field(default=[], max_length=50)
    keep: list[Kept] = Field(default=[], max_length=200)


class PreviewLineOut(Schema):
    collection: str
    says: str
    count: int
    stays: bool


class PreviewStoreOut(Schema):
    store: str
    lines: list[PreviewLineOut]


class SilentOut(Schema):
    store: str
    why: str


class PreviewOut(Schema):
    """`count`: how many records would be touched; `act` wants it as `expect`."""

    count: int
    deletes: int
    stores: list[PreviewStoreOut]
    silent: list[SilentOut]
    unclear: bool
    nothing: bool


class ActIn(In):
    expect: Annotated[int, Field(ge=0, le=2**63 - 1)]


@router.get(
    "/requests/{int:ref}/grounds", auth=scope("decide", ABOUT), response={200: GroundsOut, **WRONG}
)
def grounds(request: HttpRequest, ref: Number) -> Any:
    """On what this request may be refused, by the law of the place."""
    view = there(ref)
    looked(request, "grounds of a request shown")
    return {"grounds": hub.workspace().desk.grounds(view.ref)}


@router.post(
    "/requests/{int:ref}/decide", auth=scope("decide", ABOUT), response={200: StateOut, **WRONG}
)
@once
def decide(request: HttpRequest, ref: Number, told: DecideIn) -> Any:
    """Act, act in part, or refuse."""
    keep = [(each.activity, each.ground) for each in told.keep]
    desk = hub.workspace().desk
    desk.decide(there(ref).ref, told.decision, told.grounds, keep, by=by(request))
    return now(ref)


@router.get(
    "/requests/{int:ref}/preview", auth=scope("decide", ABOUT), response={200: PreviewOut, **WRONG}
)
def preview(request: HttpRequest, ref: Number) -> Any:
    """What acting would do now, store by store. Changes nothing."""
    view = there(ref)
    looked(request, "what acting would do shown")
    with standing_in_the_way():
        found = deeds.preview(hub.workspace(), view)
    return {
        "count": found.count,
        "deletes": found.deletes,
        "stores": found.stores,
        "silent": [{"store": store, "why": why} for store, why in found.silent],
        "unclear": found.unclear,
        "nothing": found.nothing,
    }


@router.post(
    "/requests/{int:ref}/act", auth=scope("decide", ABOUT), response={202: JobOut, **WRONG}
)
@once
def act(request: HttpRequest, ref: Number, told: ActIn) -> Any:
    """Do what was decided. 409 where somebody else must (four eyes), or nothing is decided."""
    view = there(ref)
    with standing_in_the_way():
        job = deeds.ask(hub.workspace(), view.ref, told.expect, by=by(request))
    return Status(202, JobOut.from_orm(job))
