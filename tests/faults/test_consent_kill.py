"""A server killed under load loses no choice that it acknowledged, and its evidence stays whole.

The danger: an answer before the commit, or a commit that is not on disk. A real `servanda serve`,
choices from several visitors at once, kill -9 of the whole server; after it starts again every
acknowledged record is there, with its entry in a ledger that verifies, and the gate's table agrees.
"""

from __future__ import annotations

import http.client
import json
import secrets
import signal
import sqlite3
import threading
import time
from contextlib import closing
from pathlib import Path

import pytest

from servanda import state
from servanda.kernel.digest import sha256_hex
from servanda.ledger import live
from servanda.runtime.workspace import Workspace
from tests.web.consent.world import asks
from tests.web.world import Served, build_site

VISITORS, KILLS = 6, 2
_LIMIT = "[consent]\nchoices_per_minute = 999999\n"


def _choose(port: int, browser: str, n: int) -> str | None:
    """The record's id where it was acknowledged."""
    body = json.dumps(
        {
            "id": browser,
            "choices": {"functional": n % 2 == 0, "analytics": True},
            "how": "chosen",
            "notice": "ab" * 32,
            "language": "en",
        }
    )
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    with closing(connection):
        connection.request("POST", "/consent/choice", body, {"Host": f"localhost:{port}"})
        answer = connection.getresponse()
        told = json.loads(answer.read())
        assert answer.status == 201, told
        return str(told["record"])


def _visit(port: int, ended: threading.Event, acknowledged: list[str]) -> None:
    browser, n = secrets.token_hex(16), 0
    while not ended.is_set():
        try:
            record = _choose(port, browser, n)
        except (OSError, http.client.HTTPException, ValueError):
            return  # the server was killed in the middle of it: nothing was acknowledged
        acknowledged.append(str(record))
        n += 1


@pytest.mark.slow
def test_nothing_acknowledged_is_lost(tmp_path: Path) -> None:
    folder = tmp_path / "served"
    build_site(folder, _LIMIT)
    asks(folder)
    served = Served(folder)
    acknowledged: list[str] = []
    for _ in range(KILLS):
        served.start()
        ended = threading.Event()
        visitors = [
            threading.Thread(target=_visit, args=(served.port, ended, acknowledged))
            for _ in range(VISITORS)
        ]
        for each in visitors:
            each.start()
        time.sleep(2.0)
        served.stop(signal.SIGKILL)
        ended.set()
        for each in visitors:
            each.join()
    served.start()
    last = _choose(served.port, secrets.token_hex(16), 0)
    served.stop()
    assert len(acknowledged) > 20
    with closing(sqlite3.connect(folder / ".servanda" / "state.sqlite3")) as found:
        kept = dict(found.execute("SELECT id, entry FROM servanda_consentrecord"))
        marks = found.execute("SELECT COUNT(DISTINCT subject) FROM servanda_consentrecord")
        (subjects,) = marks.fetchone()
        (standing,) = found.execute("SELECT COUNT(*) FROM servanda_consentmark").fetchone()
    assert not set(acknowledged) - set(kept)
    assert last in kept
    assert subjects == standing
    with Workspace.open(folder) as workspace:
        workspace.use_state()
        report = live.verify(workspace.signer.vkey, None)
        assert report.ok, report.findings
        entries = _entries()
    told = {each["record"]: index for index, each in entries.items()}
    assert told == {sha256_hex(id_.encode()): index for id_, index in kept.items()}
    state.close()


def _entries() -> dict[int, dict[str, str]]:
    from servanda.ledger import history

    return {each.index: dict(each.data) for each in history.entries("consent.recorded")}
