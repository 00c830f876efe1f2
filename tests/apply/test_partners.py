"""A record whose partner in another store could not go stays, and says why."""

from __future__ import annotations

from servanda import apply
from servanda.desk import holds
from tests.apply.spy import Witness, watched
from tests.apply.world import MASTER, OLD, World, entries, unsealed


def test_both_go_where_both_can(world: World) -> None:
    world.make(30, 10)
    tapes = world.delete("tapes.wav")
    run = apply.start(world.plan(tapes, world.delete(after=(tapes.id,))), world.site)
    assert apply.work(run, world.site).result == "done"
    assert (len(world.ids()), len(world.tapes())) == (10, 10)


def test_a_tape_that_cannot_go_keeps_its_call(world: World) -> None:
    """Another file took its name between choosing and removing: that one is nobody's to delete."""
    world.make(30, 10)
    number = sorted(world.old_ids())[4]
    tape = world.tape(number, OLD)

    def replaced(window: int) -> None:
        beside = tape.with_suffix(".new")
        beside.write_bytes(b"RIFF another")
        beside.rename(tape)

    tapes = world.delete("tapes.wav")
    run = apply.start(world.plan(tapes, world.delete(after=(tapes.id,))), world.site)
    witness = Witness(committing=replaced)
    outcome = apply.work(run, watched(world.site, "tapes", witness))
    states = {step.id: (step.state, step.count, step.left) for step in outcome.steps}
    assert states == {tapes.id: ("done", 29, 1), "delete-pbx.calls": ("done", 29, 0)}
    assert outcome.result == "incomplete"
    assert world.old_ids() == {number}
    assert len(unsealed(run)[tapes.id]) == 29
    assert len(entries("window.superseded")) == 1
    again = apply.start(
        world.plan(world.delete("tapes.wav"), world.delete(after=(tapes.id,))), world.site
    )
    assert apply.work(again, world.site).result == "done"
    assert (len(world.ids()), len(world.tapes())) == (10, 10)


def test_a_held_tape_keeps_its_call_and_the_other_way(world: World) -> None:
    world.make(30, 10)
    number = sorted(world.old_ids())[4]
    tapes = world.delete("tapes.wav")
    plan = world.plan(tapes, world.delete(after=(tapes.id,)))
    holds.add_record(
        MASTER, "tapes.wav", [f"2025/01/30/call-{number:06d}.wav"], reason="claim", by="alice"
    )
    outcome = apply.work(apply.start(plan, world.site), world.site)
    assert outcome.result == "done"
    assert world.old_ids() == {number}
    assert len(world.tapes()) == 11
    assert {each.suspended for each in outcome.recounts} == {1}


def test_a_failed_step_skips_what_waits_for_it(world: World) -> None:
    world.make(30, 10)
    tapes = world.delete("tapes.wav")
    plan = world.plan(tapes, world.delete(after=(tapes.id,)), world.redact())
    (world.folder / "tapes").rename(world.folder / "elsewhere")
    run = apply.start(plan, world.site)
    outcome = apply.work(run, world.site)
    states = {step.id: step.state for step in outcome.steps}
    assert states == {
        tapes.id: "failed",
        "delete-pbx.calls": "skipped",
        "redact-pbx.guests": "done",
    }
    assert "waits for tapes.wav" in outcome.steps[1].reason
    assert outcome.unreachable == ("tapes",)
    assert len(world.ids()) == 40
    (world.folder / "elsewhere").rename(world.folder / "tapes")
    assert apply.resume(run, world.site).result == "done"
    assert (len(world.ids()), len(world.tapes())) == (10, 10)
    assert [entry["outcome"] for entry in entries("run.ended")] == ["incomplete", "done"]
