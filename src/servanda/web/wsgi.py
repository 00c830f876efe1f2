"""The application that `servanda serve` runs. `web.start.configure` comes first."""

from __future__ import annotations

from django.core.handlers.wsgi import WSGIHandler


def application() -> WSGIHandler:
    return WSGIHandler()
