"""A hold counts from the moment it is added, wherever the run then is."""

from __future__ import annotations

from dataclasses import replace

from servanda import apply
from servanda.apply import keyvalues
from servanda.apply.shield import Shield
from servanda.desk import holds
from servanda.kernel.predicate import Compare, OneOf, all_of, negate
from tests.apply.spy import Witness, watched
from tests.apply.world import MASTER, entries, unsealed
from tests.faults.harness import Case


def person(number: int) -> str:
    phone = ("phone", f"+4428{number:08d}")
    return holds.add_person(MASTER, [phone], reason="claim 7/26", by="alice")


def test_between_plan_and_apply(each_case: Case) -> None:
    world = each_case.world.make(30, 10)
    old = sorted(world.old_ids())
    plan = world.plan(world.delete())
    person(old[3])
    run = apply.start(plan, world.site)
    outcome = apply.work(run, world.site)
    assert outcome.result == "done"
    assert world.old_ids() == {old[3]}
    (recount,) = outcome.recounts
    assert (recount.overdue, recount.suspended, recount.total) == (0, 1, 11)
    assert (old[3],) not in unsealed(run)["delete-pbx.calls"]


def test_added_while_a_window_is_open(each_case: Case) -> None:
    world = each_case.world.make(240, 60)
    old = world.old_ids()
    held: set[int] = set()

    def add(number: int) -> None:
        if number == 2:  # its work is done in the store, its evidence not yet recorded
            first = keyvalues.values(witness.keys[0])  # the only window recorded by now
            held.update(old - {key for (key,) in first})
            holds.add_predicate(
                MASTER, "pbx.calls", OneOf("id", tuple(old)), reason="all of it", by="alice"
            )

    witness = Witness(opened=add)
    run = apply.start(world.plan(world.delete()), world.site)
    outcome = apply.work(run, watched(world.site, "pbx", witness))
    assert outcome.result == "done"
    assert len(held) >= 100  # more than the window that was open
    assert world.old_ids() == held
    assert outcome.recounts[0].suspended == len(held)
    assert len(unsealed(run)["delete-pbx.calls"]) == 240 - len(held)


def test_released_holds_bind_no_more(case: Case) -> None:
    world = case.world.make(30, 10)
    old = sorted(world.old_ids())
    id_ = person(old[0])
    holds.release(id_, by="bob", reason="settled")
    run = apply.start(world.plan(world.delete()), world.site)
    assert apply.work(run, world.site).count == 30
    assert [entry["kind"] for entry in entries()][:2] == ["hold.added", "hold.released"]


def test_redaction_leaves_the_held_as_they_are(each_case: Case) -> None:
    world = each_case.world.make(30, 10)
    plan = world.plan(world.redact())
    guest = world.rows("SELECT email FROM guests WHERE seen < '2025-03-01' ORDER BY email")[5][0]
    holds.add_person(MASTER, [("email", guest.upper())], reason="claim", by="alice")
    run = apply.start(plan, world.site)
    assert apply.work(run, world.site).count == 29
    kept = world.rows("SELECT email FROM guests WHERE name IS NOT NULL AND seen < '2025-03-01'")
    assert kept == [(guest,)]


def test_resuming_after_a_crash_honours_a_hold_added_meanwhile(each_case: Case) -> None:
    world = each_case.world.make(240, 60)
    old = world.old_ids()
    run = each_case.start(world.plan(world.delete()))
    each_case.killed("work", run, "after-record", 2)
    there = sorted(world.old_ids())
    assert 100 <= len(there) < 240
    # The recorded second window was rolled back, so its records are there, and one is held now.
    recorded = {key for (key,) in unsealed(run)["delete-pbx.calls"]}
    one = next(iter(recorded & set(there)))
    holds.add_predicate(MASTER, "pbx.calls", Compare("id", "=", one), reason="in time", by="alice")
    assert each_case.resume(run) == "done"
    assert world.old_ids() == {one}
    assert len(entries("window.superseded")) == 1
    assert {key for (key,) in unsealed(run)["delete-pbx.calls"]} == old - {one}


def test_a_plan_made_under_a_hold_applies_and_keeps_what_is_held(case: Case) -> None:
    """The plan counted without the held record; checking it again must count alike."""
    world = case.world.make(30, 10)
    held = min(world.old_ids())
    holds.add_record(world.site.master, "pbx.calls", [held], reason="a dispute", by="lead")
    step = world.delete()
    store = world.site.open(world.site.config("pbx"), True)
    shield = Shield(world.site, {"pbx": store})
    out = negate(shield.now().covered("pbx.calls"))
    tally = store.tally(world.site.collection("pbx.calls"), all_of((step.where, out)))
    shield.close()
    store.close()
    assert tally.count == 29
    outcome = apply.work(
        apply.start(world.plan(replace(step, tally=tally)), world.site), world.site
    )
    assert (outcome.result, outcome.count) == ("done", 29)
    assert held in world.ids()
    assert len(world.ids()) == 11
