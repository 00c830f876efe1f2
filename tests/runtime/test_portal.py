"""The portal's duties: the census tells which faces answer, by fetching them; drafts go."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import pairwise
from pathlib import Path

import pytest

from servanda import ledger
from servanda.desk.portal import drafts
from servanda.ledger import history
from servanda.runtime import portal
from servanda.runtime.workspace import Workspace
from servanda.state.models import PortalDraft
from tests.apply.requests.house import build_house

BROKEN = "/privacy/policy/"


class _Faces(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        good = self.path in portal.FACES.values() and self.path != BROKEN
        host = self.headers["Host"] == "privacy.house.test"
        self.send_response(200 if good and host else 500)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Workspace]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Faces)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    build_house(tmp_path)
    (tmp_path / "servanda.toml").write_text(
        f'[web]\nlisten = "127.0.0.1:{server.server_port}"\nurl = "https://privacy.house.test"\n'
    )
    with Workspace.open(tmp_path) as workspace:
        workspace.use_state()
        yield workspace
    server.shutdown()
    server.server_close()


def test_what_answers_is_counted_once_a_day(served: Workspace) -> None:
    now = datetime.now(UTC)
    portal.census(served, now=now)
    portal.census(served, now=now + timedelta(hours=1))
    entry = history.last("portal.census")
    assert entry is not None
    assert entry.data["up"] == ["board", "corrections", "enquiries", "requests"]
    assert (entry.data["requests"], entry.data["corrections"]) == (0, 0)
    assert len(list(history.entries("portal.census"))) == 1
    portal.census(served, now=now + timedelta(hours=24))
    assert len(list(history.entries("portal.census"))) == 2


def test_counts_are_never_older_than_evidence_may_be(served: Workspace) -> None:
    """With sweeps every four hours and two of grace, a count of this morning proves nothing."""
    told = (served.folder / "servanda.toml").read_text()
    schedule = '[schedule]\nsweep = "0 */4 * * *"\ngrace = "2 hours"\nlead = "4 hours"\n'
    (served.folder / "servanda.toml").write_text(told + schedule)
    often = Workspace.open(served.folder)
    now = datetime.now(UTC)
    heartbeat = often.settings.heartbeat(now, often.zone)
    assert heartbeat == timedelta(hours=6)
    for minutes in range(0, 24 * 60, 60):
        portal.census(often, now=now + timedelta(minutes=minutes))
    ages = [entry.at for entry in history.entries("portal.census")]
    assert len(ages) > 2
    assert all(b - a <= heartbeat for a, b in pairwise(ages))


def test_where_nothing_is_served_nothing_is_up(tmp_path: Path) -> None:
    build_house(tmp_path)
    (tmp_path / "servanda.toml").write_text('[web]\nlisten = "127.0.0.1:9"\n')
    with Workspace.open(tmp_path) as workspace:
        workspace.use_state()
        assert portal.up(workspace) == []
        now = datetime.now(UTC)
        portal.census(workspace, now=now)
        assert history.last("portal.census") is None  # a server that is about to start
        ledger.append([{"kind": "portal.census", "up": ["board"]}], now=now)
        portal.census(workspace, now=now + timedelta(hours=23, minutes=10))
        assert len(list(history.entries("portal.census"))) == 1
        portal.census(workspace, now=now + timedelta(hours=24))
        entry = history.last("portal.census")
        assert entry is not None and entry.data["up"] == []


def test_old_drafts_go(served: Workspace) -> None:
    book = served.desk.book
    drafts.write(book, drafts.new_secret(), {"a": 1}, datetime.now(UTC) - timedelta(hours=2))
    kept = drafts.new_secret()
    drafts.write(book, kept, {"a": 2})
    portal.tidy(served)
    assert PortalDraft.objects.count() == 1 and drafts.read(book, kept) == {"a": 2}
