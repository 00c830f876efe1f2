"""The live board and the board of a bundle are judged by the same entries as any other."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from servanda import ledger
from servanda.ledger import history
from servanda.ledger.entries import KINDS as WRITTEN
from servanda.runtime import record
from servanda.runtime.judge import judge
from servanda.runtime.workspace import Workspace
from servanda.status import Verdict
from servanda.status.board import board
from servanda.status.evidence import KINDS
from tests.cli.shop import build

RIGHTS = """rights:
  access: {answer_within: 30 days, through: write to us}
promises:
  R-1: {says: You may ask for your data., kept_by: [rights.access, requests.refusals]}
"""


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    build(tmp_path / "acme")
    policy = tmp_path / "acme" / "policy.yaml"
    text = policy.read_text("utf-8")
    assert text.count("promises:\n") == 1
    policy.write_text(text.replace("promises:\n", RIGHTS), "utf-8")
    with Workspace.open(tmp_path / "acme") as opened:
        opened.use_state()
        yield opened


def test_requests_are_judged_live_as_from_all_entries(workspace: Workspace) -> None:
    now = datetime.now(UTC)
    record.policy(workspace, now)
    due = (now - timedelta(days=3)).date().isoformat()
    received = {"kind": "request.received", "request": "1", "right": "access", "due": due}
    ledger.append([received, {"kind": "requests.census", "open": 1, "overdue": 1, "acting": 0}])
    later = datetime.now(UTC) + timedelta(seconds=1)
    assert _verdict(later) is Verdict.BROKEN
    ledger.append([{"kind": "request.replied", "request": "1", "says": ["complaint"]}])
    later = datetime.now(UTC) + timedelta(seconds=1)
    assert _verdict(later) is Verdict.KEPT
    everything = [(e.index, e.data) for e in history.entries(sorted(WRITTEN), until=later)]
    assert board(everything, later) == judge(later)


def test_every_kind_that_is_judged_by_is_one_that_is_written() -> None:
    assert set(KINDS) <= WRITTEN


def _verdict(moment: datetime) -> Verdict:
    return next(row.verdict for row in judge(moment).rows if row.id == "R-1")
