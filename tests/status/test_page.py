"""The board in a real browser: no violation of axe-core, readable at 360 px, usable by keyboard."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_core_python.sync_playwright import Axe
from playwright.sync_api import Page, sync_playwright

from servanda.status import board
from servanda.status.html import render
from tests.status.entries import CONTROL, Ledger, day, promise


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    browser = shutil.which("chromium")
    if browser is None:
        reason = "Chromium is not installed: run `sudo tools/install-services --browser`"
        if os.environ.get("SERVANDA_TEST_ALL") == "1":
            pytest.fail(reason, pytrace=False)
        pytest.skip(reason)
    ledger = Ledger()
    ledger.policy(
        "2026-01-01",
        promise("P-1", CONTROL),
        promise("P-2", planned=True),
        promise("P-3", "policy.basis"),
        {**promise("P-4", "evidence.ledger"), "says": "A long promise. " * 12},
    )
    ledger.sweep("2026-01-02", cdr=4)
    ledger.recount("2026-01-03", "pbx.cdr", suspended=1)
    file: Path = tmp_path_factory.mktemp("board") / "board.html"
    file.write_text(render(board(ledger.entries, day("2026-01-03"))), encoding="utf-8")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=browser,
            args=["--no-sandbox", "--disable-background-networking", "--disable-sync"],
        )
        # The page allows no script at all; only the test's own accessibility probe may pass.
        context = chromium.new_context(viewport={"width": 360, "height": 740}, bypass_csp=True)
        opened = context.new_page()
        opened.goto(file.as_uri())
        yield opened
        chromium.close()


@pytest.mark.services
def test_axe_core_finds_no_violation(page: Page) -> None:
    result = Axe().run(page)
    assert len(result["passes"]) > 10, "axe-core did not look"
    assert [each["id"] for each in result["violations"]] == []


@pytest.mark.services
def test_nothing_is_cut_off_at_360_pixels(page: Page) -> None:
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


@pytest.mark.services
def test_evidence_opens_by_keyboard(page: Page) -> None:
    details = page.locator("details").first
    assert not details.evaluate("node => node.open")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert details.evaluate("node => node.open")
    assert "past the ceiling" in details.inner_text()
