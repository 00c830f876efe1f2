"""What people ask for about plans, from the console and the API alike: make, run, pause, sweep.

The danger: more goes than whoever pressed the button believed. So running a plan that destroys
needs its exact number, the number is compared here and not in a page alone; and `apply` itself
refuses what is stale, above a limit, or lacks a second pair of eyes.
Tests: tests/web/plans/test_plans.py, tests/runtime/test_four_eyes.py.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from servanda.kernel.errors import UsageError
from servanda.plan.steps import Plan
from servanda.runtime.standing import about, standing

if TYPE_CHECKING:
    from servanda.runtime.workspace import Workspace
    from servanda.state.models import Job


def ask_plan(workspace: Workspace, by: str, only: tuple[str, ...] = ()) -> Job:
    """A plan, made by the worker."""
    from servanda.runtime import jobs

    known = {c.store for e in workspace.configs for c in e.collections}
    known |= {c.id for e in workspace.configs for c in e.collections}
    if set(only) - known:
        raise UsageError("there is no such store or collection", "choose one of the list")
    payload = {"only": list(only)} if only else {}
    job = jobs.ask("plan", payload, about="plan", by=by)
    if job.payload != payload:
        raise UsageError("another plan is being made", "wait until it is there, then ask again")
    return job


def ask_sweep(by: str) -> Job:
    """A sweep now, done by the worker."""
    from servanda.runtime import jobs

    return jobs.ask("sweep", {}, about="sweep", by=by)


def ask_apply(workspace: Workspace, plan: Plan, *, by: str, confirm: str) -> Job:
    """Run the plan, or go on with its run. `confirm`: its number of records, as typed. UsageError
    says what stands in the way."""
    from servanda.runtime import jobs

    found = standing(workspace, plan, by)
    if found.stale:
        raise UsageError(f"the plan fits no more: {found.stale}", "make a new plan")
    if not found.open:
        raise UsageError(f"this plan is {found.state}", "make a new plan")
    if found.refused:
        raise UsageError(found.refused, "look at its approvals")
    if found.count and confirm.strip().replace(",", "") != str(found.count):
        raise UsageError(
            f"the number typed is not {found.count}, so nothing was begun",
            "look at the plan once more, then type exactly its number",
        )
    return jobs.ask("apply", {"plan": plan.digest}, about=about(plan.digest), by=by)


def approve(workspace: Workspace, plan: Plan, *, by: str, reason: str) -> None:
    """Let exactly this plan pass. UsageError where it is over, or for whom it is not to say."""
    from servanda.desk import approvals

    found = standing(workspace, plan, by)
    if not found.open or found.stale:
        raise UsageError(
            f"this plan is {found.state}: nothing is left to approve", "make a new one"
        )
    four_eyes = workspace.settings.web.four_eyes
    approvals.approve(plan.digest, by=by, reason=reason, four_eyes=four_eyes)


def pause(plan: Plan) -> None:
    """Stop its run after the windows in hand."""
    from servanda.runtime import jobs

    job = jobs.latest(about(plan.digest), "apply")
    if job is None or job.state not in ("waiting", "running"):
        raise UsageError("this plan is not being run", "load the page again")
    jobs.stop(job.id)
