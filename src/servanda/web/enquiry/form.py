"""The enquiry form: on a page of ours, inside a page of the company's website, or as its endpoint.

Three ways for the website, told in docs/how-to/enquiries.md: a link to this page; a frame
(`/enquiry/embed/`), which only the sites in `[web] sites` may show; or a form of its own that
is sent here, with a ticket from `/enquiry/ticket/`. No cookie, no script needed.
"""

from __future__ import annotations

from typing import Any

from csp.decorators import csp_replace
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.clickjacking import xframe_options_exempt
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_http_methods

from servanda.desk import enquiries
from servanda.kernel.errors import UsageError
from servanda.runtime import hub, intake
from servanda.web.enquiry import guard
from servanda.web.enquiry.questions import EnquiryForm
from servanda.web.kit.access import public


@public
@csrf_exempt  # it is sent from other sites, and no cookie of ours says anything here
@require_http_methods(["GET", "HEAD", "POST"])
def page(request: HttpRequest) -> HttpResponse:
    return _answered(request, "enquiry/page.html")


def embedded(request: HttpRequest) -> HttpResponse:
    """Inside a frame: only the company's own sites may show it."""
    sites = list(hub.workspace().settings.web.sites)
    found = csp_replace({"frame-ancestors": sites or ["'none'"]})(_embedded)(request)
    assert isinstance(found, HttpResponse)
    return found


embedded.servanda_access = public(page).servanda_access  # type: ignore[attr-defined]
embedded.csrf_exempt = True  # type: ignore[attr-defined]


@xframe_options_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def _embedded(request: HttpRequest) -> HttpResponse:
    return _answered(request, "enquiry/embedded.html")


@public
@require_GET
def ticket(request: HttpRequest) -> HttpResponse:
    """For a form on the company's own site."""
    told = JsonResponse({"ticket": guard.ticket(), "trap": guard.TRAP})
    return _shared(request, told)


@public
@require_GET
def done(request: HttpRequest) -> HttpResponse:
    return render(request, "enquiry/done.html")


def _answered(request: HttpRequest, template: str) -> HttpResponse:
    form = EnquiryForm(request.POST or None, intake.enquiry_form(hub.workspace()))
    told: dict[str, Any] = {"form": form, "trap": guard.TRAP}
    if request.method == "POST":
        refused = _foreign(request)
        if not refused and form.is_valid():
            refused = guard.refusal(request) or _taken(form)
            if not refused:
                return _thanks(request, template)
        if _wants_json(request):
            wrong = {name: [str(e) for e in errors] for name, errors in form.errors.items()}
            return _shared(request, JsonResponse({"error": refused, "fields": wrong}, status=422))
        told["refused"] = refused
    told["ticket"] = guard.ticket()
    return render(request, template, told, status=422 if request.method == "POST" else 200)


def _taken(form: EnquiryForm) -> str:
    """Take it in; why not, in words, or blank."""
    workspace, told = hub.workspace(), dict(form.cleaned_data)
    topic = told.pop("topic") or "question"
    try:
        if topic == "erasure":
            _asks_for_erasure(told)
        else:
            enquiries.receive(topic=topic, region=workspace.region, **told)
            form.count()
    except UsageError as error:
        return f"{error.what[:1].upper()}{error.what[1:]}."
    return ""


def _asks_for_erasure(told: dict[str, Any]) -> None:
    """The right to be forgotten, through the contact form: a request with its own clock."""
    workspace = hub.workspace()
    from datetime import UTC, datetime

    workspace.desk.new(
        "erasure",
        [("email", told["email"])],
        received=datetime.now(UTC).astimezone(workspace.zone).date(),
        via="form",
        by="enquiry form",
        name=told["name"],
        text=told["message"],
        contact=told["email"],
    )


def _foreign(request: HttpRequest) -> str:
    """A form of a site nobody named may not send here. Programs without a browser send no origin,
    and meet the other hurdles."""
    origin = request.headers.get("Origin", "")
    own = hub.workspace().settings.web
    known = {own.address, f"{request.scheme}://{request.get_host()}", *own.sites}
    return "" if not origin or origin in known else "This form may not be sent from there."


def _thanks(request: HttpRequest, template: str) -> HttpResponse:
    if _wants_json(request):
        return _shared(request, JsonResponse({"taken": True}, status=201))
    if template.endswith("embedded.html"):
        return render(request, template, {"thanks": True})
    return redirect(reverse("enquiry-done"))


def _wants_json(request: HttpRequest) -> bool:
    return request.headers.get("Accept", "").startswith("application/json")


def _shared(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """The company's own sites may read it."""
    origin = request.headers.get("Origin", "")
    if origin in hub.workspace().settings.web.sites:
        response.headers["Access-Control-Allow-Origin"] = origin
        response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
        response.headers["Vary"] = "Origin"
    return response
