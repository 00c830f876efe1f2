"""The way to the company's own sign-in.

Our pages let forms go to ourselves only, and browsers apply that to where an answer leads as well.
So the form is answered by a page that leads on, and the rule stays as strict as it is.

The danger: somebody else's account by an address that nobody verified. What guards it: only an
address that the provider vouches for finds a member, none is made, and our own second factor is
asked for in any case. Tests: tests/web/accounts/test_oidc.py.

What speaks the protocol is loaded where a provider is set, and only there: it is a tenth of a
server's memory.
"""

from __future__ import annotations

from typing import Any, cast

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from servanda.web.kit.access import public


def offer() -> None:
    """Let django-allauth know the protocol; once or more often."""
    from allauth.socialaccount.providers import registry
    from allauth.socialaccount.providers.openid_connect.provider import OpenIDConnectProvider

    registry.register(OpenIDConnectProvider)


@public
def leave(request: HttpRequest, provider_id: str) -> HttpResponse:
    if {*request.GET.getlist("process"), *request.POST.getlist("process")} - {"login"}:
        raise Http404  # nobody ties another identity to an account that is open
    answer = cast("HttpResponse", _views().login(request, provider_id))
    to = answer.headers.get("Location", "")
    if request.method == "POST" and to.startswith(("https://", "http://")):
        return render(request, "servanda/leave.html", {"to": to})
    return answer


@public
def arrive(request: HttpRequest, provider_id: str) -> HttpResponse:
    """Back from the provider, with its word."""
    return cast("HttpResponse", _views().callback(request, provider_id))


def _views() -> Any:
    if not settings.SOCIALACCOUNT_PROVIDERS:
        raise Http404
    from allauth.socialaccount.providers.openid_connect import views

    return views
