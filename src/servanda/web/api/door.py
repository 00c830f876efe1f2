"""The API's addresses, loaded by the first call: most firms use none, and its descriptions of every
call are a sixth of a server's memory."""

from __future__ import annotations

from importlib import import_module

from django.http import HttpRequest, JsonResponse
from django.http.response import HttpResponseBase
from django.urls import resolve
from django.views.decorators.csrf import csrf_exempt

from servanda.web.kit.access import public

CALLS = "servanda.web.api.urls"
OPEN = "openapi.json"


@public
@csrf_exempt
def call(request: HttpRequest, rest: str) -> HttpResponseBase:
    """Whoever calls is known by a token, never by a cookie. Http404 where nothing is."""
    if "Authorization" not in request.headers and rest != OPEN:
        told = JsonResponse({"error": "This call needs a token that still counts."}, status=401)
        told.headers["WWW-Authenticate"] = "Bearer"
        return told  # who has no token loads nothing
    import_module(CALLS)
    found = resolve(f"/{rest}", urlconf=CALLS)
    request.resolver_match = found  # whose parts of the address are arguments of the call
    answer: HttpResponseBase = found.func(request, *found.args, **found.kwargs)
    return answer
