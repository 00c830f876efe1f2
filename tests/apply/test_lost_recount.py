"""What one look found stays found when the next look fails, and no look is no success."""

from __future__ import annotations

from dataclasses import replace

import pytest

from servanda import apply
from servanda.apply.site import Site
from servanda.kernel.errors import ServandaError, StoreBusy, StoreRefused
from servanda.stores.mapping import StoreConfig
from servanda.stores.port import Store
from tests.apply.spy import Witness, watched
from tests.apply.world import OLD, World, entries

LATE = "INSERT INTO calls (id, made) VALUES ({}, '{:%Y-%m-%d %H:%M:%S}')"


@pytest.mark.parametrize("error", [StoreBusy("it is busy"), StoreRefused("it refuses")])
def test_what_was_counted_outlives_a_failed_search(
    world: World, monkeypatch: pytest.MonkeyPatch, error: ServandaError
) -> None:
    """Two calls came in late; the search for traces, after the recount, is turned away."""
    from servanda.apply import residue

    world.make(30, 10)

    def late(_: int) -> None:
        world.execute(LATE.format(9001, OLD))
        world.execute(LATE.format(9002, OLD))

    def turned_away(*_: object) -> None:
        raise error

    monkeypatch.setattr(residue, "of", turned_away)
    run = apply.start(world.plan(world.delete()), world.site)
    outcome = apply.work(run, watched(world.site, "pbx", Witness(committed=late)))
    assert outcome.result == "broken"
    assert [entry["overdue"] for entry in entries("recount")] == [2]
    assert entries("run.ended")[0]["outcome"] == "broken"
    assert any(str(error) in each for each in outcome.findings)


@pytest.mark.parametrize("error", [StoreBusy("it is busy"), StoreRefused("it refuses")])
def test_a_store_that_was_not_recounted_leaves_the_run_incomplete(
    world: World, error: ServandaError
) -> None:
    """The tapes' reader is turned away; the calls are recounted all the same."""
    world.make(30, 10)
    plan = world.plan(world.delete("tapes.wav"), world.delete("pbx.guests"))
    run = apply.start(plan, world.site)
    outcome = apply.work(run, unread(world.site, "tapes", error))
    assert (len(world.tapes()), outcome.count) == (10, 60)
    assert outcome.result == "incomplete"
    assert [entry["collection"] for entry in entries("recount")] == ["pbx.guests"]
    assert entries("run.ended")[0]["outcome"] == "incomplete"
    assert apply.resume(run, world.site).result == "done"
    assert {entry["collection"] for entry in entries("recount")} == {"pbx.guests", "tapes.wav"}


def unread(site: Site, store: str, error: ServandaError) -> Site:
    """The site with one store whose readers are turned away."""

    def open_(config: StoreConfig, read_only: bool) -> Store:
        if config.name == store and read_only:
            raise error
        return site.open(config, read_only)

    return replace(site, open=open_)
