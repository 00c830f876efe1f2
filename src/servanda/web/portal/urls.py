"""Addresses of the portal."""

from __future__ import annotations

from servanda.web.portal import (
    board,
    confirm,
    contact,
    editions,
    follow,
    package,
    policy,
    request,
    start,
)

urlpatterns = [
    *start.urls,
    *request.urls,
    *confirm.urls,
    *follow.urls,
    *package.urls,
    *contact.urls,
    *policy.urls,
    *editions.urls,
    *board.urls,
]
