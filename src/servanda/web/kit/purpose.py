"""Why do you read this? Asked once for a task, then kept for an hour (web.task_minutes)."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme

from servanda.desk import access
from servanda.desk.roles import May
from servanda.kernel.errors import UsageError
from servanda.policy import vocabulary
from servanda.runtime import hub
from servanda.web.kit.access import member_of, page, reader


@page(May.READ, methods=("GET", "POST"))
def ask(request: HttpRequest) -> HttpResponse:
    member = member_of(request)
    told = request.POST if request.method == "POST" else request.GET
    scope, back = told.get("scope", ""), told.get("next", "/console/")
    leads_on = back.startswith("/") and url_has_allowed_host_and_scheme(back, None)
    if not access.SCOPE.fullmatch(scope) or not leads_on:
        raise UsageError("that is nothing that can be read", "open it from its own page")
    policy = hub.workspace().policy
    problem = ""
    if request.method == "POST":
        try:
            access.begin(
                reader(member),
                told.get("purpose", ""),
                scope,
                policy=policy,
                lasts=timedelta(seconds=settings.SERVANDA_TASK_SECONDS),
                ticket=told.get("ticket", "").strip(),
            )
            return redirect(back)
        except access.Refused as error:
            problem = str(error)
    terms = vocabulary.terms("purpose")
    choices = [(id_, terms[id_].label) for id_ in access.declared(policy, scope) if id_ in terms]
    return render(
        request,
        "servanda/purpose.html",
        {
            "scope": scope,
            "next": back,
            "choices": choices,
            "problem": problem,
            "minutes": settings.SERVANDA_TASK_SECONDS // 60,
        },
        status=403 if problem else 200,
    )
