"""Every control of publishing, consent and intake is proven by serving who publishes, and
by nothing less: a real `servanda serve`, and a site of the company's that carries the banner."""

from __future__ import annotations

import runpy
import shutil
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from servanda.policy.controls import FIXED
from tests.web.test_served_promises import _servanda
from tests.web.world import Served

EXAMPLE = Path(__file__).parents[2] / "examples" / "exmas-kenya"
CONTROLS = {
    f"W-{n}": control
    for n, control in enumerate(FIXED)
    if control.split(".")[0] in ("publish", "consent", "intake")
}


class _Site(BaseHTTPRequestHandler):
    """The company's front page; what waits for a choice is marked so."""

    page = b""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(self.page)))
        self.end_headers()
        self.wfile.write(self.page)

    def log_message(self, format: str, *args: object) -> None:
        """Nothing: tests are quiet."""


@pytest.fixture
def site() -> Iterator[ThreadingHTTPServer]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Site)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def _build(folder: Path) -> None:
    folder.mkdir()
    policy = (EXAMPLE / "policy.yaml").read_text().replace("www.exmas.example", "localhost")
    more = "".join(f"  {k}: {{says: {v}., kept_by: [{v}]}}\n" for k, v in CONTROLS.items())
    (folder / "policy.yaml").write_text(policy + more)
    shutil.copy(EXAMPLE / "stores.yaml", folder)
    sample = runpy.run_path(str(EXAMPLE / "sample.py"))
    (folder / "data").mkdir()
    sample["build"](f"sqlite:///{folder}/data/exmas.sqlite", folder, datetime.now(UTC))


def _verdicts(folder: Path) -> dict[str, str]:
    found = _servanda(folder, "status")["promises"]
    return {
        CONTROLS[row["id"]]: f"{row['verdict']}: {[c['why'] for c in row['checks']]}"
        for row in found
        if row["id"] in CONTROLS
    }


def _eventually(folder: Path, control: str, verdict: str) -> str:
    found = {}
    until = time.monotonic() + 120
    while time.monotonic() < until:
        found = _verdicts(folder)
        if found[control].startswith(verdict):
            return found[control]
        time.sleep(1)
    raise AssertionError(found[control])


@pytest.mark.slow
def test_what_is_published_asked_and_taken_in_is_proven_by_serving(
    tmp_path: Path, site: ThreadingHTTPServer
) -> None:
    folder = tmp_path / "exmas"
    _build(folder)
    _servanda(folder, "run", "--once")
    before = _verdicts(folder)
    assert len(before) == len(CONTROLS) > 15
    assert all(each.startswith("unproven") for each in before.values()), before
    done = _servanda(folder, "editions", "record", "--confirm", "minor")
    assert done["number"] == 1
    server = Served(folder, more=f'sites = ["http://localhost:{site.server_port}"]\n')
    ours = f"{server.url}/consent/banner.js"
    tag = f'<script src="{ours}"></script>'
    late = '<script src="https://stats.analytics.example/t.js"></script>'
    _Site.page = f"<!doctype html><head>{tag}</head><body>Hello</body>".encode()
    with server:
        for control in CONTROLS.values():
            _eventually(folder, control, "kept")
        _Site.page = f"<!doctype html><head>{tag}{late}</head><body>Hello</body>".encode()
        _servanda(folder, "banner", "check")
        said = _eventually(folder, "consent.banner", "broken")
        assert "stats.analytics.example" in said
