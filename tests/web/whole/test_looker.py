"""What the browser is asked finds what is wrong: each fault, on a page that has it and on one that
has not."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from playwright.sync_api import Browser

from tests.web.conftest import browser
from tests.web.whole.looker import Looker

__all__ = ["browser"]
pytestmark = pytest.mark.services

_HEAD = '<!doctype html><html lang="en"><head><title>A page</title></head><body><main><h1>One</h1>'
GOOD = f"{_HEAD}<p>Words that are long enough to be read.</p></main></body></html>"
_POLICY = "default-src 'none'; img-src *; style-src 'self'"
PAGES = {
    "/good": GOOD,
    "/wide": GOOD.replace("<p>", '<table width="900"><tr><td>wide</td></tr></table><p>'),
    "/unlabelled": GOOD.replace("<p>", "<input><img src='/pixel'><p>"),
    "/inline": GOOD.replace("<p>", '<p style="color: red">'),
    "/script": GOOD.replace("<p>", "<script>document.title = 'x'</script><p>"),
    "/elsewhere": GOOD.replace("<p>", '<img alt="" src="http://127.0.0.1:9/pixel"><p>'),
    "/heavy": GOOD.replace("<p>", f"<p>{'many words ' * 9_000}"),
}


class _Pages(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        found = PAGES.get(self.path, GOOD).encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Security-Policy", _POLICY)
        self.send_header("Content-Length", str(len(found)))
        self.end_headers()
        self.wfile.write(found)

    def log_message(self, format: str, *args: object) -> None:
        """Nothing: tests are quiet."""


@pytest.fixture
def look(browser: Browser) -> Iterator[Looker]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Pages)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    context = browser.new_context(viewport={"width": 360, "height": 700})
    yield Looker(context, f"http://127.0.0.1:{server.server_port}")
    context.close()
    server.shutdown()
    server.server_close()


def test_a_sound_page_has_no_fault(look: Looker) -> None:
    assert look.open("/good") == 200
    assert (look.refused(), look.violations(), look.cut_off()) == ([], [], [])
    assert 0 < look.weight() < 2_000
    assert look.shown() == (["One"], "One\n\nWords that are long enough to be read.")


def test_each_fault_is_found(look: Looker) -> None:
    look.open("/wide")
    assert any("too wide" in each for each in look.cut_off())
    look.open("/unlabelled")
    found = " ".join(look.violations())
    assert "label:" in found and "image-alt:" in found
    look.open("/inline")
    assert any("style-src-attr" in each for each in look.refused())
    look.open("/script")
    assert any("script-src" in each for each in look.refused())
    assert any("error" in each for each in look.said)
    look.open("/elsewhere")
    assert any("asked somebody else: http://127.0.0.1:9/pixel" in each for each in look.said)
    look.open("/heavy")
    assert look.weight() > 90_000
