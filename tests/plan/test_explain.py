"""What a person reads of a plan, word for word (tests/plan/golden)."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from servanda.kernel.predicate import Everything
from servanda.plan.breaker import needs_approval
from servanda.plan.explain import explain, explain_data
from servanda.plan.steps import Delete, Plan
from servanda.stores.mapping import Limit, StoreConfig
from tests.plan.samples import EMPTY, FULL, POLICY, plan, tally

GOLDEN = Path(__file__).parent / "golden"
CONFIGS = [StoreConfig("pbx", "sqlite:///secret"), StoreConfig("web", "sqlite:///secret")]


@pytest.mark.parametrize(("name", "shown"), [("full", FULL), ("empty", EMPTY)])
def test_the_text(name: str, shown: Plan) -> None:
    assert explain(shown, POLICY, CONFIGS) == (GOLDEN / f"{name}.txt").read_text()


@pytest.mark.parametrize(("name", "shown"), [("full", FULL), ("empty", EMPTY)])
def test_the_data(name: str, shown: Plan) -> None:
    data = json.dumps(explain_data(shown, POLICY, CONFIGS), indent=1) + "\n"
    assert data == (GOLDEN / f"{name}.json").read_text()


def test_it_can_be_read_without_the_policy() -> None:
    text = explain(FULL)
    assert "promise JT-06\n" in text
    assert "secret" not in text


def _delete(count: int, total: int) -> Plan:
    return plan(Delete("d", "pbx.cdr", Everything(), None, tally(count), total, (), ()))


@pytest.mark.parametrize(
    ("count", "total", "stops"),
    [
        (50, 100, False),  # exactly the share
        (51, 100, True),
        (20, 20, False),  # the floor: all of a tiny collection
        (21, 21, True),
        (1_000_000, 9_000_000, False),
        (1_000_001, 9_000_000, True),
    ],
)
def test_the_breaker_stops_what_is_above_the_limits(count: int, total: int, stops: bool) -> None:
    assert bool(needs_approval(_delete(count, total), CONFIGS)) is stops


def test_the_breaker_takes_the_limits_of_the_store() -> None:
    strict = StoreConfig("pbx", "", limit=Limit(breaker_share=0.1, breaker_rows=5, breaker_floor=2))
    (found,) = needs_approval(_delete(3, 10), [strict])
    assert str(found) == "d reaches 3 of 10 records, more than 10% of the collection"
    assert needs_approval(_delete(2, 2), [strict]) == []
    assert needs_approval(_delete(6, 900), [strict])[0].why == "more than 5 records"
