"""The forecast is what plans will say on those days, of records that are there today."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from servanda.kernel.predicate import Compare
from servanda.plan.build import build
from servanda.plan.forecast import DAYS, outlook
from servanda.plan.retention import compile_rules
from servanda.plan.steps import Delete
from servanda.runtime.workspace import Workspace
from tests.cli.shop import Cli
from tests.cli.shop import build as build_shop

LEAD = timedelta(days=1)


@pytest.fixture
def cli(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Cli:
    """Kept thirty days: 1 and 2 are due, 3 in a week, 4 and 5 in three, 6 is from just now."""
    folder = tmp_path / "acme"
    build_shop(folder)
    found = Cli(folder, capsys)
    for id_, days in {1: 90, 2: 31, 3: 26, 4: 12, 5: 12.5, 6: 0}.items():
        found.add(id_, days, f"{'ada' if id_ % 2 else 'max'}@example.test")
    return found


def test_counts_what_becomes_due_and_when(cli: Cli) -> None:
    now = datetime.now(UTC)
    with Workspace.open(cli.folder) as workspace:
        messages = workspace.collection("shop.messages")
        rules = compile_rules(workspace.policy, messages, LEAD)
        store = workspace.stores["shop"]
        assert not isinstance(store, Exception)
        found = outlook(store, messages, rules, None, now)
        assert dict(zip(DAYS, found.leaving, strict=True)) == {
            **dict.fromkeys(DAYS, 0),
            0: 2,
            7: 1,
            21: 2,
            35: 1,
        }
        assert set(found.changing) == {0}
        held = outlook(store, messages, rules, Compare("email", "=", "max@example.test"), now)
        assert sum(held.leaving) == 3 and held.leaving[0] == 1


@pytest.mark.parametrize("days", [7, 21, 90])
def test_agrees_with_the_plan_of_that_day(cli: Cli, days: int) -> None:
    now = datetime.now(UTC)
    with Workspace.open(cli.folder) as workspace:
        messages = workspace.collection("shop.messages")
        rules = compile_rules(workspace.policy, messages, LEAD)
        store = workspace.stores["shop"]
        assert not isinstance(store, Exception)
        found = outlook(store, messages, rules, None, now)
        then = now + timedelta(days=days)
        plan = build(
            workspace.policy, workspace.configs, workspace.stores, then, LEAD, mapping="m" * 64
        )
        (step,) = [each for each in plan.steps if isinstance(each, Delete)]
        until = sum(n for at, n in zip(DAYS, found.leaving, strict=True) if at <= days)
        assert until == step.tally.count > 2


def test_a_record_that_changes_before_it_goes_counts_in_both(cli: Cli) -> None:
    """Past the ceiling while a floor covers part of it: redacted first, deleted when that ends."""
    floor = "at_least: [{period: 40 days, after: closed, ground: tax law, covers: [name]}]"
    keep = "retain: {at_most: 30 days, after: received, then: delete"
    cli.change("policy.yaml", keep, f"{keep}, {floor}")
    cli.change("stores.yaml", "{received: at}", "{received: at, closed: at}")
    cli.change("stores.yaml", "email: contact.email}", "email: {is: contact.email, erase: blank}}")
    now = datetime.now(UTC)
    with Workspace.open(cli.folder) as workspace:
        messages = workspace.collection("shop.messages")
        rules = compile_rules(workspace.policy, messages, LEAD)
        store = workspace.stores["shop"]
        assert not isinstance(store, Exception)
        found = outlook(store, messages, rules, None, now)
    assert sum(found.leaving) == 6 and found.leaving[0] == 1
    assert found.changing[0] == 1  # 2 waits for its floor
    assert found.changing[1] == 1  # 3
    assert sum(found.changing) <= 5
