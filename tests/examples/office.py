"""One example company in a folder of its own: sweep it as the scheduler does, then look around."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

from servanda.apply.outcome import Outcome
from servanda.desk import approvals
from servanda.ledger import live
from servanda.plan.steps import Keep, Plan, Verify
from servanda.runtime import plans
from servanda.runtime.judge import judge
from servanda.runtime.sweep import run_plan, sweep
from servanda.runtime.workspace import Workspace
from servanda.status import Board

EXAMPLES = Path(__file__).parents[2] / "examples"


def office(company: str, folder: Path, env: Mapping[str, str]) -> Workspace:
    """The company's policy and stores as they are published, in `folder`."""
    folder.mkdir()
    for name in ("policy.yaml", "stores.yaml"):
        shutil.copy(EXAMPLES / company / name, folder / name)
    return Workspace.open(folder, env)


def sample(company: str) -> ModuleType:
    """The company's own sample.py, whose folder is no package."""
    spec = spec_from_file_location(company, EXAMPLES / company / "sample.py")
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def build(company: str, folder: Path) -> ModuleType:
    """The company's sample as its own stores.yaml expects it beside itself."""
    module = sample(company)
    if company == "exmas-kenya":  # which can be made in PostgreSQL too
        (folder / "data").mkdir()
        module.build(f"sqlite:///{folder}/data/exmas.sqlite", folder, datetime.now(UTC))
    else:
        module.build(folder, datetime.now(UTC))
    return module


@dataclass(frozen=True)
class Swept:
    """What a sweep came to. `waited`: the circuit breaker asked for a person first."""

    plan: Plan
    outcome: Outcome
    waited: bool

    @property
    def counts(self) -> dict[str, int]:
        """How many records each collection lost or had redacted."""
        found: dict[str, int] = {}
        for step in self.outcome.steps:
            found[step.collection] = found.get(step.collection, 0) + step.count
        return found


def swept(workspace: Workspace) -> Swept:
    """One scheduled sweep; a plan that waits for a person is approved and applied."""
    done = sweep(workspace, datetime.now(UTC))
    assert done.problems == ()
    assert done.plan.unreachable == ()
    if done.waiting is None:
        return Swept(done.plan, done.outcome, False)
    assert done.outcome.count == 0
    plan = plans.read(done.waiting)
    approvals.approve(plan.digest, by="Office Manager", reason="the first sweep of old data")
    outcome = run_plan(workspace, plan)
    workspace.checkpoint()
    return Swept(plan, outcome, True)


def assert_done(done: Swept) -> None:
    """Everything planned was done, nothing past its ceiling is left, and no trace was found."""
    outcome = done.outcome
    assert outcome.result == "done", (outcome.findings, outcome.steps)
    assert [step.count for step in outcome.steps] == [step.planned for step in outcome.steps]
    assert all(recount.overdue == 0 for recount in outcome.recounts)
    assert outcome.findings == (), outcome.findings
    for recount in outcome.recounts:
        assert recount.expected in (None, recount.total), recount


def assert_nothing_left_to_do(workspace: Workspace) -> None:
    plan = plans.make(workspace, datetime.now(UTC))
    assert [step for step in plan.steps if not isinstance(step, Keep | Verify)] == []


def assert_evidence_is_whole(workspace: Workspace) -> None:
    report = live.verify(workspace.signer.vkey)
    assert report.ok, report.findings
    assert report.uncovered == 0
    assert report.manifests > 0


def verdicts(board: Board) -> dict[str, str]:
    return {row.id: str(row.verdict) for row in board.rows}


def judged(workspace: Workspace) -> dict[str, str]:
    """The verdict of each promise, from the evidence of this workspace's ledger."""
    workspace.use_state()
    return verdicts(judge(datetime.now(UTC)))


def controls(workspace: Workspace, promise: str) -> dict[str, set[str]]:
    """The verdicts of one promise by the control that keeps it."""
    workspace.use_state()
    (row,) = (row for row in judge(datetime.now(UTC)).rows if row.id == promise)
    found: dict[str, set[str]] = {}
    for check in row.checks:
        found.setdefault(check.control, set()).add(str(check.verdict))
    return found
