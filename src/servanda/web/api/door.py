"""The API's addresses, loaded by the first call: most firms use none, and its descriptions of every
call are a sixth of a server's memory."""

from __future__ import annotations

from importlib import import_module

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import resolve
from django.views.decorators.csrf import csrf_exempt

from servanda.web.kit.access import public

CALLS = "servanda.web.api.urls"


@public
@csrf_exempt
def call(request: HttpRequest, rest: str) -> HttpResponseBase:
    """Whoever calls is known by a token, never by a cookie. Http404 where nothing is."""
    import_module(CALLS)
    found = resolve(f"/{rest}", urlconf=CALLS)
    request.resolver_match = found  # whose parts of the address are arguments of the call
    answer: HttpResponseBase = found.func(request, *found.args, **found.kwargs)
    return answer
