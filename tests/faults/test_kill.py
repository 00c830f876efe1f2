"""kill -9 at every boundary of a window, on every kind of store; then resume.

In the end every record that was due is gone, none other is, and the manifests name exactly that.
"""

from __future__ import annotations

from typing import get_args

import pytest

from servanda.apply.boundaries import Boundary
from tests.apply.world import entries
from tests.faults.harness import Case, assert_true_evidence

OLD, NEW = 240, 60
IN_A_WINDOW: tuple[Boundary, ...] = (
    "after-claim",
    "after-store-work",
    "inside-record",
    "after-record",
    "after-commit",
)
WHEN_RESUMING: tuple[Boundary, ...] = ("after-reopen", "after-supersede")
OF_A_RUN: tuple[Boundary, ...] = ("after-split", "before-recount", "before-end")
OF_A_COPY: tuple[Boundary, ...] = ("after-copy",)
OF_A_START: tuple[Boundary, ...] = ("after-start",)


def test_every_boundary_is_tried() -> None:
    tried = {*IN_A_WINDOW, *WHEN_RESUMING, *OF_A_RUN, *OF_A_COPY, *OF_A_START}
    assert tried == set(get_args(Boundary))


@pytest.mark.parametrize("time", [1, 2])
@pytest.mark.parametrize("at", IN_A_WINDOW)
def test_delete(each_case: Case, at: Boundary, time: int) -> None:
    world = each_case.world.make(OLD, NEW)
    before, old = world.ids(), world.old_ids()
    run = each_case.start(world.plan(world.delete()))
    each_case.killed("work", run, at, time)
    assert before - old <= world.ids()  # whatever happened, nothing that was not due is gone
    assert each_case.resume(run) == "done"
    assert world.ids() == before - old
    assert_true_evidence(run, {"delete-pbx.calls": {(each,) for each in old}})


@pytest.mark.parametrize("at", ["after-store-work", "after-record", "after-commit"])
def test_redact(each_case: Case, at: Boundary) -> None:
    world = each_case.world.make(OLD, NEW)
    step = world.redact()
    old = set(world.rows("SELECT email FROM guests WHERE seen < '2025-03-01'"))
    assert len(old) == OLD
    run = each_case.start(world.plan(step))
    each_case.killed("work", run, at, 2)
    assert each_case.resume(run) == "done"
    assert set(world.rows("SELECT email FROM guests WHERE name IS NULL")) == old
    assert len(world.rows("SELECT email FROM guests WHERE note IS NOT NULL")) == OLD + NEW
    assert_true_evidence(run, {step.id: old})


@pytest.mark.parametrize("at", IN_A_WINDOW)
def test_files(case: Case, at: Boundary) -> None:
    world = case.world.make(OLD, NEW)
    before = world.tapes()
    run = case.start(world.plan(world.delete("tapes.wav")))
    case.killed("work", run, at, 2)
    assert case.resume(run) == "done"
    left = world.tapes()
    assert len(left) == NEW
    gone = {(f"2025/01/30/{name}",) for name in before - left}
    assert_true_evidence(run, {"delete-tapes.wav": gone})


@pytest.mark.parametrize("at", ["after-store-work", "after-record", "after-commit"])
def test_records_without_a_key(each_case: Case, at: Boundary) -> None:
    case, world = each_case, each_case.world.make(OLD, NEW)
    new = world.rows("SELECT body FROM notes WHERE made > '2025-03-01'")
    assert len(new) == NEW
    run = case.start(world.plan(world.delete("pbx.notes")))
    case.killed("work", run, at)
    assert case.resume(run) == "done"
    assert sorted(world.rows("SELECT body FROM notes")) == sorted(new)
    counts = [entry["count"] for entry in entries("window.prepared")]
    assert sum(counts) == OLD


@pytest.mark.parametrize("at", WHEN_RESUMING)
def test_again_while_resuming(each_case: Case, at: Boundary) -> None:
    world = each_case.world.make(OLD, NEW)
    before, old = world.ids(), world.old_ids()
    run = each_case.start(world.plan(world.delete()))
    each_case.killed("work", run, "after-record", 2)
    each_case.killed("resume", run, at)
    each_case.killed("resume", run, at)
    assert each_case.resume(run) == "done"
    assert world.ids() == before - old
    assert_true_evidence(run, {"delete-pbx.calls": {(each,) for each in old}})


@pytest.mark.parametrize("at", OF_A_RUN)
def test_between_windows(case: Case, at: Boundary) -> None:
    world = case.world.make(OLD, NEW)
    before, old = world.ids(), world.old_ids()
    run = case.start(world.plan(world.delete()))
    case.killed("work", run, at)
    assert case.resume(run) == "done"
    assert world.ids() == before - old
    assert_true_evidence(run, {"delete-pbx.calls": {(each,) for each in old}})
    assert len(entries("recount")) == 1
    assert [entry["outcome"] for entry in entries("run.ended")] == ["done"]


def test_just_after_the_start(case: Case) -> None:
    from servanda import apply

    world = case.world.make(OLD, NEW)
    case.save(world.plan(world.delete()))
    case.killed("start", "", "after-start")
    assert len(world.ids()) == OLD + NEW
    (run,) = apply.unfinished()
    assert case.resume(run) == "done"
    assert len(world.ids()) == NEW


@pytest.mark.parametrize("at", [*OF_A_COPY, "after-store-work", "after-record", "after-commit"])
def test_archive_keeps_the_original_or_a_copy_and_never_two(case: Case, at: Boundary) -> None:
    world = case.world.make(OLD, NEW)
    old = world.old_ids()
    run = case.start(world.plan(world.archive()))
    case.killed("work", run, at, 2)
    kept = [row["id"] for row in world.archived()]
    assert world.ids() | set(kept) >= old
    assert case.resume(run) == "done"
    assert world.ids().isdisjoint(old)
    assert len(world.ids()) == NEW
    assert sorted(row["id"] for row in world.archived()) == sorted(old)
    assert_true_evidence(run, {"archive-pbx.calls": {(each,) for each in old}})


@pytest.mark.parametrize("at", [*OF_A_COPY, "after-store-work", "after-record", "after-commit"])
def test_archived_files_are_kept_or_still_there_and_never_twice(case: Case, at: Boundary) -> None:
    world = case.world.make(OLD, NEW)
    before = world.tapes()
    run = case.start(world.plan(world.archive("tapes.wav")))
    case.killed("work", run, at, 2)
    assert world.tapes() | set(world.kept_tapes()) == before
    assert case.resume(run) == "done"
    left = world.tapes()
    assert len(left) == NEW
    assert set(world.kept_tapes()) == before - left
    gone = {(f"2025/01/30/{name}",) for name in before - left}
    assert_true_evidence(run, {"archive-tapes.wav": gone})
