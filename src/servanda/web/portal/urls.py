"""Addresses of the portal."""

from __future__ import annotations

from django.urls import path

from servanda.web.portal import start

urlpatterns = [path("", start.start, name="portal")]
