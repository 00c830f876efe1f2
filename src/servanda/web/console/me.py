"""One's own account: second factors, sessions, password."""

from __future__ import annotations

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path

from servanda.web.accounts.adapters import FACTORS
from servanda.web.kit.access import member_of, public


@public
def me(request: HttpRequest) -> HttpResponse:
    if not request.user.is_authenticated:
        return redirect_to_login(request.get_full_path())
    member = member_of(request)
    kinds = list(Authenticator.objects.filter(user=member).values_list("type", flat=True))
    if not set(kinds) & set(FACTORS):
        return redirect("second_factor_setup")
    told = {
        "app": Authenticator.Type.TOTP in kinds,
        "passkeys": kinds.count(Authenticator.Type.WEBAUTHN),
        "sessions": UserSession.objects.filter(user=member).count(),
    }
    return render(request, "console/me.html", told)


urls = [path("me/", me, name="me")]
