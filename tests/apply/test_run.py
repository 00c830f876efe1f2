"""From plan to outcome on real stores: what is due goes, what is not stays, evidence says both."""

from __future__ import annotations

import pytest

from servanda import apply
from servanda.kernel.errors import StalePlan, UsageError
from tests.apply.world import World, entries, unsealed


def test_deletes_what_is_due_and_nothing_else(world: World) -> None:
    world.make(old=40, new=25)
    before, old = world.ids(), world.old_ids()
    assert len(before) == 65
    assert len(old) == 40
    plan = world.plan(world.delete())
    seen: list[apply.Progress] = []
    run = apply.start(plan, world.site)
    outcome = apply.work(run, world.site, progress=seen.append)
    assert outcome.result == "done"
    assert outcome.count == 40
    assert world.ids() == before - old
    assert sorted(n for (n,) in unsealed(run)["delete-pbx.calls"]) == sorted(old)
    assert seen[-1].count == 40
    assert seen[-1].windows >= seen[-1].done


def test_leaves_evidence_of_every_kind_and_no_personal_data(world: World) -> None:
    world.make()
    run = apply.start(world.plan(world.delete(), world.redact()), world.site)
    apply.work(run, world.site)
    kinds = [entry["kind"] for entry in entries()]
    assert kinds[:2] == ["plan", "run.started"]
    assert kinds.count("window.prepared") == sum(
        entry["count"] > 0 for entry in entries("window.prepared")
    )
    assert sum(entry["count"] for entry in entries("window.prepared")) == 80
    recounts = {entry["collection"]: entry for entry in entries("recount")}
    assert recounts["pbx.calls"]["overdue"] == 0
    assert recounts["pbx.calls"]["total"] == 25
    assert recounts["pbx.calls"]["expected"] == 25
    ended = entries("run.ended")[-1]
    assert ended["outcome"] == "done"
    assert {step["state"] for step in ended["steps"]} == {"done"}
    text = repr(entries())
    for personal in ("+4428", "Guest Number", "@example.test", "call-00"):
        assert personal not in text


def test_redacts_due_rows_and_only_their_fields(world: World) -> None:
    world.make(old=30, new=20)
    run = apply.start(world.plan(world.redact()), world.site)
    outcome = apply.work(run, world.site)
    assert outcome.result == "done"
    assert outcome.count == 30
    assert len(world.rows("SELECT email FROM guests WHERE name IS NULL AND note IS NOT NULL")) == 30
    assert len(world.rows("SELECT email FROM guests WHERE name LIKE 'Guest Number %'")) == 20
    again = apply.start(world.plan(world.redact()), world.site)
    assert apply.work(again, world.site).count == 0


def test_deletes_records_without_a_key(world: World) -> None:
    world.make(old=30, new=20)
    run = apply.start(world.plan(world.delete("pbx.notes")), world.site)
    assert apply.work(run, world.site).count == 30
    assert len(world.rows("SELECT body FROM notes")) == 20


def test_deletes_files(world: World) -> None:
    world.make(old=30, new=20)
    assert len(world.tapes()) == 50
    run = apply.start(world.plan(world.delete("tapes.wav")), world.site)
    outcome = apply.work(run, world.site)
    assert outcome.result == "done"
    assert outcome.count == 30
    assert len(world.tapes()) == 20


def test_many_windows_and_threads_go_over_everything_once(world: World) -> None:
    world = world.with_limit(rows_per_second=400, connections=3).make(old=300, new=60)
    run = apply.start(world.plan(world.delete("tapes.wav"), world.delete()), world.site)
    outcome = apply.work(run, world.site)
    assert outcome.count == 600
    assert len(entries("window.prepared")) >= 6  # a quarter of a second's worth each: 100 records
    assert len(world.ids()) == 60
    keys = unsealed(run)
    assert len(keys["delete-pbx.calls"]) == len(set(keys["delete-pbx.calls"])) == 300


def test_a_plan_is_applied_once(world: World) -> None:
    world.make()
    plan = world.plan(world.delete())
    run = apply.start(plan, world.site)
    with pytest.raises(UsageError, match="being applied"):
        apply.start(plan, world.site)
    apply.work(run, world.site)
    with pytest.raises(StalePlan, match="applied already"):
        apply.start(plan, world.site)
    with pytest.raises(UsageError, match="has ended"):
        apply.resume(run, world.site)


def test_nothing_due_leaves_a_recount_all_the_same(world: World) -> None:
    world.make(old=0, new=5)
    run = apply.start(world.plan(world.delete()), world.site)
    outcome = apply.work(run, world.site)
    assert outcome.result == "done"
    assert outcome.count == 0
    assert entries("recount")[0]["total"] == 5
    assert entries("window.prepared") == []
