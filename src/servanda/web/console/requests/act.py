"""Act on a decided request: what goes and what stays, the exact number typed, then a job.

The danger: somebody destroys what they did not see. What guards it: the number shown must be typed,
is checked here, and once more by the job against a plan made at that moment.
Tests: tests/web/requests/test_erasure.py.
"""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path

from servanda.desk.requests import RequestView, foureyes
from servanda.desk.requests.states import OPEN_EARLY
from servanda.desk.roles import May
from servanda.kernel.errors import ServandaError, UsageError
from servanda.runtime import deeds, hub, jobs
from servanda.state.models import Job
from servanda.web.console.requests.parts import found, frame, said, told
from servanda.web.kit.access import looked, member_of, page

_BUSY = ("waiting", "running")


@page(May.DECIDE, scope="request:{ref}")
def act(request: HttpRequest, ref: int) -> HttpResponse:
    workspace = hub.workspace()
    view = found(ref)
    looked(request, "what acting would do shown")
    job = jobs.latest(deeds.about(view.ref), "act")
    known = {**frame(view, "act"), "job": job, "busy": job is not None and job.state in _BUSY}
    known["ready"] = view.state in ("decided", "acting")
    open_ = known["ready"] or view.state in OPEN_EARLY
    if open_ and known["in_stores"] and not known["busy"]:
        known["hindered"] = _hindered(view, member_of(request).by)
        try:
            known["preview"] = deeds.preview(workspace, view)
        except ServandaError as error:
            known["problem"] = said(error)
    return render(request, "console/requests/act.html", known)


@page(May.DECIDE, scope="request:{ref}", methods=("POST",))
@told
def go(request: HttpRequest, ref: int) -> HttpResponse:
    view = found(ref)
    typed = request.POST.get("confirm", "").strip().replace(",", "")
    if not (typed.isascii() and typed.isdigit() and typed == request.POST.get("shown", "")):
        messages.error(request, "That is not the number of records. Nothing was done.")
        return redirect("request_act", ref=ref)
    try:
        deeds.ask(hub.workspace(), view.ref, int(typed), by=member_of(request).by)
    except UsageError as error:
        messages.error(request, said(error))
    return redirect("request_act", ref=ref)


@page(May.DECIDE, scope="request:{ref}")
def progress(request: HttpRequest, ref: int) -> HttpResponse:
    """How far the job is: numbers alone. When it has ended the page is loaded anew."""
    job = jobs.latest(deeds.about(str(ref)), "act")
    answer = render(
        request, "console/requests/progress.html", {"job": job, "ref": str(ref), "busy": _busy(job)}
    )
    if not _busy(job):
        answer.headers["HX-Refresh"] = "true"
    return answer


def _busy(job: Job | None) -> bool:
    return job is not None and job.state in _BUSY


def _hindered(view: RequestView, by: str) -> str:
    """Why this member may not act, where four eyes are wanted."""
    if not hub.workspace().settings.web.four_eyes:
        return ""
    try:
        foureyes.check([view], by)
    except UsageError as error:
        return error.what
    return ""


urls = [
    path("requests/<int:ref>/act/", act, name="request_act"),
    path("requests/<int:ref>/act/go/", go, name="request_go"),
    path("requests/<int:ref>/act/progress/", progress, name="request_progress"),
]
