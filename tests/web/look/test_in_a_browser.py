"""In Chromium: every page is accessible and fits a telephone; a policy is changed and in force."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from axe_core_python.sync_playwright import Axe
from django.test import Client
from playwright.sync_api import Browser, Page, expect

from servanda.runtime import hub
from servanda.runtime.workspace import Workspace
from servanda.web.models import Member
from servanda.web.start import configure_django
from tests.web.conftest import PASSWORD
from tests.web.look.test_pages import swept
from tests.web.world import Served, factor

PAGES = (
    "",
    "map/",
    "evidence/",
    "evidence/entry/2/",
    "evidence/checkpoints/",
    "stores/",
    "stores/of/crm/",
    "settings/",
    "settings/stores.yaml/",
    "settings/policy.yaml/edit/",
    "settings/policy.yaml/versions/",
)


def _prepared(served: Served) -> str:
    """Evidence, and an owner who is signed in; the session's cookie."""
    with Workspace.open(served.folder) as workspace:
        configure_django(workspace.settings.web, workspace.master)
        workspace.use_state(every=True)
        hub.begin(workspace)
        swept(workspace)
        owner = Member.objects.create_user("ann@firm.test", PASSWORD, name="Ann", role="owner")
        factor(owner)
        client = Client(SERVER_NAME="localhost")
        client.force_login(owner)
        return client.cookies["servanda"].value


@pytest.fixture
def page(served: Served, browser: Browser) -> Iterator[Page]:
    with ThreadPoolExecutor(max_workers=1) as pool:  # the browser's loop lives in this thread
        cookie = pool.submit(_prepared, served).result()
    context = browser.new_context(bypass_csp=True)
    context.add_cookies([{"name": "servanda", "value": cookie, "url": served.url}])
    yield context.new_page()
    context.close()


@pytest.mark.services
def test_pages_are_accessible_and_fit_a_telephone(served: Served, page: Page) -> None:
    wrong = []
    for width in (1280, 360):
        page.set_viewport_size({"width": width, "height": 800})
        for address in PAGES:
            told = page.goto(f"{served.url}/console/{address}")
            assert told is not None and told.status == 200, address
            found = Axe().run(page)
            assert len(found["passes"]) > 10, "axe-core did not look"
            wrong += [(address, width, each["id"]) for each in found["violations"]]
            if page.evaluate("document.documentElement.scrollWidth") > width:
                wrong.append((address, width, "too wide"))
    assert wrong == []


@pytest.mark.services
def test_a_policy_is_changed_and_a_store_looked_at(served: Served, page: Page) -> None:
    page.goto(f"{served.url}/console/settings/policy.yaml/edit/")
    box = page.get_by_label("policy.yaml")
    text = box.input_value()
    box.fill(text.replace("basis: contract", "basis: contrakt", 1))
    page.get_by_role("button", name="Check and compare").click()
    expect(page.get_by_role("alert")).to_contain_text("cannot be saved yet")
    page.get_by_label("policy.yaml", exact=True).fill(text.replace("House Ltd", "Hut & Sons"))
    page.get_by_role("button", name="Check and compare").click()
    page.get_by_role("button", name="Save as a new version").click()
    expect(page.get_by_role("status")).to_contain_text("saved and in force")
    expect(page.get_by_role("banner")).to_contain_text("Hut & Sons")

    page.goto(f"{served.url}/console/stores/")
    page.get_by_role("button", name="Look at all of them now").click()
    expect(page.get_by_text("when somebody last asked").first).to_be_visible(timeout=20_000)
