"""Where people begin."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from servanda.web.kit.access import public


@public
def start(request: HttpRequest) -> HttpResponse:
    return render(request, "portal/start.html")
