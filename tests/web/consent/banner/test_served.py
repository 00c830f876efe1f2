"""The real server behind the real tag: another site shows the banner, the console a preview."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from axe_core_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from servanda.runtime import hub
from servanda.runtime.workspace import Workspace
from servanda.web.models import Member
from servanda.web.start import configure_django
from tests.web.conftest import PASSWORD
from tests.web.consent.banner.place import COOKIES, PAGE, Place
from tests.web.consent.banner.test_choices import press
from tests.web.world import Served, factor

Visitor = Callable[..., Page]


def _cookie(served: Served) -> str:
    """Of an owner who is signed in."""
    from django.test import Client

    with Workspace.open(served.folder) as workspace:
        configure_django(workspace.settings.web, workspace.master)
        workspace.use_state(every=True)
        hub.begin(workspace)
        owner = Member.objects.create_user("ann@firm.test", PASSWORD, name="Ann", role="owner")
        factor(owner)
        client = Client(SERVER_NAME="localhost")
        client.force_login(owner)
        return client.cookies["servanda"].value


@pytest.mark.services
def test_another_site_and_the_console_show_it(
    served: Served, browser: Browser, visitor: Visitor, tmp_path: Path
) -> None:
    with ThreadPoolExecutor(max_workers=1) as pool:  # the browser's loop lives in this thread
        cookie = pool.submit(_cookie, served).result()
    policy = served.folder / "policy.yaml"
    policy.write_text(policy.read_text("utf-8") + COOKIES, "utf-8")
    with Place({}) as place:
        tag = f'<script src="{served.url}/consent/banner.js"></script>'
        place.pages["/"] = PAGE.replace("{tag}", tag)
        page = visitor()
        page.goto(place.url("www"))
        page.get_by_role("button", name="Decline all").wait_for()
        assert place.elsewhere() == set() and page.context.cookies() == []
        press(page, "Accept all")
        assert "stats/tag.js" in place.elsewhere()
    context = browser.new_context(bypass_csp=False, viewport={"width": 360, "height": 740})
    context.add_cookies([{"name": "servanda", "value": cookie, "url": served.url}])
    console = context.new_page()
    wrong: list[str] = []
    console.on("console", lambda told: wrong.append(told.text) if told.type == "error" else None)
    console.goto(f"{served.url}/console/banner/")
    assert console.evaluate("document.documentElement.scrollWidth") <= 360
    console.screenshot(path=tmp_path / "narrow.png", full_page=True)
    console.goto(f"{served.url}/console/banner/preview/?lang=es")
    console.get_by_role("button", name="Rechazar todo").wait_for()
    press(console, "Aceptar todo")
    assert console.evaluate("Object.keys(localStorage)") == []
    console.reload()
    assert console.get_by_role("button", name="Rechazar todo").first.is_visible()
    assert wrong == []
    context.close()
    for width in (1280, 360):
        looking = browser.new_context(bypass_csp=True, viewport={"width": width, "height": 800})
        looking.add_cookies([{"name": "servanda", "value": cookie, "url": served.url}])
        page = looking.new_page()
        page.goto(f"{served.url}/console/banner/")
        page.screenshot(path=tmp_path / f"console-{width}.png", full_page=True)
        found = Axe().run(page)
        assert len(found["passes"]) > 10 and found["violations"] == []
        looking.close()
