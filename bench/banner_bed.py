"""Two pages with the same things to hold back: one with our banner, one with vanilla-cookieconsent,
and a bare one; served here, opened in Chromium with a slower processor."""

from __future__ import annotations

import gzip
import json
import shutil
import subprocess
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any, Self

PEER = "vanilla-cookieconsent"
_POLICY = b"""
servanda: 1
organisation: {name: Bench Ltd, country: GB, contact: privacy@bench.example}
jurisdictions: [GB]
recipients:
  stats: {name: Count Ltd, kind: processor, country: GB}
  ads: {name: Adverts Inc, kind: processor, country: GB}
activities:
  site:
    purposes: [support]
    basis: consent
    subjects: [enquirer]
    data: [contact.email]
    retain: {at_most: 1 year, after: received, then: delete}
consents:
  support: {point: the banner}
banner: {sites: [www.bench.example], asks_again: 6 months}
cookies:
  session: {category: necessary, purpose: Keeps the basket., lasts: session}
  chat: {category: functional, purpose: The chat., lasts: session, hosts: [chat.example]}
  speed: {category: performance, purpose: Speed., lasts: 1 day, hosts: [fast.example]}
  _ga: {category: analytics, purpose: Counts., lasts: 13 months, by: stats, hosts: [stats.example]}
  _ga_*: {category: analytics, purpose: Counts., lasts: 13 months, by: stats}
  px: {category: advertising, purpose: Adverts., lasts: 1 year, by: ads, hosts: [ads.example]}
"""
_TEXT = "<p>" + "We mend computers, and keep networks running. " * 12 + "</p>"
_BODY = f"<h1>Bench</h1>{_TEXT * 20}"
_GATED = (
    '<script type="text/plain" {} data-src="/never.js"></script>'
    '<script type="text/plain" {}>window.ran = 1;</script>'
)


@dataclass(frozen=True, slots=True)
class Weight:
    """Compressed bytes, JavaScript and CSS."""

    script: int
    style: int

    @property
    def whole(self) -> int:
        return self.script + self.style


def packed(content: bytes) -> int:
    return len(gzip.compress(content, 6))


def ours() -> dict[str, bytes]:
    """What our server gives for that policy."""
    from servanda.policy import load
    from servanda.runtime.websettings import WebSettings
    from servanda.web.start import configure_django

    configure_django(WebSettings(), b"b" * 32)
    from servanda.web.consent.banner import config, serving
    from servanda.web.consent.banner.edition import Shown

    policy = load(Path("policy.yaml"), draft=_POLICY).policy
    assert policy is not None
    shown, now = Shown(1, "0" * 64, "1-00000000", None), datetime.now(UTC)
    folder = Path(serving.__file__).parent / "served"
    return {
        "/consent/banner.js": serving.source(config.rules(policy, shown, now)).encode(),
        "/consent/banner.css": (folder / "banner.css").read_bytes(),
        "/consent/config.json": json.dumps(config.texts(policy, shown, "en", "")).encode(),
    }


def theirs(folder: Path) -> dict[str, bytes]:
    """The peer, as npm gives it. Nothing of it is part of the product."""
    npm = shutil.which("npm")
    assert npm, "npm is needed to fetch the peer"
    command = [npm, "install", "--ignore-scripts", "--no-audit", "--no-fund", "--prefix"]
    subprocess.run([*command, str(folder), PEER], check=True, capture_output=True, timeout=120)
    found = folder / "node_modules" / PEER
    return {
        "/peer.js": (found / "dist" / "cookieconsent.umd.js").read_bytes(),
        "/peer.css": (found / "dist" / "cookieconsent.css").read_bytes(),
        "version": json.loads((found / "package.json").read_text("utf-8"))["version"].encode(),
    }


def pages(texts: Mapping[str, Any]) -> dict[str, bytes]:
    """`/bare`, `/ours`, `/theirs`. The peer gets our words, and the same categories."""
    sections = [
        {"title": each["name"], "description": each["says"], "linkedCategory": each["id"]}
        for each in texts["categories"]
    ]
    told = {
        "hideFromBots": False,  # it would hide from the browser that measures
        "categories": {
            each["id"]: {
                "readOnly": each["id"] == "necessary",
                "enabled": each["id"] == "necessary",
            }
            for each in texts["categories"]
        },
        "language": {
            "default": "en",
            "translations": {
                "en": {
                    "consentModal": {
                        "title": texts["title"],
                        "description": texts["says"],
                        "acceptAllBtn": texts["accept"],
                        "acceptNecessaryBtn": texts["decline"],
                        "showPreferencesBtn": texts["choose"],
                    },
                    "preferencesModal": {
                        "title": texts["control"],
                        "acceptAllBtn": texts["accept"],
                        "acceptNecessaryBtn": texts["decline"],
                        "savePreferencesBtn": texts["save"],
                        "sections": sections,
                    },
                }
            },
        },
    }
    here = 'data-consent="analytics"'
    call = json.dumps(told).replace("<", "\\u003c")
    peer = f"<script>CookieConsent.run({call})</script>"
    there = 'data-category="analytics"'
    return {
        "/bare": _page("", ""),
        "/ours": _page('<script src="/consent/banner.js"></script>', _GATED.replace("{}", here)),
        "/theirs": _page(
            '<link rel="stylesheet" href="/peer.css"><script src="/peer.js"></script>',
            _GATED.replace("{}", there) + peer,
        ),
    }


def _page(head: str, end: str) -> bytes:
    meta = '<meta charset="utf-8"><title>Bench</title><link rel="icon" href="data:,">'
    start = f'<!doctype html><html lang="en"><head>{meta}{head}</head>'
    return f"{start}<body>{_BODY}{end}</body></html>".encode()


class Bed:
    """Serves those files on a port of this machine."""

    def __init__(self, files: Mapping[str, bytes]) -> None:
        kinds = {".js": "text/javascript", ".css": "text/css", ".json": "application/json"}

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                path = self.path.partition("?")[0]
                content = files.get(path, b"")
                self.send_response(200 if content else 404)
                self.send_header("Content-Type", kinds.get(Path(path).suffix, "text/html"))
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, format: str, *args: object) -> None:
                """Quiet."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        self.url = f"http://localhost:{self._server.server_address[1]}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
