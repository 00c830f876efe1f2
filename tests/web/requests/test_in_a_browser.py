"""A whole erasure in a real browser, from the purpose to the answer, with a real worker."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.apply.requests.house import rows, tapes
from tests.web.conftest import PASSWORD
from tests.web.world import Served, code


def signed_in(served: Served, browser: Browser) -> Page:
    page = browser.new_context().new_page()
    page.goto(served.invite("ann@firm.test", "Ann", "owner"))
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("One more thing")
    page.get_by_role("link", name="Use an authenticator app").click()
    expect(page.get_by_role("heading", level=1)).not_to_contain_text("One more thing")
    if "reauthenticate" in page.url:
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Confirm").click()
    secret = page.locator("#authenticator_secret").input_value()
    page.get_by_label(re.compile("code", re.IGNORECASE)).last.fill(code(secret))
    page.get_by_role("button", name=re.compile("Activate|Go on")).click()
    page.goto(f"{served.url}/console/")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Promises")
    return page


def states(page: Page) -> None:
    expect(page.get_by_role("heading", level=1)).to_contain_text("Why do you read this?")
    page.locator("input[name=purpose][value=rights]").check()
    page.get_by_role("button", name="Go on").click()


@pytest.mark.services
def test_an_erasure_from_the_call_to_the_letter(served: Served, browser: Browser) -> None:
    page = signed_in(served, browser)
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.get_by_role("navigation", name="Pages").get_by_role("link", name="Requests").click()
    page.get_by_role("link", name="Take in a request").click()
    states(page)
    page.get_by_label("What is asked for").select_option("erasure")
    page.get_by_label("E-mail address").fill("ann@example.test")
    page.get_by_label("Telephone number").fill("028 9000 0001")
    page.get_by_role("button", name="Take it in").click()
    states(page)
    expect(page.get_by_role("heading", level=1)).to_contain_text("Request 1: erasure")
    page.get_by_label("Document").select_option("passport")
    page.get_by_label("What was checked").fill("name and photograph")
    page.get_by_role("button", name="It fits: verified").click()

    page.get_by_role("link", name="What is theirs").click()
    expect(page.get_by_text("7 records in 3 stores")).to_be_visible()
    page.get_by_role("link", name="Show the records of tapes.wav").first.click()
    player = page.locator("audio").first
    expect(player).to_be_visible()
    address = player.get_attribute("src")
    heard = page.request.get(f"{served.url}{address}", headers={"Range": "bytes=0-3"})
    assert (heard.status, len(heard.body())) == (206, 4)

    page.get_by_role("link", name="Decide", exact=True).click()
    page.get_by_role("button", name="Decide to act", exact=True).click()
    page.get_by_role("link", name="Act", exact=True).click()
    button = page.get_by_role("button", name="Do this now")
    expect(button).to_be_disabled()
    number = page.locator("form[data-confirm]").get_attribute("data-confirm")
    assert number
    page.get_by_label(re.compile("Type the number")).fill("1")
    expect(button).to_be_disabled()
    page.get_by_label(re.compile("Type the number")).fill(number)
    assert len(tapes(served.folder)) == 3
    button.click()
    expect(page.get_by_text(f"{number} records.")).to_be_visible(timeout=20_000)  # by itself
    assert rows(served.folder, "crm", "SELECT id FROM clients WHERE id < 4 ORDER BY id") == [
        (2,),
        (3,),
    ]
    assert tapes(served.folder) == ["a2", "b1"]

    page.get_by_role("link", name="Answer", exact=True).click()
    expect(page.get_by_text("Nothing is recorded yet.")).to_be_visible()
    page.get_by_role("button", name="Write it and put it on record").click()
    with page.expect_download() as download:
        page.get_by_role("link", name="The letter (PDF)").click()
    assert download.value.path().read_bytes().startswith(b"%PDF")
    assert not [each for each in said if "Content Security Policy" in each]
