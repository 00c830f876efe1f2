"""One store is damaged: its promise is unproven, and every other store is swept as always."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from servanda.runtime.judge import judge
from servanda.runtime.workspace import Workspace
from servanda.status.verdict import Verdict
from tests.cli.shop import POLICY, STORES, Cli, build

SECOND = STORES.removeprefix("stores:\n").replace("shop", "club").replace("contact-form", "visits")
ACTIVITY = """\
  visits:
    purposes: [support]
    basis: legitimate_interest
    subjects: [enquirer]
    data: [name, contact.email]
    retain: {at_most: 30 days, after: received, then: delete}
promises:
  B-1:
    says: Visits are deleted after thirty days.
    kept_by: [activities.visits.retain]
"""


@pytest.fixture
def cli(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Cli:
    """Two stores alike, `shop` and `club`, with records that are due in each."""
    monkeypatch.setenv("USER", "ann")
    folder = tmp_path / "acme"
    build(folder)
    policy = POLICY.replace("promises:\n", ACTIVITY)
    (folder / "policy.yaml").write_text(policy, encoding="utf-8")
    (folder / "stores.yaml").write_text(STORES + SECOND, encoding="utf-8")
    found = Cli(folder, capsys)
    for id_, days in ((1, 90), (2, 80), (3, 70), (4, 5), (5, 1), (6, 2)):
        found.add(id_, days, email=f"person{id_ % 2}@example.test")
    (folder / "club.sqlite3").write_bytes((folder / "shop.sqlite3").read_bytes())
    return found


def verdicts(folder: Path) -> dict[str, Verdict]:
    with Workspace.open(folder) as workspace:
        workspace.use_state()
        return {row.id: row.verdict for row in judge(datetime.now(UTC)).rows}


def test_a_damaged_store_does_not_stop_the_others(cli: Cli) -> None:
    assert cli("run", "--once").code == 0
    assert cli.ids() == [4, 5, 6]
    cli.add(7, 60)
    cli.add(8, 61)
    damaged = b"this was a database once " * 400
    cli.file("club.sqlite3").write_bytes(damaged)
    found = cli("run", "--once")
    assert found.code == 3, found.out + found.err
    assert "club" in found.out + found.err
    assert cli.ids() == [4, 5, 6]
    assert cli.file("club.sqlite3").read_bytes() == damaged
    now = verdicts(cli.folder)
    assert (now["A-1"], now["B-1"]) == (Verdict.KEPT, Verdict.UNPROVEN)
