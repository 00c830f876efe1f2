"""The world changed between plan and apply, or in the middle of a run."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from servanda import apply
from servanda.desk import approvals
from servanda.kernel.errors import BreakerOpen, StalePlan, StoreUnreachable
from servanda.plan.file import sealed
from servanda.state.models import Run, Window
from tests.apply.spy import Witness, watched
from tests.apply.world import NOW, OLD, entries, unsealed
from tests.faults.harness import Case, assert_true_evidence


def test_a_changed_policy_or_mapping_refuses_the_plan(case: Case) -> None:
    world = case.world.make(30, 10)
    plan = world.plan(world.delete())
    with pytest.raises(StalePlan, match="policy changed since the plan was made"):
        apply.start(plan, replace(world.site, policy="c" * 64))
    with pytest.raises(StalePlan, match=r"stores\.yaml or a pack changed"):
        apply.start(plan, replace(world.site, mapping="c" * 64))
    assert len(world.ids()) == 40
    assert not Run.objects.exists()
    assert apply.work(apply.start(plan, world.site), world.site).count == 30


def test_a_policy_changed_in_the_middle_ends_the_run_with_true_evidence(each_case: Case) -> None:
    world = each_case.world.make(240, 60)
    before = world.ids()
    run = each_case.start(world.plan(world.delete()))
    each_case.killed("work", run, "after-record", 2)  # the second window is rolled back
    left = world.ids()
    assert 60 < len(left) < 300
    with pytest.raises(StalePlan):
        apply.resume(run, replace(world.site, policy="c" * 64))
    assert world.ids() == left  # settling deletes nothing
    assert_true_evidence(run, {"delete-pbx.calls": {(each,) for each in before - left}})
    assert entries("run.ended")[-1]["outcome"] == "stale"
    assert len(entries("window.superseded")) == 1
    fresh = replace(world.site, policy="c" * 64)
    plan = world.plan(world.delete())
    again = apply.start(sealed(replace(plan, policy="c" * 64)), fresh)
    assert apply.work(again, fresh).result == "done"
    assert len(world.ids()) == 60


def test_a_renamed_column_makes_its_store_read_only(each_case: Case) -> None:
    world = each_case.world.make(30, 10)
    plan = world.plan(world.delete(), world.delete("tapes.wav"))
    world.execute("ALTER TABLE calls RENAME COLUMN caller TO calling_party")
    run = apply.start(plan, world.site)
    outcome = apply.work(run, world.site)
    assert outcome.result == "incomplete"
    states = {step.id: (step.state, step.reason) for step in outcome.steps}
    assert states["delete-pbx.calls"][0] == "skipped"
    assert "shape" in states["delete-pbx.calls"][1]
    assert states["delete-tapes.wav"] == ("done", "")
    assert len(world.ids()) == 40
    assert len(world.tapes()) == 10
    assert {entry["collection"] for entry in entries("recount")} == {"tapes.wav"}  # pbx: unproven


def test_a_plan_changed_by_hand_an_old_one_and_one_from_the_future(case: Case) -> None:
    world = case.world.make(30, 10)
    plan = world.plan(world.delete())
    rest = plan.steps[1:]
    with pytest.raises(StalePlan, match="changed after it was made"):
        apply.start(replace(plan, steps=rest), world.site)
    world.now = NOW + timedelta(days=8)
    with pytest.raises(StalePlan, match="8 days old"):
        apply.start(plan, world.site)
    world.now = NOW - timedelta(hours=1)
    with pytest.raises(StalePlan, match="clock was set back"):
        apply.start(plan, world.site)
    assert len(world.ids()) == 40


def test_more_records_than_the_plan_said(each_case: Case) -> None:
    world = each_case.world.make(30, 10)
    plan = world.plan(world.delete())
    world.execute(f"INSERT INTO calls (id, made) VALUES (9001, '{OLD:%Y-%m-%d %H:%M:%S}')")
    with pytest.raises(StalePlan, match=r"touch 31 records of pbx\.calls, and 30 when"):
        apply.start(plan, world.site)
    assert len(world.ids()) == 41


def test_fewer_records_are_fine(case: Case) -> None:
    world = case.world.make(30, 10)
    plan = world.plan(world.delete())
    one = min(world.old_ids())
    world.execute(f"DELETE FROM calls WHERE id = {one}")
    outcome = apply.work(apply.start(plan, world.site), world.site)
    assert (outcome.result, outcome.count) == ("done", 29)
    assert "fewer than the evidence" in outcome.findings[0]  # somebody else deletes there


def test_a_sweep_of_nine_tenths_needs_an_approval_of_exactly_it(each_case: Case) -> None:
    world = each_case.world.with_limit(breaker_share=0.5).make(90, 10)
    plan = world.plan(world.delete())
    with pytest.raises(BreakerOpen, match="more than 50%"):
        apply.start(plan, world.site)
    other = world.plan(world.delete(), made_at=NOW - timedelta(hours=1))
    approvals.approve(other.digest, by="alice", reason="another plan")
    with pytest.raises(BreakerOpen):
        apply.start(plan, world.site)
    assert len(world.ids()) == 100
    assert not Run.objects.exists()
    approvals.approve(plan.digest, by="alice", reason="the archive was imported twice")
    assert apply.work(apply.start(plan, world.site), world.site).count == 90


def test_a_clock_set_back_holds_nobody_up(case: Case) -> None:
    """A worker died; then the clock went back a year. Its lease must not last a year longer."""
    world = case.world.make(240, 60)
    old = world.old_ids()
    run = case.start(world.plan(world.delete()))
    case.killed("work", run, "after-record", 2)
    elsewhere = "w@000000000000:1:1/0"  # on a machine whose processes we cannot see
    Window.objects.exclude(owner="").update(owner=elsewhere, lease_until=NOW + timedelta(days=365))
    assert case.resume(run) == "done"
    assert len(world.ids()) == 60
    assert_true_evidence(run, {"delete-pbx.calls": {(each,) for each in old}})


def test_the_ledgers_time_never_runs_back(case: Case) -> None:
    world = case.world.make(30, 10)
    apply.work(apply.start(world.plan(world.delete()), world.site), world.site)
    world.now = NOW - timedelta(days=2)
    apply.work(apply.start(world.plan(world.redact()), world.site), world.site)
    times = [entry["at"] for entry in entries()]
    assert times == sorted(times)
    assert entries()[-1]["clock_back"] is True


def test_an_unreachable_store_while_holds_are_worked_out_holds_what_hangs_on_it(
    case: Case,
) -> None:
    """Tapes may lead to held calls; when they cannot be asked, no call is deleted."""
    from servanda.desk import holds
    from servanda.stores.mapping import StoreConfig
    from servanda.stores.port import Store
    from tests.apply.world import MASTER

    world = case.world.make(30, 10)
    plan = world.plan(world.delete())
    number = min(world.old_ids())
    holds.add_person(MASTER, [("phone", f"+4428{number:08d}")], reason="claim", by="alice")
    site = world.site

    def open_(config: StoreConfig, read_only: bool) -> Store:
        if config.name == "tapes":
            raise StoreUnreachable("tapes", "not mounted")
        return site.open(config, read_only)

    run = apply.start(plan, site)
    outcome = apply.work(run, replace(site, open=open_))
    assert outcome.count == 0
    assert len(world.ids()) == 40
    assert unsealed(run) == {}


def test_a_count_that_grows_while_the_run_goes_on_is_not_lost(case: Case) -> None:
    """What comes after the last window has passed is the recount's to find."""
    world = case.world.make(240, 60)
    late = f"INSERT INTO calls (id, made) VALUES (-5, '{OLD:%Y-%m-%d %H:%M:%S}')"

    def add(number: int) -> None:
        if number == 3:
            world.execute(late)

    run = case.start(world.plan(world.delete()))
    outcome = apply.work(run, watched(world.site, "pbx", Witness(committed=add)))
    assert outcome.result == "broken"
    assert outcome.recounts[0].overdue == 1
    assert "1 records of pbx.calls are past their ceiling" in outcome.findings[0]
