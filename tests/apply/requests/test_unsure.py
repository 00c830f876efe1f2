"""A store that is lost when it may have committed: what went is told once it answers again."""

from __future__ import annotations

from pathlib import Path

import pytest

from servanda.apply.requests import Actor, act, busy, done_for, resume, unfinished
from servanda.apply.requests.replay import replay
from servanda.kernel.errors import StalePlan, StoreRefused, StoreUnreachable
from servanda.runtime.workspace import Workspace
from servanda.state.models import Erased
from servanda.stores.port import Store
from tests.apply.requests.house import ANN, NOW, actor, planned, rows, wish

_LOST = StoreUnreachable("crm", "the connection was lost")
_BACK = StoreRefused("crm.clients: records that went are there again", "see what writes them back")


class _Failing(Actor):
    """Its reader of one store fails at the given look."""

    error: Exception = _LOST
    at = 1
    looks = 0

    def reader(self, name: str) -> Store:
        if name == "crm":
            self.looks += 1
            if self.looks == self.at:
                raise self.error
        return super().reader(name)


def _fail(workspace: Workspace, error: Exception, at: int) -> None:
    with _Failing(workspace.site, workspace.stores) as acting:
        acting.error, acting.at = error, at
        done = act(planned(workspace, [wish("1", ANN)]), acting)
    assert not done.complete
    states = {each.store: each.state for each in done.stores}
    assert states["pbx"] == "done"
    assert states["crm"] == ("failed" if error is _BACK else "pending")


def _told(house: Path) -> None:
    assert rows(house, "crm", "SELECT id FROM clients ORDER BY id") == [(2,), (3,), (4,), (5,)]
    assert ("crm.clients", "delete", 1) in done_for("1")
    assert ("pbx.calls", "delete", 1) in done_for("1")
    marked = Erased.objects.filter(collection="crm.clients")
    assert [each.count for each in marked] == [1]


@pytest.mark.parametrize("at", [1, 2])
def test_what_went_is_told_when_the_store_answers_again(
    workspace: Workspace, house: Path, at: int
) -> None:
    _fail(workspace, _LOST, at)
    assert busy() == {"1"}
    assert done_for("1") == []
    with actor(workspace) as acting:
        (run,) = unfinished(NOW)
        assert resume(run, acting).complete
    assert not busy()
    _told(house)


def test_what_went_before_a_refusal_is_told(workspace: Workspace, house: Path) -> None:
    _fail(workspace, _BACK, 1)
    assert not busy()
    _told(house)


def test_a_plan_made_before_another_run_is_not_done_again(
    workspace: Workspace, house: Path
) -> None:
    first, second = (planned(workspace, [wish("1", ANN)]) for _ in range(2))
    with actor(workspace) as acting:
        act(first, acting)
        with pytest.raises(StalePlan):
            act(second, acting)
        assert replay(NOW.replace(year=2020), acting).clean
    assert not busy()
    _told(house)
