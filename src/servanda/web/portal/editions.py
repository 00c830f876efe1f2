"""Published versions for everybody: each at its own address, and what changed between two.
And the page by which a customer objects to a new recipient: its link says whose page it is."""

from __future__ import annotations

from datetime import UTC, datetime

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from servanda.desk import editions, recipients
from servanda.kernel.errors import UsageError
from servanda.publish.policy import stylesheet
from servanda.runtime import hub
from servanda.state.models import Edition
from servanda.web.kit.access import public

TYPES = {
    "text": ("text/plain; charset=utf-8", "txt"),
    "html": ("text/html; charset=utf-8", "html"),
    "markdown": ("text/markdown; charset=utf-8", "md"),
    "jsonld": ("application/ld+json", "jsonld"),
    "pdf": ("application/pdf", "pdf"),
}


@public
@require_safe
def version(request: HttpRequest, number: int) -> HttpResponse:
    row, now = _there(number), datetime.now(UTC)
    standing = next(each for each in editions.standings() if each.row.number == number)
    current = editions.current(now)
    context = {
        "row": row,
        "bound": standing.bound(now),
        "current": current is not None and current.number == number,
        "changes": editions.between(number - 1, number) if number > 1 else (),
        "others": [each.number for each in editions.listed() if each.number != number],
        "kinds": editions.kinds(number, row.language),
        "text": editions.file(number, "text", row.language).decode(),
    }
    return render(request, "portal/version.html", context)


@public
@require_safe
def file(request: HttpRequest, number: int, kind: str) -> HttpResponse:
    """One form of it: the page to read, the others to keep."""
    _there(number)
    if kind not in TYPES:
        raise Http404
    try:
        content = editions.file(number, kind)
    except UsageError:
        raise Http404 from None
    mime, ending = TYPES[kind]
    answer = HttpResponse(content, mime)
    kept = "inline" if kind == "html" else "attachment"
    answer["Content-Disposition"] = f'{kept}; filename="privacy-policy-{number}.{ending}"'
    answer["X-Content-Type-Options"] = "nosniff"
    return answer


@public
@require_safe
def style(request: HttpRequest, number: int) -> HttpResponse:
    """What the page of a version looks like; its name stands in that page."""
    return HttpResponse(stylesheet(), "text/css; charset=utf-8")


@public
@require_safe
def changes(request: HttpRequest, old: int, new: int) -> HttpResponse:
    first, second = _there(old), _there(new)
    context = {"old": first, "new": second, "changes": editions.between(old, new)}
    return render(request, "portal/changes.html", context)


@public
@require_http_methods(["GET", "HEAD", "POST"])
def objection(request: HttpRequest, token: str) -> HttpResponse:
    master, now = hub.workspace().master, datetime.now(UTC)
    found = recipients.linked(master, token)
    if found is None:
        raise Http404
    number, customer = found
    problem, done = "", False
    try:
        if request.method == "POST":
            words = request.POST.get("words", "")[:4000]
            recipients.object_(master, number, customer, words, by="link", now=now)
            done = True
        view = recipients.one(number, now)
    except UsageError as error:
        problem, view = error.what, None
    if view is None:
        try:
            view = recipients.one(number, now)
        except UsageError:
            raise Http404(_("This is over: we do not plan to use that recipient.")) from None
    standing = any(each.customer_id == customer for each in view.objections)
    context = {"view": view, "done": done, "standing": standing, "problem": problem}
    return render(request, "portal/objection.html", context, status=400 if problem else 200)


def _there(number: int) -> Edition:
    try:
        return editions.get(number)
    except UsageError:
        raise Http404 from None


urls = [
    path("policy/versions/<int:number>/", version, name="portal-version"),
    path("policy/versions/<int:old>/changes/<int:new>/", changes, name="portal-changes"),
    path("policy/versions/<int:number>/policy.css", style, name="portal-version-style"),
    path("policy/versions/<int:number>/<slug:kind>", file, name="portal-version-file"),
    path("objection/<slug:token>/", objection, name="portal-objection"),
]
