"""The same with our own state in PostgreSQL: one erasure, a second one at once, and a replay."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from servanda.apply.requests import act, replay
from servanda.kernel.errors import UsageError
from servanda.runtime.workspace import Workspace
from servanda.state.models import RequestRun, RequestRunOf
from tests.apply.requests.house import ANN, BOB, NOW, actor, build_house, planned, rows, wish

pytestmark = pytest.mark.services


def test_erased_once_and_replayed(
    tmp_path: Path, postgres_db: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = build_house(tmp_path / "house")
    monkeypatch.setenv("HOUSE_STATE", postgres_db.replace("+psycopg", ""))
    (house / "servanda.toml").write_text('[state]\nurl = "${HOUSE_STATE}"\n')
    before = (house / "crm.sqlite").read_bytes()
    with Workspace.open(house) as workspace:
        workspace.use_state()
        with actor(workspace) as acting:
            plan = planned(workspace, [wish("1", ANN), wish("2", BOB)])
            RequestRunOf.objects.create(run=_other_run(), ref="2")
            with pytest.raises(UsageError, match="already"):
                act(plan, acting)
            RequestRunOf.objects.all().delete()
            assert act(plan, acting).complete
            assert rows(house, "crm", "SELECT id FROM clients") == [(3,), (4,), (5,)]
            (house / "crm.sqlite").write_bytes(before)
        with actor(workspace) as acting:
            done = replay(NOW - timedelta(days=1), acting)
        assert done.clean
        assert done.found["crm.clients"] == 2
        assert rows(house, "crm", "SELECT id FROM clients") == [(3,), (4,), (5,)]


def _other_run() -> RequestRun:
    return RequestRun.objects.create(
        id="other", plan_digest="", sealed_plan=b"", started_at=NOW, owner="somebody@elsewhere"
    )
