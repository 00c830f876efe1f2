"""A run that will not go on is settled before the next one starts."""

from __future__ import annotations

from servanda import apply
from servanda.state.models import Run
from tests.apply.world import entries, unsealed
from tests.faults.conftest import case, each_case
from tests.faults.harness import Case

__all__ = ["case", "each_case"]


def test_a_new_plan_after_a_crash_claims_nothing_twice(each_case: Case) -> None:
    world = each_case.world.make(240, 60)
    old = world.old_ids()
    first = each_case.start(world.plan(world.delete()))
    each_case.killed("work", first, "after-record", 2)
    left = world.old_ids()
    assert 0 < len(left) < 240
    second = each_case.start(world.plan(world.delete()))
    assert Run.objects.get(id=first).state == "stale"
    assert entries("run.ended")[0]["outcome"] == "stale"
    assert world.old_ids() == left
    assert apply.work(second, world.site).result == "done"
    one = {key for (key,) in unsealed(first)["delete-pbx.calls"]}
    two = {key for (key,) in unsealed(second)["delete-pbx.calls"]}
    assert one == old - left
    assert two == left


def test_a_run_somebody_works_on_is_left_alone(case: Case) -> None:
    world = case.world.make(240, 60)
    first = case.start(world.plan(world.delete()))
    started = case.start(world.plan(world.redact()))
    assert Run.objects.get(id=first).state == "stale"  # nobody had begun
    busy = case.process("work", started)
    while not entries("window.prepared"):
        pass
    third = case.start(world.plan(world.delete("pbx.notes")))
    assert Run.objects.get(id=started).state in ("running", "done")
    assert busy.said()["result"] == "done"
    assert apply.work(third, world.site).result == "done"
    assert len(world.ids()) == 300
