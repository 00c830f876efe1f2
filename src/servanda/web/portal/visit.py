"""One visit to the portal: a cookie with a secret, and a sealed draft that only it opens.

    @visited
    def page(request): request.visit.data["answers"] = …; request.visit.changed = True

The cookie holds nothing but the secret; what was typed lies in `PortalDraft` for an hour.
"""

from __future__ import annotations

import functools
import ipaddress
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase

from servanda.desk.portal import drafts
from servanda.runtime import hub

View = Callable[..., Any]


@dataclass
class Visit:
    """`data`: what is kept of it. Set `changed` after changing it, `ended` to forget it."""

    secret: str
    data: dict[str, Any] = field(default_factory=dict)
    changed: bool = False
    ended: bool = False

    def renew(self) -> None:
        """Begin anew, under a secret that nobody else can have put into this browser."""
        if self.data:
            drafts.drop(self.secret)
        self.secret, self.data, self.changed = drafts.new_secret(), {}, True

    def put(self, name: str, value: Any) -> None:
        self.data[name] = value
        self.changed = True


def visited(view: View) -> View:
    """Give the view `request.visit`, and keep what it leaves there."""

    @functools.wraps(view)
    def inner(request: HttpRequest, *args: Any, **named: Any) -> HttpResponseBase:
        book = hub.workspace().desk.book
        secret = request.COOKIES.get(_name(), "")
        data = drafts.read(book, secret)
        visit = Visit(secret if data else drafts.new_secret(), data)
        request.visit = visit  # type: ignore[attr-defined]
        response: HttpResponseBase = view(request, *args, **named)
        if visit.ended:
            drafts.drop(visit.secret)
            response.delete_cookie(_name(), path="/", samesite="Strict")
        elif visit.changed:
            drafts.write(book, visit.secret, visit.data)
            response.set_cookie(
                _name(),
                visit.secret,
                max_age=int(drafts.LASTS.total_seconds()),
                path="/",
                secure=settings.SESSION_COOKIE_SECURE,
                httponly=True,
                samesite="Lax",  # a link in one of our mails leads back into the visit
            )
        return response

    return inner


def visit_of(request: HttpRequest) -> Visit:
    visit: Visit = request.visit  # type: ignore[attr-defined]
    return visit


def caller(request: HttpRequest) -> str:
    """From where somebody calls, for counting: of IPv6 the network, which one household has."""
    told = request.META.get("REMOTE_ADDR", "")
    try:
        address = ipaddress.ip_address(told)
    except ValueError:
        return "unknown"
    if address.version == 6:
        return str(ipaddress.ip_network((address, 64), strict=False))
    return str(address)


def _name() -> str:
    return "__Host-portal" if settings.SESSION_COOKIE_SECURE else "portal"
