"""Addresses of the console, page by page. `shell.WAYS` is the order in which they are shown."""

from __future__ import annotations

from importlib import import_module
from itertools import chain

PAGES = (
    "board",
    "access_log",
    "banner",
    "consents",
    "enquiries",
    "evidence",
    "find",
    "forecast",
    "forms",
    "holds",
    "mail",
    "incidents",
    "map",
    "me",
    "people",
    "plans",
    "proof",
    "published",
    "runs",
    "settings",
    "stores",
    "tokens",
    "requests",
    "callers",
    "own",
)

urlpatterns = list(
    chain.from_iterable(import_module(f"servanda.web.console.{name}").urls for name in PAGES)
)
