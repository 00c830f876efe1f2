"""Sites looked at from outside: what they lack is said, and none of our own network is called that
servanda.toml does not name."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from servanda.runtime import jobs, sites
from servanda.runtime.sites.tag import snippet
from servanda.runtime.workspace import Workspace
from servanda.state.models import Fact, Job
from tests.cli.shop import POLICY, Cli

COOKIES = """
recipients:
  stats: {name: Count Ltd, kind: processor, country: GB}
banner: {sites: [localhost, 127.0.0.1, www.nowhere.invalid]}
cookies:
  basket: {category: necessary, purpose: The basket., lasts: session, hosts: [cdn.test]}
  _ga: {category: analytics, purpose: Counts., lasts: 1 year, by: stats, hosts: [stats.test]}
"""
GATED = """<script src="/site.js"></script><script src="https://cdn.test/a.js"></script>
<script type="text/plain" data-consent="analytics" data-src="https://www.stats.test/a.js"></script>
<img src="https://pictures.test/a.png">"""
BARE = """<script src="https://www.stats.test/a.js"></script>
<iframe src="https://other.test/embed"></iframe><script src="https://notstats.test/a.js"></script>
<script>load("//stats.test/late.js")</script>"""
ADDRESS = "https://privacy.acme.test"


class Sites(ThreadingHTTPServer):
    """By the name they are asked under."""

    pages: dict[str, str]
    asked: list[str]

    @property
    def port(self) -> int:
        return int(self.server_address[1])


class _Handler(BaseHTTPRequestHandler):
    server: Sites

    def do_GET(self) -> None:
        name = self.headers["Host"].partition(":")[0]
        self.server.asked.append(f"{name}{self.path}")
        page = self.server.pages[name]
        self.send_response(302 if page.startswith("http") else 200)
        if page.startswith("http"):
            self.send_header("Location", page)
        self.send_header("Content-Length", str(len(page)))
        self.end_headers()
        self.wfile.write(page.encode())

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def served() -> Iterator[Sites]:
    found = Sites(("127.0.0.1", 0), _Handler)
    found.pages = {"localhost": snippet(ADDRESS) + GATED, "127.0.0.1": BARE}
    found.asked = []
    thread = threading.Thread(target=found.serve_forever, args=(0.02,))
    thread.start()
    yield found
    found.shutdown()
    thread.join()
    found.server_close()


@pytest.fixture
def folder(cli: Cli, served: Sites) -> Path:
    (cli.folder / "policy.yaml").write_text(POLICY + COOKIES)
    _allow(cli.folder, served, "localhost", "127.0.0.1")
    return cli.folder


def _allow(folder: Path, served: Sites, *names: str) -> None:
    origins = json.dumps([f"http://{each}:{served.port}" for each in names])
    (folder / "servanda.toml").write_text(f'[web]\nurl = "{ADDRESS}"\nsites = {origins}\n')


def test_the_command_says_what_each_site_lacks(cli: Cli, folder: Path, served: Sites) -> None:
    told = cli("banner", "check")
    assert told.code == 1
    assert "✓ localhost: asks first" in told.out
    assert "✗ 127.0.0.1: the banner is not there" in told.out
    assert "? www.nowhere.invalid: not reached (name)" in told.out
    assert "? not in the policy: notstats.test, other.test" in told.out
    found = cli("banner", "check", "--json").json()["sites"]
    assert found["localhost"]["tag"] is True and found["localhost"]["first"] is True
    assert found["localhost"]["ungated"] == [] and found["localhost"]["unknown"] == []
    assert found["127.0.0.1"]["ungated"] == ["stats.test", "www.stats.test"]
    assert found["127.0.0.1"]["tls"] is False
    served.pages["127.0.0.1"] = snippet(ADDRESS) + BARE
    found = cli("banner", "check", "--json").json()["sites"]
    assert found["127.0.0.1"]["tag"] is True
    assert found["127.0.0.1"]["ungated"] == ["www.stats.test"]  # what comes later is held back
    served.pages["127.0.0.1"] = snippet(ADDRESS) + GATED
    assert cli("banner", "check").code == 3  # all fine but one that is not reached


def test_nothing_inside_is_called_that_servanda_toml_does_not_name(
    cli: Cli, folder: Path, served: Sites
) -> None:
    _allow(folder, served, "127.0.0.1")
    found = cli("banner", "check", "--json").json()["sites"]
    assert found["127.0.0.1"]["reached"] is True
    assert (found["localhost"]["reached"], found["localhost"]["why"]) == (False, "address")
    assert served.asked == ["127.0.0.1/"]
    served.pages["127.0.0.1"] = f"http://localhost:{served.port}/secret"
    found = cli("banner", "check", "--json").json()["sites"]
    assert (found["127.0.0.1"]["reached"], found["127.0.0.1"]["why"]) == (False, "address")
    assert served.asked == ["127.0.0.1/", "127.0.0.1/"]


def test_a_site_that_leads_in_a_circle(cli: Cli, folder: Path, served: Sites) -> None:
    served.pages["127.0.0.1"] = f"http://127.0.0.1:{served.port}/round"
    found = cli("banner", "check", "--json").json()["sites"]
    assert found["127.0.0.1"]["why"] == "redirects" and found["localhost"]["reached"]
    assert len([each for each in served.asked if each.startswith("127")]) == 5


def test_a_policy_without_sites_is_told_what_to_do(cli: Cli) -> None:
    told = cli("banner", "check")
    assert told.code == 2 and "banner.sites" in told.err
    assert "/consent/banner.js" in cli("banner", "tag").out


def test_the_schedule_looks_and_what_was_found_stays_for_evidence(
    folder: Path, served: Sites
) -> None:
    with Workspace.open(folder) as opened:
        opened.use_state()
        before = sites.latest(opened)
        assert {name: each["reached"] for name, each in before.items()} == dict.fromkeys(
            ("localhost", "127.0.0.1", "www.nowhere.invalid"), False
        )
        sites.tend(opened)
        sites.tend(opened)  # it waits already
        assert Job.objects.filter(kind="sites").count() == 1
        assert jobs.work(opened, threading.Event())
        found = sites.latest(opened)
        assert found["localhost"]["tag"] and not found["127.0.0.1"]["tag"]
        assert json.dumps(found)  # as it goes into the census
        sites.tend(opened)
        assert Job.objects.filter(state="waiting").count() == 0
        old = datetime.now(UTC) - sites.EVERY - timedelta(minutes=1)
        sites.look(opened, now=old)
        sites.tend(opened)
        assert Job.objects.filter(state="waiting").count() == 1
        assert Fact.objects.filter(key="sites").count() == 1
