"""The first sign-in, in a real browser: by authenticator app, and by passkey."""

from __future__ import annotations

import re
from urllib.parse import unquote

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.web.conftest import PASSWORD
from tests.web.world import Served, code


def _sign_in(page: Page, served: Served) -> None:
    """The password, which alone opens nothing."""
    page.goto(f"{served.url}/console/")
    expect(page).to_have_url(re.compile("/accounts/login/"))
    page.get_by_label("Email").fill("ann@firm.test")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page).to_have_url(re.compile("/accounts/2fa/authenticate/"))


def _code(page: Page, text: str) -> None:
    page.get_by_label("Code").fill(text)
    page.get_by_role("button", name="Sign in", exact=True).click()


def _inside(page: Page) -> None:
    expect(page.get_by_role("heading", level=1)).to_contain_text("Promises")


def _out(page: Page) -> None:
    page.get_by_role("button", name="Sign out").click()
    expect(page).to_have_url(re.compile("/privacy/"))


def _join(page: Page, served: Served) -> str:
    link = served.invite("ann@firm.test", "Ann", "owner")
    page.goto(link)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Go on").click()
    page.goto(f"{served.url}/console/")
    expect(page.get_by_role("heading", level=1)).to_contain_text("One more thing")
    return link


@pytest.mark.services
def test_an_owner_joins_by_invitation_with_an_authenticator_app(
    served: Served, browser: Browser
) -> None:
    page = browser.new_context().new_page()
    complaints: list[str] = []
    page.on("console", lambda told: complaints.append(told.text) if told.type == "error" else None)
    link = _join(page, served)
    page.get_by_role("link", name="Use an authenticator app").click()
    secret = page.locator("#authenticator_secret").input_value()
    assert page.evaluate("document.querySelector('img.qr').naturalWidth") > 100
    page.get_by_label("Authenticator code").fill(code(secret))
    page.get_by_role("button", name="Activate").click()
    page.goto(f"{served.url}/console/")
    _inside(page)
    _out(page)

    page.goto(link)
    expect(page.get_by_role("heading", level=1)).to_contain_text("over")
    _sign_in(page, served)
    page.goto(f"{served.url}/console/")  # nothing but the second step is open now
    expect(page).to_have_url(re.compile("/accounts/2fa/authenticate/"))
    _code(page, code(secret, 1))
    _inside(page)
    assert not [each for each in complaints if "Security Policy" in each]


@pytest.mark.services
def test_a_passkey_signs_in_alone_or_after_the_password_and_codes_once(
    served: Served, browser: Browser
) -> None:
    context = browser.new_context()
    page = context.new_page()
    device = context.new_cdp_session(page)
    device.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    made = device.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    _join(page, served)
    page.get_by_role("link", name="Use a passkey").click()
    page.get_by_label("Name").fill("Ann's laptop")
    page.get_by_role("button", name="Add").click()

    codes = page.locator("#recovery_codes").inner_text().split()
    assert len(set(codes)) == 10
    link = page.get_by_role("link", name="Download as text").get_attribute("href") or ""
    assert unquote(link).partition(",")[2].split() == codes
    page.reload()
    expect(page.locator("#recovery_codes")).to_have_count(0)
    assert codes[0] not in page.content()
    page.goto(f"{served.url}/console/")
    _inside(page)
    _out(page)

    page.goto(f"{served.url}/accounts/login/")
    page.get_by_role("button", name="Sign in with a passkey").click()
    _inside(page)
    _out(page)

    _sign_in(page, served)
    page.get_by_role("button", name="Use a passkey or security key").click()
    _inside(page)
    _out(page)

    _sign_in(page, served)
    _code(page, codes[3])
    _inside(page)
    _out(page)
    _sign_in(page, served)
    _code(page, codes[3])
    expect(page.get_by_text("Incorrect code")).to_be_visible()
    _code(page, codes[4])
    _inside(page)
    _out(page)

    device.send(  # a device that does not know its owner is not enough alone
        "WebAuthn.setUserVerified",
        {"authenticatorId": made["authenticatorId"], "isUserVerified": False},
    )
    page.goto(f"{served.url}/accounts/login/")
    page.get_by_role("button", name="Sign in with a passkey").click()
    page.goto(f"{served.url}/console/")
    expect(page).to_have_url(re.compile("/accounts/login/"))
