"""The decision: act, act in part, or refuse, on grounds of the law that applies."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path

from servanda.desk.requests.states import OPEN_EARLY, possible
from servanda.desk.roles import May
from servanda.kernel.errors import UsageError
from servanda.runtime import hub
from servanda.web.console.requests.parts import found, frame, said
from servanda.web.kit.access import looked, member_of, page


@page(May.DECIDE, scope="request:{ref}", methods=("GET", "POST"))
def decide(request: HttpRequest, ref: int) -> HttpResponse:
    workspace = hub.workspace()
    view = found(ref)
    grounds = workspace.desk.grounds(view.ref)
    problem = ""
    if request.method == "POST":
        way = request.POST.get("decision", "")
        kept = [
            (activity.id, ground)
            for activity in workspace.policy.activities
            if (ground := request.POST.get(f"keep-{activity.id}", ""))
        ]
        chosen = request.POST.getlist("ground") if way == "refuse" else []
        spare = kept if way == "part" else []
        try:
            workspace.desk.decide(view.ref, way, chosen, spare, by=member_of(request).by)
        except UsageError as error:
            problem = said(error)
        else:
            messages.success(request, "Decided, and on record.")
            return redirect("request", ref=ref)
    looked(request, "request shown to be decided")
    return render(
        request,
        "console/requests/decide.html",
        {
            **frame(view, "decide"),
            "grounds": grounds,
            "activities": workspace.policy.activities,
            "open": view.state in OPEN_EARLY,
            "may_act": possible(view.state, "act", view.right),
            "may_refuse": possible(view.state, "refuse", view.right) and bool(grounds),
            "problem": problem,
        },
        status=400 if problem else 200,
    )


urls = [path("requests/<int:ref>/decide/", decide, name="request_decide")]
