"""Where people begin; and in which language they go on."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST, require_safe

from servanda.web.kit.access import public

_YEAR_S = 365 * 24 * 3600


@public
@require_safe
def start(request: HttpRequest) -> HttpResponse:
    return render(request, "portal/start.html")


@public
@require_POST
def language(request: HttpRequest) -> HttpResponse:
    """Choose one; a cookie keeps it."""
    wanted, back = request.POST.get("language", ""), request.POST.get("next", "")
    if not url_has_allowed_host_and_scheme(back, None) or not back.startswith(
        ("/privacy/", "/consent/")
    ):
        back = "/privacy/"
    response = redirect(back)
    if wanted in dict(settings.LANGUAGES):
        response.set_cookie(
            settings.LANGUAGE_COOKIE_NAME,
            wanted,
            max_age=_YEAR_S,
            secure=settings.SESSION_COOKIE_SECURE,
            httponly=True,
            samesite="Lax",
        )
    return response


urls = [path("", start, name="portal"), path("language/", language, name="portal-language")]
