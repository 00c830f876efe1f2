"""Pages for when something does not go as it should."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from servanda.web.kit.access import public


def _said(request: HttpRequest, status: int, title: str, text: str) -> HttpResponse:
    if request.path.startswith("/v1/"):
        return JsonResponse({"error": text}, status=status)
    return render(request, "servanda/refused.html", {"title": title, "text": text}, status=status)


@public
def csrf(request: HttpRequest, reason: str = "") -> HttpResponse:
    return _said(
        request,
        403,
        _("This form is too old"),
        _("Go back, load the page again, and send it once more."),
    )


@public
def not_allowed(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    text = str(exception) if exception and exception.args else _("Your role may not see this.")
    return _said(request, 403, _("Not for your role"), text)


@public
def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _said(
        request, 404, _("There is no such page"), _("Check the address, or start at the top.")
    )


@public
def broken(request: HttpRequest) -> HttpResponse:
    return _said(
        request,
        500,
        _("Something went wrong here"),
        _(
            "Nothing was changed by what you just did. "
            "The server's log says more; please tell whoever runs it."
        ),
    )


@public
def too_many(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _said(request, 429, "Too many tries", "Wait a quarter of an hour, then try once more.")
