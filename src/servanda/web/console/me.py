"""One's own account: second factors, sessions, password."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path

from servanda.web.kit.access import public


@public
def me(request: HttpRequest) -> HttpResponse:
    return render(request, "console/me.html")


urls = [path("me/", me, name="me")]
