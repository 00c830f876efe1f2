"""Somebody wrote us a mail that may be a request: here its sender confirms it, by a click.

The danger: a program that follows links confirms in somebody's stead, or a guessed link opens
another's mail. What guards it: only POST confirms, the token is random and kept as a hash, and the
page shows nothing of the mail but the right we read in it. Tests: tests/web/portal/test_confirm.py.
"""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.views.decorators.http import require_http_methods

from servanda.desk.portal import links
from servanda.desk.requests import confirming
from servanda.kernel.errors import UsageError
from servanda.runtime import hub
from servanda.web.kit.access import public
from servanda.web.portal import words


@public
@require_http_methods(["GET", "POST"])
def confirm(request: HttpRequest, token: str) -> HttpResponse:
    book = hub.workspace().desk.book
    if len(token) > 60:
        raise Http404
    if request.method == "POST":
        try:
            ref = confirming.confirm(book, token)
        except UsageError:
            return render(request, "portal/confirm.html", {"over": True}, status=404)
        secret = links.secret_of(book, ref) if ref else ""
        if secret:
            return redirect(f"{reverse('portal-follow', args=[secret])}?new")
        return render(request, "portal/confirm.html", {"done": True})
    found = confirming.shown(book, token)
    if found is None:
        return render(request, "portal/confirm.html", {"over": True}, status=404)
    right = words.right_name(found.right) if found.right else ""
    return render(request, "portal/confirm.html", {"right": right, "received": found.received})


urls = [path("confirm/<str:token>", confirm, name="portal-confirm")]
