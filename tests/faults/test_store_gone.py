"""A run was killed, and before anybody goes on with it a store of it is renamed or gone."""

from __future__ import annotations

from dataclasses import replace

import pytest

from servanda import apply
from servanda.apply import run as runs
from servanda.apply.boundaries import Boundary
from servanda.stores.mapping import StoreConfig
from tests.apply.world import World, entries
from tests.faults.harness import Case, assert_true_evidence


class Renamed(World):
    """The same tables and folders, with the store `pbx` under a new name in stores.yaml."""

    @property
    def configs(self) -> dict[str, StoreConfig]:
        found = super().configs
        pbx = found.pop("pbx")
        collections = tuple(replace(each, store="exchange") for each in pbx.collections)
        return {"exchange": replace(pbx, name="exchange", collections=collections), **found}


def test_a_new_plan_starts_after_the_store_of_a_killed_run_was_renamed(case: Case) -> None:
    world = case.world.make(240, 60)
    killed = case.start(world.plan(world.delete()))
    case.killed("work", killed, "after-record", 2)
    assert 60 < len(world.ids()) < 300
    renamed = Renamed(world.folder, world.url, world.limit)
    plan = renamed.plan(renamed.delete("exchange.calls"), renamed.delete("tapes.wav"))
    started = apply.start(plan, renamed.site)
    assert apply.work(started, renamed.site).result == "done"
    assert len(world.ids()) == 60
    assert len(world.tapes()) == 60
    assert runs.unfinished() == []
    (stale,) = [each for each in entries("run.ended") if each["run"] == killed]
    assert stale["outcome"] == "stale"
    (doubtful,) = stale["unsettled"]  # recorded, and nobody can ask a store of that name
    recorded = {(e["step"], e["window"]) for e in entries("window.prepared") if e["run"] == killed}
    assert (doubtful["step"], doubtful["window"]) in recorded


def test_a_store_that_only_does_not_answer_is_waited_for(case: Case) -> None:
    world = case.world.make(240, 60)
    killed = case.start(world.plan(world.delete("tapes.wav")))
    case.killed("work", killed, "after-record", 2)
    plan = world.plan(world.delete())
    (world.folder / "tapes").rename(world.folder / "elsewhere")
    started = apply.start(plan, world.site)
    assert apply.work(started, world.site).result == "done"
    assert runs.unfinished() == [killed]
    (world.folder / "elsewhere").rename(world.folder / "tapes")
    assert apply.resume(killed, world.site).result == "done"
    assert len(world.tapes()) == 60


@pytest.mark.parametrize("boundary", ["after-claim", "after-record"])
def test_a_partner_that_is_gone_on_resume_keeps_the_calls(case: Case, boundary: Boundary) -> None:
    """Tapes went; of the calls that own them a window was begun. Then the folder is not there."""
    world = case.world.make(30, 10)
    tapes = world.delete("tapes.wav")
    run = case.start(world.plan(tapes, world.delete(after=(tapes.id,))))
    case.killed("work", run, boundary, 2)
    assert (len(world.ids()), len(world.tapes())) == (40, 10)
    (world.folder / "tapes").rename(world.folder / "elsewhere")
    outcome = apply.resume(run, world.site)
    assert (outcome.result, outcome.unreachable) == ("incomplete", ("tapes",))
    assert len(world.ids()) == 40
    (world.folder / "elsewhere").rename(world.folder / "tapes")
    assert apply.resume(run, world.site).result == "done"
    assert (len(world.ids()), len(world.tapes())) == (10, 10)
    gone = {(each,) for each in range(40)} - {(each,) for each in world.ids()}
    assert_true_evidence(run, {"delete-pbx.calls": gone})
