"""Addresses of the consent face. Each part ends in its own `urls`."""

from __future__ import annotations

from importlib import import_module
from itertools import chain

PARTS = ("banner.serving", "notice", "choice", "receipt", "preferences", "unsubscribe")

urlpatterns = list(
    chain.from_iterable(import_module(f"servanda.web.consent.{name}").urls for name in PARTS)
)
