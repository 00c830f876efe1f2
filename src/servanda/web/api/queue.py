"""The queue of requests: dates, rights and states, and nothing of a person; and new ones."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Query, Router, Schema, Status
from pydantic import Field

from servanda.desk.requests import queue
from servanda.runtime import hub
from servanda.web.api.auth import by, scope
from servanda.web.api.once import once
from servanda.web.api.schemas import WRONG, Asked, In, Limit, Line, StateOut, Text

router = Router(tags=["requests"])


class RequestLineOut(Schema):
    """`safe_due`: the cautious date; `due`: what binds."""

    ref: str
    right: str
    state: str
    waiting_for: str
    place: str
    tenant: str | None
    via: str
    received: date
    statutory_due: date | None
    safe_due: date | None
    due: date | None
    verified: bool
    decision: str


class QueueOut(Schema):
    """The soonest first. `after`: where it goes on; blank at the end."""

    requests: list[RequestLineOut]
    after: str


class QueueCountsOut(Schema):
    open: int
    overdue: int
    soon: int
    states: dict[str, int]


class Pair(In):
    """`kind`: `email`, `phone`, or another that stores.yaml names."""

    kind: Line
    value: Line


class Correction(In):
    """`field`: a category of data, or `store.collection.field`."""

    field: Line
    value: Line


class NewIn(In):
    """`received`: the day it arrived, today without it. `place`: where the person lives."""

    right: Line
    identities: list[Pair] = Field(max_length=50)
    via: Line = "staff"
    received: date | None = None
    place: Line | None = None
    tenant: Line | None = None
    name: Line = ""
    contact: Line = ""
    text: Text = ""
    corrections: list[Correction] = Field(default=[], max_length=100)
    purpose: Line = ""
    born: date | None = None
    age: Annotated[int, Field(ge=0, le=130)] | None = None
    parent_consents: bool = False


@router.get("/requests", auth=scope("requests"), response={200: QueueOut, **WRONG})
def listed(
    request: HttpRequest,
    state: Asked = "",
    right: Asked = "",
    tenant: Asked = "",
    overdue: bool = False,
    everything: Annotated[bool, Query(description="those that are over, too")] = False,
    after: Asked = "",
    limit: Limit = 50,
) -> Any:
    """Those that are open, by the cautious date."""
    today = hub.workspace().desk.book.today()
    wanted = queue.Wanted(state, right, tenant, overdue, everything)
    lines, more = queue.page(wanted, today, after=after, limit=limit)
    return {"requests": lines, "after": more}


@router.get("/requests/counts", auth=scope("requests"), response={200: QueueCountsOut, **WRONG})
def counts(request: HttpRequest, tenant: Asked = "") -> Any:
    """How many there are, and how many are late."""
    return queue.counts(hub.workspace().desk.book.today(), tenant)


@router.post("/requests", auth=scope("request", "requests"), response={201: StateOut, **WRONG})
@once
def new(request: HttpRequest, told: NewIn) -> Any:
    """Take a request in."""
    desk = hub.workspace().desk
    ref = desk.new(
        told.right,
        [(each.kind, each.value) for each in told.identities],
        received=told.received or desk.book.today(),
        via=told.via,
        place=told.place or None,
        tenant=told.tenant or None,
        name=told.name,
        contact=told.contact,
        text=told.text,
        corrections=[(each.field, each.value) for each in told.corrections],
        purpose=told.purpose,
        born=told.born,
        age=told.age,
        parent_consents=told.parent_consents,
        by=by(request),
    )
    return Status(201, StateOut(ref=ref, state=desk.get(ref).state))
