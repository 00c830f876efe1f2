"""A store that goes away before, during or after a window: its steps wait, others go on."""

from __future__ import annotations

from pathlib import Path

import pytest

from servanda import apply
from tests.apply.spy import Event, Witness, watched
from tests.apply.world import World, entries
from tests.faults.conftest import LIMIT
from tests.faults.harness import Case, assert_true_evidence
from tests.services.database import DatabaseServer

pytestmark = pytest.mark.services


@pytest.fixture(params=["postgresql", "mariadb"])
def server(request: pytest.FixtureRequest) -> DatabaseServer:
    found: DatabaseServer = request.getfixturevalue(
        "postgres" if request.param == "postgresql" else "mariadb"
    )
    return found


@pytest.fixture
def world(
    request: pytest.FixtureRequest, server: DatabaseServer, sqlite_state: str, tmp_path: Path
) -> World:
    name = "postgres_db" if server.kind == "postgres" else "mariadb_db"
    return World(tmp_path, request.getfixturevalue(name), LIMIT)


@pytest.mark.parametrize("moment", ["opening", "opened", "committing", "committed"])
def test_during_a_window(
    world: World, server: DatabaseServer, sqlite_state: str, moment: str
) -> None:
    world.make(240, 60)
    old = world.old_ids()
    case = Case(world, sqlite_state)
    run = case.start(world.plan(world.delete(), world.delete("tapes.wav")))
    down: Event = lambda number: server.kill() if number == 2 else None  # noqa: E731
    outcome = apply.work(run, watched(world.site, "pbx", Witness().when(moment, down)))
    assert outcome.result == "incomplete"
    states = {step.id: step.state for step in outcome.steps}
    assert states == {"delete-pbx.calls": "failed", "delete-tapes.wav": "done"}
    assert "could not be reached" in outcome.steps[0].reason
    assert outcome.unreachable == ("pbx",)
    assert len(world.tapes()) == 60  # the other store's step went on
    assert entries("run.ended")[-1]["unreachable"] == ["pbx"]
    server.start()
    assert len(world.ids()) > 60 or moment == "committed"
    assert case.resume(run) == "done"
    assert len(world.ids()) == 60
    assert world.old_ids() == set()
    assert_true_evidence(run, {"delete-pbx.calls": {(each,) for each in old}})


def test_before_the_start_and_again_when_resumed(world: World, server: DatabaseServer) -> None:
    world.make(30, 10)
    plan = world.plan(world.delete(), world.delete("tapes.wav"))
    server.stop()
    run = apply.start(plan, world.site)
    outcome = apply.work(run, world.site)
    assert outcome.result == "incomplete"
    assert len(world.tapes()) == 10
    assert apply.resume(run, world.site).result == "incomplete"
    server.start()
    assert apply.resume(run, world.site).result == "done"
    assert len(world.ids()) == 10
    assert [entry["outcome"] for entry in entries("run.ended")] == [
        "incomplete",
        "incomplete",
        "done",
    ]


def test_after_the_last_window(world: World, server: DatabaseServer, sqlite_state: str) -> None:
    """The work is done and the recount is not: that is not *kept*, and a resume recounts."""
    world.make(30, 10)
    down: Event = lambda number: server.stop()  # noqa: E731
    run = apply.start(world.plan(world.delete()), world.site)
    outcome = apply.work(run, watched(world.site, "pbx", Witness(committed=down)))
    assert outcome.result == "incomplete"
    assert outcome.recounts == ()
    assert entries("recount") == []
    server.start()
    assert len(world.ids()) == 10
    assert apply.resume(run, world.site).result == "done"
    assert entries("recount")[0]["total"] == 10
