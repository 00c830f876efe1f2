"""Stores: whether they answer, whether they are still what the mapping says, what they hold."""

from __future__ import annotations

from datetime import UTC, datetime

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse

from servanda.desk.roles import May, may
from servanda.runtime import hub, jobs, look, storehealth
from servanda.web.kit.access import member_of, page
from servanda.web.kit.jobs import fragment


@page(May.STORES)
def stores(request: HttpRequest) -> HttpResponse:
    states = storehealth.states(hub.workspace())
    return render(
        request,
        "console/stores.html",
        {
            "stores": states,
            "now": datetime.now(UTC),
            "job": jobs.latest(look.ABOUT, "look"),
            "progress": reverse("stores-look"),
            "may_look": may(member_of(request).role, May.MAKE_PLAN),
        },
    )


@page(May.STORES)
def store(request: HttpRequest, name: str) -> HttpResponse:
    found = next((e for e in storehealth.states(hub.workspace()) if e.name == name), None)
    if found is None:
        raise Http404
    return render(request, "console/store.html", {"store": found, "now": datetime.now(UTC)})


@page(May.MAKE_PLAN, methods=("POST",))
def look_now(request: HttpRequest) -> HttpResponse:
    """It reads from every store as a plan does, so who may make plans may look."""
    jobs.ask("look", {}, about=look.ABOUT, by=member_of(request).by)
    return redirect("stores")


@page(May.STORES)
def looking(request: HttpRequest) -> HttpResponse:
    return fragment(request, jobs.latest(look.ABOUT, "look"), reverse("stores-look"))


urls = [
    path("stores/", stores, name="stores"),
    path("stores/look/", looking, name="stores-look"),
    path("stores/look/now/", look_now, name="stores-look-now"),
    path("stores/of/<str:name>/", store, name="store"),
]
