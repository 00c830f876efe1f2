"""A real browser that looks at pages as they are served: nothing of their own rules is put off.

What the test itself asks of a page goes through the browser's inspector, which those rules do not
bind; so even axe-core runs on a page whose content policy is in force.
"""

from __future__ import annotations

import json
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from axe_core_python.sync_playwright import Axe
from playwright.sync_api import BrowserContext, Page, Request

_AXE = Axe().axe_script
_TOLD_S = 10.0
_WATCH = """
window.refusedByPolicy = [];
document.addEventListener('securitypolicyviolation', e =>
  refusedByPolicy.push(e.violatedDirective + ' ' + (e.blockedURI || '') + ' ' + (e.sample || '')));
"""
_FOUND = """axe.run().then(found => JSON.stringify({passes: found.passes.length, wrong:
  found.violations.map(v => v.id + ': ' + v.nodes.map(n => n.html.slice(0, 160)).join(' | '))}))"""
_CUT = """JSON.stringify([...document.querySelectorAll('body *')].filter(node => {
  const box = node.getBoundingClientRect();
  const own = node.closest('.scroll, pre, textarea, .vh, .skip, svg');
  return !own && box.width && box.right > document.documentElement.clientWidth + 1;
}).slice(0, 3).map(node => node.outerHTML.slice(0, 160)))"""
_SHOWN = """JSON.stringify({h1: [...document.querySelectorAll('h1')].map(h => h.innerText),
  text: document.querySelector('main')?.innerText || ''})"""


@dataclass
class Looker:
    """One tab. `said`: what the browser complained of since the last page."""

    context: BrowserContext
    url: str
    said: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page: Page = self.context.new_page()
        self.page.add_init_script(_WATCH)
        self.page.on("console", lambda told: self._heard(told.type, told.text))
        self.page.on("pageerror", lambda error: self.said.append(f"error: {error}"))
        self.page.on("request", self._asked)
        self.page.on("requestfailed", self._failed)
        self._inspector = self.context.new_cdp_session(self.page)
        self._inspector.send("Network.enable")
        self._inspector.send("Network.setCacheDisabled", {"cacheDisabled": True})
        self._inspector.on("Network.requestWillBeSent", self._begun)
        self._inspector.on("Network.loadingFinished", self._loaded)
        self._inspector.on("Network.loadingFailed", self._ended)
        self._loading: set[str] = set()
        self._bytes = 0

    def open(self, path: str) -> int:
        """The status; `said` and `weight` begin anew."""
        self.said, self._bytes = [], 0
        self._loading.clear()
        told = self.page.goto(f"{self.url}{path}", wait_until="load")
        assert told is not None, path
        return told.status

    def weight(self) -> int:
        """Bytes over the wire. The inspector tells them a little after the page is there."""
        until = time.monotonic() + _TOLD_S
        while self._loading and time.monotonic() < until:
            self.page.wait_for_timeout(10)
        assert not self._loading, "the browser is still loading"
        return self._bytes

    def widen(self, width: int) -> None:
        self.page.set_viewport_size({"width": width, "height": 800})

    def shown(self) -> tuple[list[str], str]:
        """The main headings, and all text of the content."""
        told = json.loads(self.ask(_SHOWN))
        return told["h1"], told["text"]

    def violations(self) -> list[str]:
        """Of axe-core's rules."""
        if self.ask("typeof axe") == "undefined":
            self.ask(f"{_AXE}; ''")
        told = json.loads(self.ask(_FOUND))
        assert told["passes"] > 10, "axe-core did not look"
        return [str(each) for each in told["wrong"]]

    def cut_off(self) -> list[str]:
        """What reaches beyond the right edge, and the page's width where it scrolls sideways."""
        wide = self.ask("document.documentElement.scrollWidth - innerWidth")
        parts = [str(each) for each in json.loads(self.ask(_CUT))]
        return [f"{wide} px too wide"] * (wide > 0) + parts

    def refused(self) -> list[str]:
        """What the page's content policy kept from happening."""
        return [str(each) for each in json.loads(self.ask("JSON.stringify(refusedByPolicy)"))]

    def picture(self, path: Path) -> None:
        self.page.screenshot(path=path, full_page=True)

    def ask(self, expression: str) -> Any:
        told = self._inspector.send(
            "Runtime.evaluate",
            {"expression": expression, "awaitPromise": True, "returnByValue": True},
        )
        assert "exceptionDetails" not in told, told["exceptionDetails"]
        return told["result"].get("value")

    def _heard(self, kind: str, text: str) -> None:
        if kind in ("error", "warning"):
            self.said.append(f"{kind}: {text}")

    def _asked(self, request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme != "data" and f"{parts.scheme}://{parts.netloc}" != self.url:
            self.said.append(f"asked somebody else: {request.url}")

    def _failed(self, request: Request) -> None:
        self.said.append(f"failed: {request.url} {request.failure}")

    def _begun(self, event: dict[str, Any]) -> None:
        data = urlsplit(event["request"]["url"]).scheme == "data"
        if not data and event.get("type") != "Other":  # the end of an icon's is never told
            self._loading.add(event["requestId"])

    def _ended(self, event: dict[str, Any]) -> None:
        self._loading.discard(event["requestId"])

    def _loaded(self, event: dict[str, Any]) -> None:
        self._ended(event)
        self._bytes += int(event["encodedDataLength"])
