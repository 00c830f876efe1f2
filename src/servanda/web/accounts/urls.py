"""Addresses of accounts that are ours; the others are django-allauth's, which come after.

What it offers and we do not is shut here: accounts begin with an invitation, and an address belongs
to the account for good.
"""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import include, path, re_path

from servanda.web.accounts import factors, join, oidc, sessions, setup
from servanda.web.kit.access import public


@public
def shut(request: HttpRequest, **_: Any) -> HttpResponse:
    raise Http404


_SHUT = (
    r"^signup/.*$",
    r"^email/.*$",
    r"^confirm-email/.*$",
    r"^password/set/$",
    r"^login/code/.*$",
    r"^reauthenticate/code/.*$",
    r"^3rdparty/(?:signup/)?$",
    r"^social/.*$",
)

urlpatterns = [
    path("join/<str:secret>/", join.join, name="join"),
    path("second-factor/", setup.setup, name="second_factor_setup"),
    path("sessions/<int:pk>/end/", sessions.end, name="session_end"),
    path("oidc/<str:provider_id>/login/", oidc.leave, name="openid_connect_login"),
    path("oidc/<str:provider_id>/login/callback/", oidc.arrive, name="openid_connect_callback"),
    path("2fa/webauthn/keys/<int:pk>/remove/", factors.remove_passkey),
    *(re_path(pattern, shut) for pattern in _SHUT),
    path("", include("allauth.account.urls")),
    path("2fa/", include("allauth.mfa.urls")),
    path("3rdparty/", include("allauth.socialaccount.urls")),
    path("sessions/", include("allauth.usersessions.urls")),
]
