"""The page of a package in a real browser: no violation of axe-core, whole at 360 px, offline."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_core_python.sync_playwright import Axe
from playwright.sync_api import Page, sync_playwright

from tests.publish.package.world import unpacked, world


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    browser = shutil.which("chromium")
    if browser is None:
        reason = "Chromium is not installed: run `sudo tools/install-services --browser`"
        if os.environ.get("SERVANDA_TEST_ALL") == "1":
            pytest.fail(reason, pytrace=False)
        pytest.skip(reason)
    folder: Path = tmp_path_factory.mktemp("package")
    with world(folder) as company:
        for name, body in unpacked(company.make()).items():
            path = folder / "unpacked" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(body)
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=browser,
            args=["--no-sandbox", "--disable-background-networking", "--disable-sync"],
        )
        # The page allows no script at all; only the test's own accessibility probe may pass.
        context = chromium.new_context(
            viewport={"width": 360, "height": 740}, bypass_csp=True, offline=True
        )
        opened = context.new_page()
        opened.goto((folder / "unpacked" / "index.html").as_uri())
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
    region = page.locator(".scroll").first
    assert region.evaluate("node => node.scrollWidth - node.clientWidth") == 0
    cell = region.locator("td").first
    above = cell.evaluate("node => getComputedStyle(node, '::before').content")
    assert above == f'"{region.locator("th").first.inner_text()}"'
    heads, cells = region.locator("th"), region.locator("tbody tr").first.locator("td")
    assert heads.count() == cells.count() > 1


@pytest.mark.services
def test_every_link_leads_to_a_file_of_the_package(page: Page) -> None:
    links = page.locator("a").evaluate_all("nodes => nodes.map(node => node.href)")
    paths = [Path(each.removeprefix("file://")) for each in links]
    assert len(paths) > 10
    assert [path for path in paths if not path.is_file()] == []


@pytest.mark.services
def test_a_wide_table_is_reached_and_moved_by_keyboard(page: Page) -> None:
    page.set_viewport_size({"width": 700, "height": 740})  # on a narrower one nothing is wide
    region = page.locator(".scroll").first
    region.evaluate("node => { node.style.width = '12rem' }")  # as if there were more fields
    for _ in range(20):
        page.keyboard.press("Tab")
        if region.evaluate("node => node === document.activeElement"):
            break
    assert region.evaluate("node => node === document.activeElement")
    page.keyboard.press("ArrowRight")
    page.wait_for_function("document.querySelector('.scroll').scrollLeft > 0")
