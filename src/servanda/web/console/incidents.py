"""Incidents: noticed, looked into, contained, told, closed. Clocks count from the moment one was
noticed; the dates are those of the law tables, the cautious one first. What staff wrote may come to
name people, so it is shown to who may write it, and an auditor sees kinds and moments."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path

from servanda.desk import incidents, incidentsteps
from servanda.desk.breaches import clocks
from servanda.desk.roles import May, may
from servanda.kernel.errors import ServandaError, UsageError
from servanda.runtime import hub
from servanda.web.kit.access import member_of, page
from servanda.web.kit.names import names

_AT_ONCE = 50
_HOUR = timedelta(hours=1)


@page(May.INCIDENTS)
def index(request: HttpRequest) -> HttpResponse:
    closed = request.GET.get("show") == "closed"
    before = request.GET.get("before", "")
    found = incidents.listed(
        hub.workspace().master,
        closed=closed,
        before=int(before) if before.isdecimal() and len(before) < 18 else None,
        limit=_AT_ONCE,
    )
    return render(
        request,
        "console/incidents.html",
        {
            "lines": [(each, incidents.KINDS.get(each.kind, each.kind), _clock(each))
                      for each in found],
            "closed": closed,
            "older": found[-1].id if len(found) == _AT_ONCE else None,
            "may_write": may(member_of(request).role, May.INCIDENT),
            "hours": hub.workspace().settings.incidents.answer_hours,
        },
    )  # fmt: skip


@page(May.INCIDENTS)
def one(request: HttpRequest, id: int) -> HttpResponse:
    workspace = hub.workspace()
    try:
        found = incidents.get(workspace.master, id)
    except UsageError:
        raise Http404 from None
    name = names([found.by, *(each.by for each in found.events)])
    says = {**incidents.EVENTS, "closed": "closed"}
    return render(
        request,
        "console/incident.html",
        {
            "found": found,
            "kind": incidents.KINDS.get(found.kind, found.kind),
            "severity": incidents.SEVERITIES.get(found.severity, found.severity),
            "outcome": incidents.OUTCOMES.get(found.outcome, found.outcome),
            "by": name(found.by),
            "events": [(each, says.get(each.kind, each.kind), name(each.by))
                       for each in found.events],
            "clock": _clock(found),
            "steps": list(incidents.EVENTS.items()),
            "plan": incidentsteps.steps(found),
            "outcomes": list(incidents.OUTCOMES.items()),
            "may_write": may(member_of(request).role, May.INCIDENT),
        },
    )  # fmt: skip


@page(May.INCIDENT, methods=("GET", "POST"))
def open_(request: HttpRequest) -> HttpResponse:
    workspace, told, problem = hub.workspace(), request.POST, ""
    if request.method == "POST":
        try:
            id_ = incidents.open_(
                workspace.master,
                kind=told.get("kind", ""),
                severity=told.get("severity", ""),
                personal=told.get("personal") == "yes",
                noticed_at=_moment(told.get("noticed_at", ""), workspace.zone),
                summary=told.get("summary", ""),
                by=member_of(request).by,
            )
        except ServandaError as error:
            problem = str(error)
        else:
            messages.success(request, f"Incident {id_} is put down. The clock runs.")
            return redirect("incident", id=id_)
    return render(
        request,
        "console/incident_new.html",
        {
            "kinds": list(incidents.KINDS.items()),
            "severities": list(incidents.SEVERITIES.items()),
            "problem": problem,
            "told": told,
            "zone": workspace.policy.zone,
            "now": datetime.now(workspace.zone).strftime("%Y-%m-%dT%H:%M"),
        },
        status=400 if problem else 200,
    )


@page(May.INCIDENT, methods=("POST",))
def add(request: HttpRequest, id: int) -> HttpResponse:
    told = request.POST
    incidents.add(
        hub.workspace().master,
        id,
        told.get("event", ""),
        note=told.get("note", ""),
        by=member_of(request).by,
    )
    messages.success(request, "It is put down.")
    return redirect("incident", id=id)


@page(May.INCIDENT, methods=("POST",))
def close(request: HttpRequest, id: int) -> HttpResponse:
    told = request.POST
    incidents.close(
        hub.workspace().master,
        id,
        told.get("outcome", ""),
        note=told.get("note", ""),
        by=member_of(request).by,
    )
    messages.success(request, f"Incident {id} is closed.")
    return redirect("incident", id=id)


def _clock(found: incidents.View) -> dict[str, Any]:
    """How long since it was noticed, whether somebody looks into it in time, and by when an
    authority must be told, where people's data is affected."""
    workspace, now = hub.workspace(), datetime.now(UTC)
    until = found.closed_at or now
    answer_by = found.opened_at + timedelta(hours=workspace.settings.incidents.answer_hours)
    waits = found.answered_at is None and found.closed_at is None
    dues = []
    if found.personal and found.notified_at is None and found.closed_at is None:
        dues = [
            (each, each.safe < now, (each.safe - now) // _HOUR)
            for each in clocks(workspace.policy.jurisdictions, found.noticed_at)
        ]
    return {
        "hours": (until - found.noticed_at) // _HOUR,
        "waits": waits,
        "answer_by": answer_by,
        "late": waits and answer_by < now,
        "dues": dues,
    }  # fmt: skip


def _moment(text: str, zone: ZoneInfo) -> datetime:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise UsageError("that is no date and time", "write it as 2026-11-20T16:40") from None
    return found if found.tzinfo else found.replace(tzinfo=zone)


urls = [
    path("incidents/", index, name="incidents"),
    path("incidents/new/", open_, name="incident-new"),
    path("incidents/<int:id>/", one, name="incident"),
    path("incidents/<int:id>/add/", add, name="incident-add"),
    path("incidents/<int:id>/close/", close, name="incident-close"),
]
