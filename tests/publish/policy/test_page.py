"""The page: nothing in it becomes markup, and it works for everybody on a narrow screen."""

from __future__ import annotations

import dataclasses
import functools
import http.server
import shutil
import threading
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest
from axe_core_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, sync_playwright

from servanda.publish.policy import html, stylesheet
from tests.publish.policy.test_forms import NASTY
from tests.publish.policy.world import doc, full


class Found(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.ids: list[str | None] = []
        self.text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs
        self.ids += [value for name, value in attrs if name == "id"]

    def handle_data(self, data: str) -> None:
        self.text.append(data)


def parsed(page: str) -> Found:
    found = Found()
    found.feed(page)
    return found


def test_what_is_written_in_a_policy_is_text() -> None:
    plain = parsed(html(doc()))
    policy = dataclasses.replace(full(), security=(*NASTY, '"><img src=x onerror=alert(1)>'))
    nasty = parsed(html(doc(policy)))
    assert set(nasty.tags) == set(plain.tags)
    assert '"><img src=x onerror=alert(1)>' in nasty.text
    for name, value in nasty.attributes:
        assert not name.startswith("on")
        assert name != "style"
        assert "evil" not in (value or "").replace("https://evil.test", "")


def test_no_script_no_style_of_its_own_and_nothing_from_outside() -> None:
    found = parsed(html(doc()))
    assert not {"script", "style", "img", "iframe", "form"} & set(found.tags)
    assert "default-src 'none'" in html(doc())
    links = [value for name, value in found.attributes if name in ("href", "src")]
    assert {each for each in links if each and not each.startswith(("#", "mailto:"))} == {
        "policy.css"
    }


def test_every_link_within_the_page_leads_somewhere_and_no_id_stands_twice() -> None:
    found = parsed(html(doc()))
    assert len(found.ids) == len(set(found.ids))
    inner = [v[1:] for n, v in found.attributes if n == "href" and v and v.startswith("#")]
    assert inner
    assert set(inner) <= set(found.ids)


def test_a_promise_has_an_address_of_its_own() -> None:
    assert 'id="promise-JT-06"' in html(doc())


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder: Path = tmp_path_factory.mktemp("published")
    (folder / "policy.html").write_text(html(doc()), encoding="utf-8")
    (folder / "policy.css").write_bytes(stylesheet())
    handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory=str(folder))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}/policy.html"
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox"]
        )
        yield browser
        browser.close()


def opened(browser: Browser, address: str, width: int) -> Page:
    page = browser.new_page(viewport={"width": width, "height": 900})
    page.goto(address)
    return page


@pytest.mark.parametrize("width", [1280, 360])
def test_it_is_accessible_and_never_scrolls_sideways(
    chromium: Browser, served: str, width: int
) -> None:
    page = opened(chromium, served, width)
    assert page.evaluate("getComputedStyle(document.body).maxWidth") == "832px"  # styled
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    found = Axe().run(page)["violations"]
    assert [(each["id"], each["nodes"][0]["html"]) for each in found] == []
    page.close()


def test_on_paper_tables_are_whole_and_the_contents_are_left_out(
    chromium: Browser, served: str
) -> None:
    page = opened(chromium, served, 1280)
    page.emulate_media(media="print")
    style = "getComputedStyle(document.querySelector('{}')).{}"
    assert page.evaluate(style.format("nav", "display")) == "none"
    assert page.evaluate(style.format(".scroll", "overflowX")) == "visible"
    page.close()
