"""Incidents: put down, looked into, closed; and until when an authority must be told."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import Http404, HttpRequest
from ninja import Router, Schema, Status

from servanda.desk import incidents
from servanda.desk.breaches import clocks
from servanda.kernel.errors import UsageError
from servanda.runtime import hub
from servanda.web.api.auth import by, scope
from servanda.web.api.once import once
from servanda.web.api.schemas import WRONG, In, Limit, Line, Number, Place, Text, with_offset

router = Router(tags=["incidents"])


class IncidentOut(Schema):
    """`personal`: whether people's data is affected. `answered_at`: somebody looks into it."""

    id: int
    kind: str
    severity: str
    personal: bool
    noticed_at: datetime
    opened_at: datetime
    by: str
    summary: str
    answered_at: datetime | None
    notified_at: datetime | None
    closed_at: datetime | None
    outcome: str


class DueOut(Schema):
    """`safe`: act by then. `latest`: what the law allows at most."""

    place: str
    safe: datetime
    latest: datetime
    source: str
    verified: bool


class IncidentEventOut(Schema):
    kind: str
    at: datetime
    by: str
    note: str


class IncidentDetailOut(IncidentOut):
    events: list[IncidentEventOut]
    dues: list[DueOut]


class IncidentIn(In):
    """`noticed_at`: without an offset it is meant where the organisation is."""

    kind: Line
    severity: Line
    personal: bool
    noticed_at: datetime
    summary: Text


class IncidentEventIn(In):
    """`event`: investigating, contained, notified or note."""

    event: Line
    note: Text = ""


class IncidentCloseIn(In):
    """`outcome`: resolved, false_alarm or accepted."""

    outcome: Line
    note: Text


class IncidentNumberOut(Schema):
    id: int


def _shown(request: HttpRequest, found: incidents.View) -> dict[str, Any]:
    """Words of people, which may come to name somebody, only for who may write them."""
    shown = {name: getattr(found, name) for name in IncidentOut.model_fields}
    shown["events"] = [
        {name: getattr(each, name) for name in IncidentEventOut.model_fields}
        for each in found.events
    ]
    if "incident" not in request.auth.scopes:  # type: ignore[attr-defined]
        shown["summary"] = ""
        shown["events"] = [{**each, "note": ""} for each in shown["events"]]
    return shown


@router.get("/incidents", auth=scope("incidents"), response={200: list[IncidentOut], **WRONG})
def listed(
    request: HttpRequest, closed: bool = False, before: Place = None, limit: Limit = 50
) -> Any:
    """Those open, or those closed, the newest first; `before`: older than that number."""
    master = hub.workspace().master
    found = incidents.listed(master, closed=closed, before=before, limit=limit)
    return [_shown(request, each) for each in found]


@router.post("/incidents", auth=scope("incident"), response={201: IncidentNumberOut, **WRONG})
@once
def open_(request: HttpRequest, told: IncidentIn) -> Any:
    """Put one down. The clock runs from when it was noticed."""
    id_ = incidents.open_(
        hub.workspace().master,
        kind=told.kind,
        severity=told.severity,
        personal=told.personal,
        noticed_at=with_offset(told.noticed_at),
        summary=told.summary,
        by=by(request),
    )
    return Status(201, IncidentNumberOut(id=id_))


@router.get(
    "/incidents/{int:id}", auth=scope("incidents"), response={200: IncidentDetailOut, **WRONG}
)
def one(request: HttpRequest, id: Number) -> Any:
    """With all that happened, and the dates of the law."""
    found = _there(id)
    dues = []
    if found.personal and found.notified_at is None and found.closed_at is None:
        dues = clocks(hub.workspace().policy.jurisdictions, found.noticed_at)
    return {**_shown(request, found), "dues": dues}


@router.post(
    "/incidents/{int:id}/events", auth=scope("incident"), response={200: IncidentNumberOut, **WRONG}
)
@once
def add(request: HttpRequest, id: Number, told: IncidentEventIn) -> Any:
    """Something was done about it."""
    _there(id)
    incidents.add(hub.workspace().master, id, told.event, note=told.note, by=by(request))
    return IncidentNumberOut(id=id)


@router.post(
    "/incidents/{int:id}/close", auth=scope("incident"), response={200: IncidentNumberOut, **WRONG}
)
@once
def close(request: HttpRequest, id: Number, told: IncidentCloseIn) -> Any:
    """It is over, and why."""
    _there(id)
    incidents.close(hub.workspace().master, id, told.outcome, note=told.note, by=by(request))
    return IncidentNumberOut(id=id)


def _there(id_: int) -> incidents.View:
    try:
        return incidents.get(hub.workspace().master, id_)
    except UsageError:
        raise Http404("There is no such incident.") from None
