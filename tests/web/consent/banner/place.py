"""A company's site on loopback, and stand-ins of ours for what sites load from elsewhere.

One server, many names (`*.localhost` is loopback in Chromium): the site, the privacy server with
the banner's real bytes, and counters for analytics, a pixel, a film and a chat, each of which sets
cookies and is asked for only when a browser really asks.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self

COOKIES = """
recipients:
  stats: {name: Count Ltd, kind: processor, country: GB}
  ads: {name: Adverts Inc, kind: processor, country: GB}
  film: {name: Films GmbH, kind: processor, country: GB}
banner: {sites: [www.firm.localhost], asks_again: 6 months}
cookies:
  session: {category: necessary, purpose: Keeps the basket., lasts: session}
  chat_open: {category: functional, purpose: The chat., lasts: session, hosts: [chat.localhost]}
  film_seen:
    {category: functional, purpose: Films., lasts: 1 year, by: film, hosts: [film.localhost]}
  speed: {category: performance, purpose: Speed., lasts: 1 day, hosts: [fast.localhost]}
  _ga:
    {category: analytics, purpose: Counts., lasts: 13 months, by: stats, hosts: [stats.localhost]}
  _ga_*: {category: analytics, purpose: Counts., lasts: 13 months, by: stats}
  px: {category: advertising, purpose: Adverts., lasts: 1 year, by: ads, hosts: [pixel.localhost]}
"""
SCRIPTS = {
    "/tag.js": """
window.ran = (window.ran || []).concat("stats");
document.cookie = "_ga=1;path=/;max-age=9999";
document.cookie = "_ga_AB1=2;path=/;max-age=9999";
document.cookie = "_ga_wide=2;path=/;domain=firm.localhost;max-age=9999";
localStorage.setItem("_ga_kept", "1");
window.count = () => { new Image().src = "{stats}/again.gif"; };
window.setAgain = () => { document.cookie = "_ga=9;path=/"; };
""",
    "/chat.js": 'window.ran = (window.ran || []).concat("chat");'
    'document.cookie = "chat_open=1;path=/";',
    "/fast.js": 'window.ran = (window.ran || []).concat("fast");',
    "/site.js": """
const chat = document.createElement("script");
chat.src = "{chat}/chat.js";
document.body.append(chat);
const other = document.createElement("script"); other.setAttribute("src", "{fast}/fast.js");
document.head.append(other);
new Image().src = "{pixel}/made.gif";
fetch("{stats}/fetched").catch(() => {});
navigator.sendBeacon("{stats}/beacon");
""",
}
PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Firm</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
{tag}
<script type="text/plain" data-consent="analytics" data-src="{stats}/tag.js"></script>
<script type="text/plain" data-consent="analytics">
window.inline = (window.ran || []).join();</script>
<script type="text/plain" data-consent="necessary">window.needed = true;</script>
</head><body><main><h1>Firm</h1><p>We mend computers.</p>
<iframe title="Film" data-consent="functional" data-src="{film}/embed" width="240" height="150">
</iframe>
<img alt="Advert" data-consent="advertising" data-src="{pixel}/shown.gif" width="40" height="40">
<p><a href="#" data-consent-open>Your cookies</a></p></main>
<script src="/site.js"></script></body></html>"""
GIF = bytes.fromhex(
    "47494638396101000100800000000000ffffff21f90401000000002c00000000010001000002024401003b"
)


@dataclass
class Place:
    """`asked`: (host's first name, path) of what browsers asked for elsewhere. `choices`: what was
    posted. `status`: how the recording endpoint answers."""

    answers: dict[str, tuple[bytes, dict[str, str]]]
    asked: list[tuple[str, str]] = field(default_factory=list)
    choices: list[dict[str, Any]] = field(default_factory=list)
    gpc_headers: list[str] = field(default_factory=list)
    status: int = 201
    pages: dict[str, str] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    attributes: str = ""

    def __enter__(self) -> Self:
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self.server.daemon_threads = True
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.02,))
        self.thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()

    def url(self, name: str) -> str:
        host = f"{name}.firm" if name in ("www", "privacy") else name
        return f"http://{host}.localhost:{self.server.server_address[1]}"

    def filled(self, text: str) -> str:
        for name in ("stats", "chat", "fast", "pixel", "film", "privacy", "www"):
            text = text.replace(f"{{{name}}}", self.url(name))
        tag = f'<script src="{self.url("privacy")}/consent/banner.js" {self.attributes}></script>'
        return text.replace("{tag}", tag)

    def elsewhere(self) -> set[str]:
        """What was asked for, as `stats/tag.js`."""
        return {f"{host}{path}" for host, path in self.asked}


def _handler(place: Place) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            host = self.headers.get("Host", "").split(".")[0]
            path = self.path.partition("?")[0]
            if host == "privacy":
                content, headers = place.answers.get(self.path) or place.answers[path]
                return self.give(content, headers)
            if host == "www":
                if path == "/site.js":
                    return self.give(place.filled(SCRIPTS[path]).encode(), _kind("javascript"))
                page = place.pages.get(path, PAGE)
                return self.give(place.filled(page).encode(), {**_kind("html"), **place.headers})
            place.asked.append((host, path))
            return self.elsewhere(host, path)

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            if not self.path.startswith("/consent/choice"):
                place.asked.append((self.headers.get("Host", "").split(".")[0], self.path))
                return self.give(b"", {})
            place.gpc_headers.append(self.headers.get("Sec-GPC", ""))
            if place.status == 201:
                place.choices.append(json.loads(body))
            told = {"record": "r", "receipt": place.url("privacy") + "/consent/receipt/r"}
            return self.give(json.dumps(told).encode(), _kind("json"), place.status)

        def do_OPTIONS(self) -> None:
            self.give(b"", {"Access-Control-Allow-Headers": "Content-Type"})

        def elsewhere(self, host: str, path: str) -> None:
            cookie = {"Set-Cookie": f"{host}_theirs=1; Path=/; Secure; SameSite=None"}
            if path in SCRIPTS:
                return self.give(place.filled(SCRIPTS[path]).encode(), _kind("javascript") | cookie)
            if path == "/embed":
                return self.give(b"<!doctype html><title>film</title>Film", _kind("html") | cookie)
            return self.give(GIF, {"Content-Type": "image/gif", **cookie})

        def give(self, content: bytes, headers: dict[str, str], status: int = 200) -> None:
            self.send_response(status)
            origin = self.headers.get("Origin")
            shared = {"Access-Control-Allow-Origin": origin} if origin else {}
            for name, value in {**shared, **headers, "Content-Length": str(len(content))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: object) -> None:
            """Quiet."""

    return Handler


def _kind(name: str) -> dict[str, str]:
    kinds = {"javascript": "text/javascript", "html": "text/html; charset=utf-8"}
    return {"Content-Type": kinds.get(name, f"application/{name}")}


Serve = Callable[..., Place]
