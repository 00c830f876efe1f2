"""The way in, and whether the server lives."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect

from servanda.ledger.proofs import size
from servanda.web.kit.access import public


@public
def home(request: HttpRequest) -> HttpResponse:
    """Staff go to the console, everybody else to the portal."""
    return redirect("/console/" if request.user.is_authenticated else "/privacy/")


@public
def health(request: HttpRequest) -> HttpResponse:
    """For whoever watches the server: it answers, and its state can be read."""
    return JsonResponse({"alive": True, "entries": size()})
