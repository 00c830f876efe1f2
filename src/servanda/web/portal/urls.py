"""Addresses of the portal."""

from __future__ import annotations

from servanda.web.portal import board, contact, follow, package, policy, request, start

urlpatterns = [
    *start.urls,
    *request.urls,
    *follow.urls,
    *package.urls,
    *contact.urls,
    *policy.urls,
    *board.urls,
]
