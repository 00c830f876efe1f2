"""What every answer and every caller goes through.

The danger: a page served to somebody without a second factor, or one that forgot to say who may see
it. What guards it: `second_factor` refuses by default, a view of ours that says nothing about
who may see it is never called, and tests/web/test_every_page.py asks all of them.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.cache import patch_vary_headers

from servanda.kernel.errors import ServandaError, StoreUnreachable, UsageError
from servanda.web.kit import nul

Next = Callable[[HttpRequest], HttpResponse]

_PERMISSIONS = (
    "accelerometer=(), camera=(), geolocation=(), gyroscope=(), magnetometer=(), microphone=(), "
    "payment=(), usb=(), publickey-credentials-get=(self), publickey-credentials-create=(self)"
)
_SEEN_EVERY_S = 60
_SIGN_OUT = "/accounts/logout/"


def headers(get_response: Next) -> Next:
    """The caller's address as a proxy we trust tells it; nothing asked with a NUL; and what
    browsers may do with a page."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if request.META.get("REMOTE_ADDR") in settings.SERVANDA_PROXIES:
            told = request.META.get("HTTP_X_FORWARDED_FOR", "").rpartition(",")[2].strip()
            request.META["REMOTE_ADDR"] = told or request.META["REMOTE_ADDR"]
        else:  # somebody else's word about it counts for nothing
            for name in ("HTTP_X_FORWARDED_FOR", "HTTP_X_FORWARDED_PROTO", "HTTP_X_REAL_IP"):
                request.META.pop(name, None)
        response = nul.in_address(request) or get_response(request)
        response.headers.setdefault("Permissions-Policy", _PERMISSIONS)
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        if "Cache-Control" not in response.headers:
            response.headers["Cache-Control"] = "no-store"
        if request.path == _SIGN_OUT and request.method == "POST":
            # Not "cookies": those of the company's other pages would go as well.
            response.headers["Clear-Site-Data"] = '"cache", "storage"'
        if request.META.get("HTTP_HX_REQUEST"):
            patch_vary_headers(response, ["HX-Request"])
        return response

    return middleware


def idle(get_response: Next) -> Next:
    """Nobody stays signed in at a desk that was left, nor for longer than a day's work."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated:
            now = int(time.time())
            seen = request.session.get("seen", now)
            polls = request.headers.get("HX-Trigger-Name") == "poll" or "poll" in request.GET
            began = request.session.setdefault("began", now)
            if now - seen > settings.SERVANDA_IDLE_SECONDS:
                logout(request)
                messages.info(request, "You were signed out because nothing happened for a while.")
                return redirect("account_login")
            if now - began > settings.SESSION_COOKIE_AGE:
                logout(request)
                messages.info(
                    request,
                    "You were signed out because no session lasts longer than twelve hours.",
                )
                return redirect("account_login")
            if request.session.get("known") != request.session.session_key:
                _known(request, now)
            elif not polls and now - seen > _SEEN_EVERY_S:
                _known(request, now)  # a page that refreshes itself keeps nobody in
        return get_response(request)

    return middleware


def _known(request: HttpRequest, now: int) -> None:
    """Note that a session was used, and from where: once a minute, not with every click."""
    from allauth.usersessions.models import UserSession

    UserSession.objects.create_from_request(request)
    request.session["seen"] = now
    request.session["known"] = request.session.session_key


class second_factor:
    """No page of ours for an account without a second factor; and none that does not say who
    may see it."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., HttpResponse], *_: object
    ) -> HttpResponse | None:
        from servanda.web.kit.access import PUBLIC, said

        if foul := nul.in_form(request):
            return foul
        theirs = getattr(view, "__module__", "").startswith(("allauth.", "django.", "ninja."))
        access = said(view)
        if access is None and not theirs:
            return render(request, "servanda/refused.html", status=403)
        if access is PUBLIC or not request.user.is_authenticated:
            return None
        if theirs and request.path.startswith(
            ("/accounts/2fa/", "/accounts/logout/", "/accounts/reauthenticate/", "/accounts/login/")
        ):
            return None
        if not _has_factor(request):
            return redirect("second_factor_setup")
        return None


def _has_factor(request: HttpRequest) -> bool:
    from allauth.mfa.models import Authenticator

    kinds = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)
    return bool(Authenticator.objects.filter(user_id=request.user.pk, type__in=kinds).exists())


class mistakes:
    """Errors with words for people become a page with those words, never a traceback."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if not isinstance(error, ServandaError):
            return None
        status = 400 if isinstance(error, UsageError) else 502
        status = 503 if isinstance(error, StoreUnreachable) else status
        if request.path.startswith("/v1/"):
            return JsonResponse({"error": str(error)}, status=status)
        back = request.headers.get("Referer") or reverse("home")
        return render(
            request, "servanda/mistake.html", {"error": error, "back": back}, status=status
        )
