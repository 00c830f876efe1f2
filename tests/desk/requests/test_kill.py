"""Killed at any statement of a change, the desk has made it whole, with evidence, or not at all."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from servanda import state
from servanda.desk.requests import identity
from servanda.state.models import OutboxMail, Request, RequestEvent, Suppression
from tests.desk.requests.desk_world import NOW, entries, make, opened

ROOT = Path(__file__).parents[3]
CHILD = "tests.desk.requests.kill_child"


def killed(folder: Path, url: str, action: str, at: int) -> bool:
    """Whether the child died at its `at`th statement; else it had fewer."""
    done = subprocess.run(
        [sys.executable, "-m", CHILD, str(folder), url, action, str(at)],
        env={**os.environ, "PYTHONPATH": f"{ROOT / 'src'}:{ROOT}"},
        capture_output=True,
        timeout=120,
    )
    assert done.returncode in (0, -signal.SIGKILL), done.stderr.decode()[-2000:]
    return done.returncode != 0


def whole() -> dict[str, Any]:
    """Everything that must agree, and the count of each."""
    received = [each["request"] for each in entries("request.received")]
    assert received == [str(row.id) for row in Request.objects.order_by("id")]
    told = [(each["request"], each["event"]) for each in entries("request.event")]
    steps = [(str(each.request_id), each.kind) for each in RequestEvent.objects.order_by("id")]
    own = ("decided", "answered", "closed", "cancelled")  # each has an entry of its own kind
    assert told == [each for each in steps if each[1] not in own]
    decided = {each["request"]: each["decision"] for each in entries("request.decided")}
    assert decided == {str(r.id): r.decision for r in Request.objects.exclude(decision="")}
    assert list(decided) == [ref for ref, kind in steps if kind == "decided"]
    objections = Request.objects.filter(right="object").exclude(decision="refuse")
    assert Suppression.objects.filter(lifted_at=None).count() == objections.count()
    asked = [each for each in told if each[1] == "identity_asked"]
    assert OutboxMail.objects.count() == len(asked)
    return {
        "requests": len(received),
        "events": len(told),
        "decided": len(decided),
        "states": [row.state for row in Request.objects.order_by("id")],
    }


@pytest.mark.slow
@pytest.mark.parametrize("action", ["new", "ask", "verify", "refuse"])
def test_at_every_statement(tmp_path: Path, action: str) -> None:
    url = f"sqlite:///{tmp_path / 'state.sqlite3'}"
    state.setup(url)
    state.migrate()
    try:
        desk = make(tmp_path)
        for email in ("a@example.test", "b@example.test"):
            opened(desk, "object", email, purpose="support")
        before = whole()
        at, died = 0, True
        while died:
            assert whole() == before, f"half made by statement {at}"
            at += 1
            state.close()
            died = killed(tmp_path, url, action, at)
            state.setup(url)
        assert at > 4, "too few statements for this to mean anything"
        assert whole() != before, "the change that was not killed is made"
        assert make(tmp_path).get("2").identities == (("email", "b@example.test"),)
    finally:
        state.close()


def test_whole_bites(sqlite_state: str, tmp_path: Path) -> None:
    """The check above sees a change without its evidence."""
    desk = make(tmp_path)
    ref = opened(desk)
    identity.doubt(desk.book, ref, by="ann", note="unclear", now=NOW)
    RequestEvent.objects.all().delete()
    with pytest.raises(AssertionError):
        whole()
