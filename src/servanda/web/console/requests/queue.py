"""The queue of requests, by the cautious date. Nothing of a person is on it."""

from __future__ import annotations

from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path

from servanda import law
from servanda.desk.requests import queue as desk_queue
from servanda.desk.roles import May, may
from servanda.runtime import hub
from servanda.web.kit.access import member_of, page

AT_ONCE = 50


@page(May.REQUESTS)
def queue(request: HttpRequest) -> HttpResponse:
    today = hub.workspace().desk.book.today()
    told = request.GET
    state = told.get("state", "")
    wanted = desk_queue.Wanted(
        state=state if state in desk_queue.STATES else "",
        right=told.get("right", "") if told.get("right") in law.RIGHTS else "",
        tenant=told.get("tenant", "")[:200],
        overdue=told.get("overdue") == "1",
        everything=state == "all",
    )
    lines, more = desk_queue.page(wanted, today, after=told.get("after", ""), limit=AT_ONCE)
    kept = {name: told[name] for name in ("state", "right", "tenant", "overdue") if told.get(name)}
    role = member_of(request).role
    return render(
        request,
        "console/requests/queue.html",
        {
            "lines": lines,
            "more": urlencode({**kept, "after": more}) if more else "",
            "first": urlencode(kept) if told.get("after") else "",
            "counts": desk_queue.counts(today),
            "wanted": wanted,
            "chosen": state,
            "states": desk_queue.STATES,
            "rights": list(law.RIGHTS),
            "tenants": desk_queue.tenants(),
            "may_open": may(role, May.REQUEST),
            "may_listen": may(role, May.RECORDINGS),
        },
    )


urls = [path("requests/", queue, name="requests")]
