"""The gate's census: whether it answers, lets nobody in unknown, and refuses what it must."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from servanda import ledger
from servanda.desk.intake import Submission, counts
from servanda.ledger import history
from servanda.runtime import intake
from servanda.runtime.workspace import Workspace
from tests.desk.intake_world import POLICY

STORES = """\
stores:
  enquiries:
    connect: sqlite:///.servanda/enquiries.sqlite3
    pack: servanda-enquiries
    with: {activity: enquiries}
"""
BOB = {"name": "Bob", "email": "bob@example.test"}


class _Door(BaseHTTPRequestHandler):
    status = 401

    def do_POST(self) -> None:
        here = self.path == "/v1/intake/enquiry" and self.headers["Host"] == "privacy.acme.test"
        self.send_response(self.status if here else 500)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def door() -> Iterator[ThreadingHTTPServer]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Door)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()
    _Door.status = 401


@pytest.fixture
def acme(tmp_path: Path, door: ThreadingHTTPServer) -> Iterator[Workspace]:
    (tmp_path / "policy.yaml").write_text(POLICY)
    (tmp_path / "stores.yaml").write_text(STORES)
    (tmp_path / "servanda.toml").write_text(
        f'[web]\nlisten = "127.0.0.1:{door.server_port}"\nurl = "https://privacy.acme.test"\n'
    )
    with Workspace.open(tmp_path) as workspace:
        workspace.use_state()
        yield workspace


def test_what_was_taken_and_refused_goes_into_the_ledger_once_a_day(acme: Workspace) -> None:
    gate = intake.gate(acme)
    gate.take(Submission("contact", BOB))
    for fields in ({**BOB, "x": 1}, {**BOB, "message": intake.CARD}):
        assert gate.check(Submission("contact", fields))
        counts.refused("contact", ["undeclared" if "x" in fields else "card"])
    counts.refused(counts.MAIL, ["card"])
    now = datetime.now(UTC)
    intake.census(acme, now=now)
    intake.census(acme, now=now + timedelta(hours=1))
    (entry,) = history.entries("intake.census")
    assert entry.data["serves"] is True
    assert (entry.data["unsourced"], entry.data["children"]) == (0, 0)
    zero = dict.fromkeys(intake.COUNTED, 0)
    forms = entry.data["forms"]
    assert forms["contact"] == {"taken": 1, "refused": {**zero, "undeclared": 1, "card": 1}}
    assert forms["mail"] == {"taken": 0, "refused": {**zero, "card": 1}}
    assert {"visit", "leads", "club", "enquiry", "portal", "console", "api"} <= set(forms)
    assert b"bob@" not in entry.raw and b"Bob" not in entry.raw
    intake.census(acme, now=now + timedelta(hours=24))
    assert len(list(history.entries("intake.census"))) == 2


def test_what_must_never_be_shows(acme: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    counts.taken("leads", [counts.UNSOURCED], many=2)
    counts.taken("club", [counts.CHILDREN])
    found = intake.found(acme)
    assert (found["unsourced"], found["children"]) == (2, 1)


def test_a_gate_that_stands_open_is_not_up(
    acme: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert intake.up(acme)
    _Door.status = 200
    assert not intake.up(acme), "it took something from nobody"
    _Door.status = 500
    assert not intake.up(acme)
    _Door.status = 401
    monkeypatch.setattr("servanda.kernel.cards.there", lambda text: False)
    assert not intake.up(acme), "card numbers pass"


def test_where_nothing_is_served_nothing_is_up(acme: Workspace, door: ThreadingHTTPServer) -> None:
    door.shutdown()
    door.server_close()
    now = datetime.now(UTC)
    intake.census(acme, now=now)
    assert history.last("intake.census") is None  # a server that is about to start
    ledger.append([{"kind": "intake.census", "serves": True, **intake.found(acme)}], now=now)
    intake.census(acme, now=now + timedelta(hours=23, minutes=10))
    assert len(list(history.entries("intake.census"))) == 1
    intake.census(acme, now=now + timedelta(hours=24))
    last = history.last("intake.census")
    assert last is not None and last.data["serves"] is False


def test_which_form_the_enquiry_form_is(acme: Workspace) -> None:
    found = intake.enquiry_form(acme)
    assert found is not None and found.id == "contact", "by the activity of the enquiries' store"
    path = acme.folder / "policy.yaml"
    path.write_text(POLICY + "  enquiry: {activity: enquiries, fields: {name: name}}\n")
    named = intake.enquiry_form(Workspace.open(acme.folder))
    assert named is not None and named.id == "enquiry"
    (acme.folder / "policy.yaml").write_text(POLICY.partition("forms:\n")[0])
    assert intake.enquiry_form(Workspace.open(acme.folder)) is None
