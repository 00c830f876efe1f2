"""Who may see a page. Every view says so, with one of two words:

    @public                                  everybody, without an account
    @page(May.PLANS)                         members whose role has that right
    @page(May.REQUEST, scope="request:{ref}")   the same, and with a stated purpose for that scope

A right that shows people's data needs a scope: who has not said why they read is asked first.
`request.task` is then the purpose; call `looked(request, "what")` before showing anything.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from servanda.desk import access
from servanda.desk.roles import PERSONAL, May, may
from servanda.web.models import Member

View = Callable[..., HttpResponseBase]
PUBLIC = object()


def said(view: Any) -> object | None:
    """`PUBLIC`, a right, or None where a view does not say who may see it."""
    return getattr(view, "servanda_access", None)


def public(view: View) -> View:
    """Everybody may see it."""
    view.servanda_access = PUBLIC  # type: ignore[attr-defined]
    return view


def page(
    right: May, *, scope: str = "", methods: tuple[str, ...] = ("GET",), otherwise: str = ""
) -> Callable[[View], View]:
    """Members whose role has the right. `scope`: what is read, with the names of the address's
    parts. `otherwise`: the name of the page that customers are led to instead of being refused."""
    if (right in PERSONAL) != bool(scope):
        raise TypeError(f"{right}: a page with people's data says whose, and no other does")

    def wrap(view: View) -> View:
        @functools.wraps(view)
        def inner(request: HttpRequest, *args: Any, **named: Any) -> HttpResponseBase:
            if not request.user.is_authenticated:
                return redirect_to_login(request.get_full_path())
            what = scope.format(**named) if scope else ""
            member = member_of(request)
            if not may(member.role, right):
                if scope:
                    access.refuse(reader(member), what, view.__name__, f"the role may not {right}")
                if otherwise and may(member.role, May.OWN_TENANT):
                    return redirect(otherwise)
                raise PermissionDenied(f"Your role may not {right}.")
            if scope:
                task = access.current(member.by, what)
                if task is None:
                    return _ask(request, what)
                request.task = task  # type: ignore[attr-defined]
            return view(request, *args, **named)

        wrapped = require_http_methods([*methods, "HEAD"] if "GET" in methods else list(methods))(
            inner
        )
        wrapped.servanda_access = right  # type: ignore[attr-defined]
        wrapped.servanda_scope = scope  # type: ignore[attr-defined]
        return wrapped

    return wrap


def _ask(request: HttpRequest, scope: str) -> HttpResponse:
    """Why do you read this? After the answer, back to the page (never to a form's target)."""
    back = request.get_full_path() if request.method == "GET" else reverse("console")
    return redirect(f"{reverse('purpose')}?{urlencode({'scope': scope, 'next': back})}")


def member_of(request: HttpRequest) -> Member:
    """Who is signed in."""
    member = request.user
    if not isinstance(member, Member):
        raise PermissionDenied("Sign in first.")
    return member


def reader(member: Member) -> access.Reader:
    return access.Reader(member.by, member.role)


def looked(request: HttpRequest, what: str) -> None:
    """Put on record that this page shows something of people, before it does."""
    access.read(request.task, what)  # type: ignore[attr-defined]
