"""Archive and return: a verified copy before the original goes, and never two copies."""

from __future__ import annotations

import hashlib

from servanda import apply
from servanda.apply.transfer import _batch
from servanda.desk import holds
from tests.apply.spy import Witness, watched
from tests.apply.world import MASTER, World, entries


def test_every_field_arrives_and_the_evidence_names_the_copy(world: World) -> None:
    world.make(30, 10)
    old = world.old_ids()
    before = {row[0]: row[1:] for row in world.rows("SELECT id, caller, tape FROM calls")}
    run = apply.start(world.plan(world.archive()), world.site)
    outcome = apply.work(run, world.site)
    assert (outcome.result, outcome.count) == ("done", 30)
    kept = {row["id"]: (row["caller"], row["tape"]) for row in world.archived()}
    assert kept == {number: before[number] for number in old}
    assert all(row["made"].startswith("2025-01-30T12:00:00") for row in world.archived())
    assert len(world.ids()) == 10
    for entry in entries("window.prepared"):
        assert entry["to"] == "vault"
        assert len(entry["copy"]) == 64
        assert (world.folder / "vault" / f"{entry['batch']}.jsonl.gz").exists()


def test_a_held_record_is_neither_copied_nor_deleted(world: World) -> None:
    world.make(30, 10)
    held = min(world.old_ids())
    holds.add_record(MASTER, "pbx.calls", [held], reason="claim", by="alice")
    apply.work(apply.start(world.plan(world.archive()), world.site), world.site)
    assert held in world.ids()
    assert held not in {row["id"] for row in world.archived()}
    assert len(world.archived()) == 29


def test_no_copy_no_deletion(world: World) -> None:
    world.make(30, 10)
    run = apply.start(world.plan(world.archive()), world.site)
    (world.folder / "vault").rmdir()
    (world.folder / "vault").write_text("a file where the folder should be")
    outcome = apply.work(run, world.site)
    assert outcome.result == "incomplete"
    assert outcome.count == 0
    assert len(world.ids()) == 40


def test_records_without_a_key_are_refused_untouched(world: World) -> None:
    world.make(30, 10)
    plan = world.plan(world.archive("pbx.notes"))
    outcome = apply.work(apply.start(plan, world.site), world.site)
    assert "has no key" in outcome.steps[0].reason
    assert len(world.rows("SELECT body FROM notes")) == 40
    assert world.archived() == []


def test_files_arrive_byte_for_byte_and_the_evidence_names_the_copy(world: World) -> None:
    world.make(30, 10)
    old = {path.name: path.read_bytes() for path in world.folder.glob("tapes/2025/01/**/*.wav")}
    assert len(old) == 30
    outcome = apply.work(
        apply.start(world.plan(world.archive("tapes.wav")), world.site), world.site
    )
    assert (outcome.result, outcome.count) == ("done", 30)
    assert len(world.tapes()) == 10
    assert world.kept_tapes() == old
    for entry in entries("window.prepared"):
        sums = (world.folder / "vault" / entry["batch"] / "SHA256SUMS").read_bytes()
        assert hashlib.sha256(sums).hexdigest() == entry["copy"]


def test_files_into_a_database_are_refused_untouched(world: World) -> None:
    world.make(30, 10)
    plan = world.plan(world.archive("tapes.wav", to="pbx"))
    outcome = apply.work(apply.start(plan, world.site), world.site)
    assert "cannot keep any" in outcome.steps[0].reason
    assert len(world.tapes()) == 40


def test_a_record_changed_while_it_is_copied_is_not_lost(world: World) -> None:
    """Its window holds it; another writer has to wait, or comes before and is copied."""
    world.make(30, 10)
    number = min(world.old_ids())

    def change(window: int) -> None:
        world.execute(f"UPDATE calls SET caller = 'late' WHERE id = {number}")

    run = apply.start(world.plan(world.archive()), world.site)
    apply.work(run, watched(world.site, "pbx", Witness(opening=change)))
    (copy,) = [row for row in world.archived() if row["id"] == number]
    assert copy["caller"] == "late"


def test_a_batch_is_named_after_its_content() -> None:
    one = _batch("run", "step", ["id"], [(1,), (2,)])
    assert one == _batch("run", "step", ["id"], [(1,), (2,)])
    assert one != _batch("run", "step", ["id"], [(1,), (3,)])
    assert one != _batch("run", "step", ["no"], [(1,), (2,)])
    assert _batch("r", "archive:a/b c", ["id"], []).count("/") == 0
