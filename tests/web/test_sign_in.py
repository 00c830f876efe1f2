"""The first sign-in, in a real browser: invitation, password, authenticator app, board."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, expect

from tests.web.conftest import PASSWORD
from tests.web.world import Served, code


@pytest.mark.services
def test_an_owner_joins_by_invitation_with_an_authenticator_app(
    served: Served, browser: Browser
) -> None:
    link = served.invite("ann@firm.test", "Ann", "owner")
    page = browser.new_context().new_page()
    page.goto(f"{served.url}/console/")
    expect(page).to_have_url(re.compile("/accounts/login/"))
    page.goto(link)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Go on").click()
    page.goto(f"{served.url}/console/")
    expect(page.get_by_role("heading", level=1)).to_contain_text("One more thing")
    page.get_by_role("link", name="Use an authenticator app").click()
    secret = page.locator("#authenticator_secret").input_value()
    page.get_by_label(re.compile("code", re.IGNORECASE)).last.fill(code(secret))
    page.get_by_role("button", name=re.compile("Activate|Go on")).click()
    page.goto(f"{served.url}/console/")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Promises")
    page.get_by_role("button", name="Sign out").click()

    page.goto(link)
    expect(page.get_by_role("heading", level=1)).to_contain_text("over")
    page.goto(f"{served.url}/console/")
    page.get_by_label("Email").fill("ann@firm.test")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign In").click()
    page.goto(f"{served.url}/console/")  # the password alone opens nothing
    expect(page).to_have_url(re.compile("/accounts/login/"))
    page.get_by_label("Email").fill("ann@firm.test")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign In").click()
    page.get_by_label(re.compile("code", re.IGNORECASE)).first.fill(code(secret, 1))
    page.get_by_role("button", name="Sign In").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Promises")
