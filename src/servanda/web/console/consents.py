"""Consents: how many there are; what one person agreed to; a choice made by telephone or on paper.

An address is sent with POST, so that it stands in no log and in no browser's history.
"""

from __future__ import annotations

import json
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse

from servanda.desk.roles import May, may
from servanda.kernel.errors import UsageError
from servanda.runtime import consentdeeds, hub
from servanda.web.consent import words
from servanda.web.kit.access import looked, member_of, page

_LONGEST = 320


@page(May.CONSENTS)
def listed(request: HttpRequest) -> HttpResponse:
    counts = consentdeeds.counts()
    told = {
        **counts,
        "no": sorted(counts["no"].items()),
        "points": hub.workspace().policy.consents,
        "may_read": may(member_of(request).role, May.CONSENT),
    }
    return render(request, "console/consents.html", told)


@page(May.CONSENT, scope="consents", methods=("GET", "POST"))
def person(request: HttpRequest) -> HttpResponse:
    """Look somebody up."""
    workspace = hub.workspace()
    kind, value = _who(request)
    told: dict[str, Any] = {"kind": kind, "value": value, "how": _ways(), "points": _points()}
    if value:
        looked(request, "consents of a person")
        found = consentdeeds.shown(workspace, kind, value)
        told["found"] = found
        told["history"] = [
            (each, words.said(each["states"]), words.HOW[each["how"]])
            for each in (found or {}).get("history", ())
        ]
        told["standing"] = [
            (each, words.purpose_name(each["purpose"]), words.channel_name(each["channel"] or ""))
            for each in (found or {}).get("standing", ())
        ]
        told["asked"] = True
    return render(request, "console/consent_person.html", told)


@page(May.CONSENT, scope="consents", methods=("POST",))
def record(request: HttpRequest) -> HttpResponse:
    """Put down what they said."""
    kind, value = _who(request)
    how = request.POST.get("how", "")
    if how not in consentdeeds.BY_STAFF:
        raise UsageError("how was it said?", "choose one of the ways")
    name = request.POST.get("choice", "")
    answer = request.POST.get("answer", "")
    done = consentdeeds.put(
        hub.workspace(),
        kind,
        value,
        consentdeeds.chosen([f"{name}={answer}"]),
        how,
        by=member_of(request).by,
        note=request.POST.get("note", "")[:2000],
        form=request.POST.get("form") == "on",
    )
    said = ", ".join(f"{what} {state}" for what, state in done.states.items())
    messages.success(request, f"Recorded, and it counts from now on: {said}.")
    return redirect(reverse("consent-person"))


@page(May.CONSENT, scope="consents", methods=("POST",))
def export(request: HttpRequest) -> HttpResponse:
    """All that is kept of one person, as a file."""
    kind, value = _who(request)
    looked(request, "consents of a person exported")
    found = consentdeeds.shown(hub.workspace(), kind, value)
    if found is None:
        raise UsageError("nothing is kept of this person")
    answer = HttpResponse(json.dumps(found, indent=2, ensure_ascii=False), "application/json")
    answer.headers["Content-Disposition"] = 'attachment; filename="consents.json"'
    return answer


def _who(request: HttpRequest) -> tuple[str, str]:
    value = request.POST.get("value", "").strip()[:_LONGEST]
    kind = request.POST.get("kind", "email")
    if kind not in ("email", "phone"):
        raise UsageError("that is no kind of address")
    return kind, value


def _ways() -> list[tuple[str, str]]:
    return [(each, str(words.HOW[each])) for each in consentdeeds.BY_STAFF]


def _points() -> list[tuple[str, str]]:
    """What can be said: each purpose and channel that the policy asks for."""
    return [
        (
            f"{point.purpose}/{channel}" if channel else point.purpose,
            f"{words.purpose_name(point.purpose)} {words.channel_name(channel)}",
        )
        for point in hub.workspace().policy.consents
        for channel in (*point.channels, "")
    ]


urls = [
    path("consents/", listed, name="consents"),
    path("consents/person/", person, name="consent-person"),
    path("consents/person/record/", record, name="consent-record"),
    path("consents/person/export/", export, name="consent-export"),
]
