"""A worker that may have lost its lease does not let its store commit."""

from __future__ import annotations

import pytest

from servanda import apply
from servanda.apply import heart as hearts
from servanda.apply.heart import Heart
from servanda.apply.record import LeaseLost
from tests.apply.spy import Witness, watched
from tests.apply.world import World, unsealed


def test_a_lease_not_renewed_in_time_counts_as_lost(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    heart = Heart(world.site, "run", "w@x/")
    heart.check()
    slept = hearts._uptime() + 3_600
    monkeypatch.setattr(hearts, "_uptime", lambda: slept)
    with pytest.raises(LeaseLost):
        heart.check()


def test_a_worker_that_overslept_undoes_its_window_and_settles_it(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.make(30, 10)
    old = world.old_ids()
    awake = hearts._uptime
    still_there: list[int] = []

    def oversleep(number: int) -> None:
        if number == 1:
            monkeypatch.setattr(hearts, "_uptime", lambda: awake() + 3_600)
        else:  # the window was given back, and is opened again to be settled
            still_there.append(len(world.old_ids()))
            monkeypatch.setattr(hearts, "_uptime", awake)

    run = apply.start(world.plan(world.delete()), world.site)
    outcome = apply.work(run, watched(world.site, "pbx", Witness(opening=oversleep)))
    assert still_there[0] == 30
    assert (outcome.result, outcome.count) == ("done", 30)
    assert {key for (key,) in unsealed(run)["delete-pbx.calls"]} == old
