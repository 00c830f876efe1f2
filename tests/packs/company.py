"""The sample policy of JTec over real products, swept by the whole engine."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

from servanda import apply, inventory
from servanda.apply.outcome import Outcome
from servanda.inventory import Inventory
from servanda.plan.build import build
from servanda.plan.steps import Delete, Plan
from servanda.runtime.workspace import Workspace, check

EXAMPLE = Path(__file__).parents[2] / "examples" / "jtec-northern-ireland" / "policy.yaml"
LEAD = timedelta(days=1)
YEARS = timedelta(days=365)
NOW = datetime.now(UTC)
LONG_AGO = NOW - 2 * YEARS
BEFORE_TEN_YEARS = NOW - 11 * YEARS
LATELY = NOW - timedelta(days=30)


def company(folder: Path, **packs: tuple[str, str]) -> Workspace:
    """JTec's policy with these stores, each a pack and an address."""
    folder.mkdir()
    shutil.copy(EXAMPLE, folder / "policy.yaml")
    (folder / "stores.yaml").write_text(
        "stores:\n"
        + "".join(
            f"  {name}: {{connect: '${{{name.upper()}}}', pack: {pack}}}\n"
            for name, (pack, _) in packs.items()
        )
    )
    env = {name.upper(): address for name, (_, address) in packs.items()}
    found = check(folder, env)
    assert found.sound, found.diagnostics
    workspace = Workspace.open(folder, env)
    workspace.use_state()
    return workspace


def look(workspace: Workspace) -> Inventory:
    return inventory.take(workspace.policy, workspace.configs, workspace.stores, NOW)


def plan(workspace: Workspace) -> Plan:
    return build(
        workspace.policy,
        workspace.configs,
        workspace.stores,
        datetime.now(UTC),
        LEAD,
        mapping=workspace.mapping,
    )


def sweep(workspace: Workspace) -> tuple[dict[str, int], Outcome]:
    """Plan, apply, and plan again: the second plan must be empty. Counts by collection."""
    made = plan(workspace)
    outcome = apply.work(apply.start(made, workspace.site), workspace.site)
    assert outcome.result == "done", (outcome.findings, outcome.steps)
    assert [step.count for step in outcome.steps] == [step.planned for step in outcome.steps]
    assert all(each.overdue == 0 for each in outcome.recounts)
    assert not [step for step in plan(workspace).steps if isinstance(step, Delete)]
    return {step.collection: step.count for step in outcome.steps}, outcome
