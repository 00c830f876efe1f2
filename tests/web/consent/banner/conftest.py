"""The firm with cookies in its policy, its site on loopback, and visitors with a real browser."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, Page

from servanda.runtime import hub
from servanda.runtime.workspace import Workspace
from tests.web.consent.banner.place import COOKIES, Place

FILES = (
    "/consent/banner.js",
    "/consent/banner.css",
    "/consent/config.json",
    "/consent/config.json?lang=es",
)


def declare(site: Workspace, more: str = COOKIES) -> None:
    """Put cookies and a banner into the firm's policy."""
    path = site.folder / "policy.yaml"
    path.write_text(path.read_text("utf-8").partition("\nrecipients:")[0] + more, "utf-8")
    assert hub.workspace().policy.cookies, hub.fault()


def answers() -> dict[str, tuple[bytes, dict[str, str]]]:
    """The files as our server gives them now, with their headers."""
    client = Client(SERVER_NAME="localhost")
    found = {}
    for path in FILES:
        told = client.get(path)
        assert told.status_code == 200, path
        kept = {name: told.headers[name] for name in told.headers if name != "Content-Length"}
        kept["Cache-Control"] = "no-store"  # so that a test may change them
        found[path] = (told.content, kept)
    return found


@pytest.fixture
def place(site: Workspace) -> Iterator[Place]:
    declare(site)
    with Place(answers()) as found:
        yield found


@pytest.fixture
def visitor(browser: Browser) -> Iterator[Callable[..., Page]]:
    """A new visitor. `gpc`: their browser sends Global Privacy Control."""
    with ExitStack() as stack:

        def made(gpc: bool = False, **more: object) -> Page:
            context: BrowserContext = browser.new_context(**more)  # type: ignore[arg-type]
            stack.callback(context.close)
            if gpc:
                context.add_init_script(
                    "Object.defineProperty(Navigator.prototype, 'globalPrivacyControl',"
                    " {get: () => true})"
                )
                context.set_extra_http_headers({"Sec-GPC": "1"})
            return context.new_page()

        yield made
