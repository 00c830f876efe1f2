"""Two workers on one plan never do one window twice; a lost lease is noticed in time."""

from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path

import pytest

from servanda import apply, state
from servanda.apply import claims
from servanda.state.models import Run, Window
from tests.apply.spy import Witness, watched
from tests.apply.world import NOW, World, entries
from tests.faults.harness import Case, assert_true_evidence
from tests.state.databases import each_state

__all__ = ["each_state"]


def test_two_processes_share_one_plan(each_case: Case) -> None:
    world = each_case.world.make(600, 100)
    old = world.old_ids()
    run = each_case.start(world.plan(world.delete()))
    one, two = each_case.process("work", run), each_case.process("work", run)
    assert {one.said()["result"], two.said()["result"]} == {"done"}
    assert world.old_ids() == set()
    assert len(world.ids()) == 100
    assert_true_evidence(run, {"delete-pbx.calls": {(each,) for each in old}})
    assert [entry["outcome"] for entry in entries("run.ended")] == ["done"]


def test_one_dies_and_the_other_finishes(each_case: Case) -> None:
    world = each_case.world.make(600, 100)
    old = world.old_ids()
    run = each_case.start(world.plan(world.delete()))
    one = each_case.process("work", run, "after-record:2")
    two = each_case.process("work", run)
    assert one.ended() == -9
    assert two.said()["result"] == "done"
    assert world.old_ids() == set()
    assert_true_evidence(run, {"delete-pbx.calls": {(each,) for each in old}})


def test_four_threads_on_four_connections(each_case: Case) -> None:
    world = each_case.world.with_limit(connections=4, rows_per_second=4_000).make(900, 100)
    each_case = replace(each_case, world=world)
    old = world.old_ids()
    run = each_case.start(world.plan(world.delete(), world.redact()))
    assert apply.work(run, world.site).result == "done"
    assert len(world.ids()) == 100
    assert_true_evidence(run, {"delete-pbx.calls": {(each,) for each in old}})


@pytest.mark.parametrize("moment", ["opened", "committing"])
def test_a_stolen_lease_is_not_recorded_and_nothing_is_done_twice(
    each_case: Case, moment: str
) -> None:
    """The window is taken over while the first worker holds it open, or just before its commit."""
    world = each_case.world.make(240, 60)
    old = world.old_ids()
    thief = "thief@000000000000:1:1/0"

    def steal(number: int) -> None:
        if number == 2:
            in_hand = Window.objects.exclude(state__in=("open", "done")).order_by("-number")[:1]
            Window.objects.filter(pk__in=[in_hand[0].pk]).update(
                owner=thief, fence=99, lease_until=NOW + claims.LEASE
            )

    witness = Witness().when(moment, steal)
    run = each_case.start(world.plan(world.delete()))
    stop = threading.Event()
    timer = threading.Timer(2.0, stop.set)
    timer.start()
    outcome = apply.work(run, watched(world.site, "pbx", witness), stop=stop)
    assert outcome.result == "interrupted"  # the thief has its window, and does nothing
    stolen = Window.objects.get(owner=thief)
    if moment == "opened":
        assert stolen.state == "claimed"
        recorded = [e["window"] for e in entries("window.prepared")]
        assert stolen.number not in recorded
        assert len(world.old_ids()) >= 40  # its records are still there
    Window.objects.filter(pk=stolen.pk).update(lease_until=NOW - claims.LEASE)
    assert each_case.resume(run) == "done"
    assert world.old_ids() == set()
    assert len(world.ids()) == 60
    assert_true_evidence(run, {"delete-pbx.calls": {(each,) for each in old}})


def test_a_claim_is_had_by_one_of_many(each_state: str, tmp_path: Path) -> None:
    world = World.sqlite(tmp_path).make(600, 0)
    run = apply.start(world.plan(world.delete()), world.site)
    step = "delete-pbx.calls"
    Window.objects.bulk_create(
        Window(run_id=run, step=step, number=n, bounds={}) for n in range(40)
    )
    taken: list[int] = []
    fences: list[tuple[int, int]] = []

    def grab(worker: int) -> None:
        while (claim := claims.take(run, [step], f"w{worker}", NOW)) is not None:
            taken.append(claim.number)
            fences.append((claim.pk, claim.fence))
        state.close_thread()

    threads = [threading.Thread(target=grab, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(taken) == list(range(40))
    assert len(set(fences)) == 40
    assert Run.objects.get(id=run).state == "running"


def test_no_window_is_had_of_a_step_that_failed_meanwhile(each_state: str, tmp_path: Path) -> None:
    from servanda.apply import steps

    world = World.sqlite(tmp_path).make(600, 0)
    run = apply.start(world.plan(world.delete()), world.site)
    step = "delete-pbx.calls"
    assert steps.begin(run, step, steps.RECORDS, [("", {"n": n}) for n in range(3)], NOW)
    assert claims.take_next(run, step, "w1", NOW) is not None
    steps.fail(run, step, "StoreRefused", "another worker was refused", NOW)
    assert claims.take_next(run, step, "w2", NOW) is None
    assert Window.objects.filter(run_id=run, state="open").count() == 2
