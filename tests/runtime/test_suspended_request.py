"""A hold suspends an erasure; once it is released, the scheduled run does the rest by itself."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from servanda.desk import holds
from servanda.desk.requests import identity
from servanda.runtime import requests
from servanda.runtime.workspace import Workspace
from tests.apply.requests.house import BOB, build_house, rows


def test_what_a_hold_kept_goes_when_it_is_released(tmp_path: Path) -> None:
    house = build_house(tmp_path / "house")
    with Workspace.open(house) as workspace:
        workspace.use_state()
        desk = workspace.desk
        today = datetime.now(UTC).date()
        ref = desk.new("erasure", BOB, received=today, via="post", by="me")
        identity.seen(desk.book, ref, "passport", by="me")
        desk.decide(ref, "act", by="me")
        hold = holds.add_person(workspace.master, BOB, reason="a claim", by="me", region="GB")
        with requests.acting(workspace) as actor:
            done = requests.act(workspace, requests.plan(workspace, [desk.get(ref)], actor), actor)
        assert done.acted.suspended == {ref}
        assert desk.get(ref).state == "acting"
        assert requests.go_on(workspace) == []
        assert rows(house, "crm", "SELECT name FROM clients WHERE id = 2") == [("Bob",)]
        holds.release(hold, by="me", reason="settled")
        assert requests.go_on(workspace) == []
        assert rows(house, "crm", "SELECT name FROM clients WHERE id = 2") == []
        assert desk.get(ref).state == "acted"
