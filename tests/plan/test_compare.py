"""Two plans compared: more, less, new, gone, and why; never of what a plan did not look at."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from servanda.kernel.predicate import NOTHING, Everything
from servanda.plan.compare import compare
from servanda.plan.steps import Delete, Keep, Plan, Verify
from servanda.stores.port import Tally

AT = datetime(2026, 3, 1, tzinfo=UTC)


def delete(id_: str, count: int) -> Delete:
    because = (f"rule of {id_}",)
    return Delete(f"delete:{id_}", id_, Everything(), None, Tally(count), 100, because, ())


def keep(id_: str, count: int) -> Keep:
    return Keep(f"keep:hold:{id_}", id_, "hold", Tally(count), ("a hold",), ())


def plan(*steps: Delete | Keep, looked: tuple[str, ...] = ("a.x", "a.y", "b.z")) -> Plan:
    verifies = tuple(Verify(f"v:{each}", each, NOTHING, NOTHING, ()) for each in looked)
    return Plan(AT, AT, "p" * 64, "m" * 64, (), (*steps, *verifies))


def told(before: Plan, now: Plan) -> dict[tuple[str, str], tuple[str, int, tuple[str, ...]]]:
    found = compare(before, now)
    return {(each.collection, each.what): (each.kind, each.difference, each.why) for each in found}


def test_each_kind_of_change_with_its_reason() -> None:
    before = plan(delete("a.x", 10), delete("a.y", 5), keep("a.y", 2))
    now = plan(delete("a.x", 12), keep("a.y", 2), delete("b.z", 3))
    assert told(before, now) == {
        ("a.x", "delete"): ("more", 2, ("rule of a.x",)),
        ("a.y", "suspended by a hold"): ("same", 0, ()),
        ("b.z", "delete"): ("new", 3, ("rule of b.z",)),
        ("a.y", "delete"): ("gone", -5, ("nothing of it is due any more",)),
    }
    back = told(now, before)
    assert back["a.x", "delete"][:2] == ("less", -2)


def test_what_changed_in_between_is_said() -> None:
    before, now = plan(delete("a.x", 1)), plan(delete("a.x", 2))
    other = replace(now, policy="q" * 64, mapping="n" * 64)
    why = told(before, other)["a.x", "delete"][2]
    assert "the policy changed in between" in why and len(why) == 3
    assert told(before, replace(before, policy="q" * 64))["a.x", "delete"] == ("same", 0, ())


def test_a_store_that_did_not_answer_is_no_absence() -> None:
    full, silent = plan(delete("a.x", 4)), replace(plan(looked=("b.z",)), unreachable=("a",))
    assert told(full, silent)["a.x", "delete"] == ("gone", -4, ("a does not answer now",))
    assert "a did not answer then" in told(silent, full)["a.x", "delete"][2]


def test_a_plan_of_a_part_says_nothing_of_the_rest() -> None:
    full, part = plan(delete("a.x", 4), delete("b.z", 1)), plan(delete("b.z", 1), looked=("b.z",))
    assert list(told(full, part)) == [("b.z", "delete")]
    assert "did not look at it" in told(part, full)["a.x", "delete"][2][-1]
