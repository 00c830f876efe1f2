"""The way to the company's own sign-in.

Our pages let forms go to ourselves only, and browsers apply that to where an answer leads as well.
So the form is answered by a page that leads on, and the rule stays as strict as it is.

The danger: somebody else's account by an address that nobody verified. What guards it: only an
address that the provider vouches for finds a member, none is made, and our own second factor is
asked for in any case. Tests: tests/web/accounts/test_oidc.py.
"""

from __future__ import annotations

from typing import cast

from allauth.socialaccount.providers.openid_connect import views
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from servanda.web.kit.access import public


@public
def leave(request: HttpRequest, provider_id: str) -> HttpResponse:
    if {*request.GET.getlist("process"), *request.POST.getlist("process")} - {"login"}:
        raise Http404  # nobody ties another identity to an account that is open
    answer = cast("HttpResponse", views.login(request, provider_id))
    to = answer.headers.get("Location", "")
    if request.method == "POST" and to.startswith(("https://", "http://")):
        return render(request, "servanda/leave.html", {"to": to})
    return answer
