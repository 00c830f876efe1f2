"""One request: read under a purpose, and what happens to it before it is decided."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.http import Http404, HttpRequest
from ninja import Router, Schema
from pydantic import Field

from servanda.desk.requests import RequestView, editing
from servanda.kernel.errors import UsageError
from servanda.runtime import hub
from servanda.web.api.auth import by, looked, scope
from servanda.web.api.once import once
from servanda.web.api.queue import Correction, Pair
from servanda.web.api.schemas import WRONG, In, Line, Number, StateOut, Text

router = Router(tags=["requests"])
ABOUT = "request:{ref}"


class RequestEventOut(Schema):
    kind: str
    on: date
    by: str
    note: str


class BouncedOut(Schema):
    kind: str
    code: str
    at: datetime


class RequestOut(Schema):
    """`because`: how the dates are counted. `readable`: false once its key is destroyed."""

    ref: str
    right: str
    state: str
    place: str
    tenant: str | None
    via: str
    received: date
    identities: list[tuple[str, str]]
    name: str
    text: str
    contact: str
    corrections: list[tuple[str, str]]
    purpose: str
    decision: str
    grounds: list[str]
    spare: list[tuple[str, str]]
    decided_by: str
    statutory_due: date | None
    safe_due: date | None
    due: date | None
    because: list[str]
    verified: bool
    waiting_for: str
    outcome: str
    child: str
    readable: bool
    closed_at: datetime | None
    events: list[RequestEventOut]
    bounced: list[BouncedOut]
    others: list[str]


class RequestEventIn(In):
    """`on`: the day it happened, today without it."""

    kind: Line
    on: date | None = None
    note: Text = ""


class RequestEditIn(In):
    """Only what is given is changed. New identities are to be verified anew."""

    right: Line | None = None
    place: Line | None = None
    identities: list[Pair] | None = Field(default=None, max_length=50)
    corrections: list[Correction] | None = Field(default=None, max_length=100)
    name: Line | None = None
    contact: Line | None = None
    text: Text | None = None
    purpose: Line | None = None


class RouteIn(In):
    tenant: Line


class RequestCloseIn(In):
    outcome: Line = "done"


class LiftIn(In):
    reason: Text


def there(ref: int) -> RequestView:
    """The request, or 404."""
    try:
        return hub.workspace().desk.get(str(ref))
    except UsageError:
        raise Http404("There is no such request.") from None


def now(ref: int) -> StateOut:
    """Where it stands after what was done."""
    view = there(ref)
    return StateOut(ref=view.ref, state=view.state)


@router.get(
    "/requests/{int:ref}", auth=scope("request", ABOUT), response={200: RequestOut, **WRONG}
)
def one(request: HttpRequest, ref: Number) -> Any:
    """All that is known of it. Other requests of the same person are in `others`."""
    view = there(ref)
    looked(request, "request shown")
    found = {name: getattr(view, name) for name in RequestOut.model_fields if name != "others"}
    return {**found, "others": hub.workspace().desk.others(view.ref)}


@router.post(
    "/requests/{int:ref}/events", auth=scope("request", ABOUT), response={200: StateOut, **WRONG}
)
@once
def event(request: HttpRequest, ref: Number, told: RequestEventIn) -> Any:
    """Something happened: a call, a letter, a question that was asked or answered."""
    desk = hub.workspace().desk
    view = there(ref)
    desk.event(view.ref, told.kind, told.on or desk.book.today(), by(request), told.note)
    return now(ref)


@router.post(
    "/requests/{int:ref}/edit", auth=scope("request", ABOUT), response={200: StateOut, **WRONG}
)
@once
def edit(request: HttpRequest, ref: Number, told: RequestEditIn) -> Any:
    """Set right what was taken down wrong, before it is decided."""
    view = there(ref)
    pairs = None if told.identities is None else [(e.kind, e.value) for e in told.identities]
    fixes = None if told.corrections is None else [(e.field, e.value) for e in told.corrections]
    editing.edit(
        hub.workspace().desk.book,
        view.ref,
        by=by(request),
        right=told.right,
        place=told.place,
        identities=pairs,
        corrections=fixes,
        **{name: getattr(told, name) for name in editing.TEXTS},
    )
    return now(ref)


@router.post(
    "/requests/{int:ref}/route", auth=scope("request", ABOUT), response={200: StateOut, **WRONG}
)
@once
def route(request: HttpRequest, ref: Number, told: RouteIn) -> Any:
    """It is a customer's to answer."""
    hub.workspace().desk.route(there(ref).ref, told.tenant, by=by(request))
    return now(ref)


@router.post(
    "/requests/{int:ref}/close", auth=scope("request", ABOUT), response={200: StateOut, **WRONG}
)
@once
def close(request: HttpRequest, ref: Number, told: RequestCloseIn) -> Any:
    """It is over. From now on the time runs after which it is forgotten."""
    hub.workspace().desk.close(there(ref).ref, told.outcome.strip() or "done", by=by(request))
    return now(ref)


@router.post(
    "/requests/{int:ref}/cancel", auth=scope("request", ABOUT), response={200: StateOut, **WRONG}
)
@once
def cancel(request: HttpRequest, ref: Number) -> Any:
    """The person takes it back."""
    hub.workspace().desk.cancel(there(ref).ref, by=by(request))
    return now(ref)


@router.post(
    "/requests/{int:ref}/lift", auth=scope("request", ABOUT), response={200: StateOut, **WRONG}
)
@once
def lift(request: HttpRequest, ref: Number, told: LiftIn) -> Any:
    """End a restriction."""
    hub.workspace().desk.lift(there(ref).ref, by=by(request), reason=told.reason)
    return now(ref)
