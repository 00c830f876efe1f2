"""Plans: made, looked at, applied."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpRequest
from ninja import Router, Schema, Status

from servanda.plan.explain import explain
from servanda.plan.steps import Plan
from servanda.runtime import hub, jobs, plans
from servanda.web.api.auth import by, scope
from servanda.web.api.once import once
from servanda.web.api.schemas import WRONG, JobOut

router = Router(tags=["plans"])


class PlanOut(Schema):
    digest: str
    made_at: datetime
    steps: int
    unreachable: list[str]


class ExplainedOut(PlanOut):
    explained: str


def _out(plan: Plan) -> dict[str, Any]:
    return {
        "digest": plan.digest,
        "made_at": plan.made_at,
        "steps": len(plan.steps),
        "unreachable": list(plan.unreachable),
    }


@router.get("/plans", auth=scope("plans"), response={200: list[PlanOut], **WRONG})
def listed(request: HttpRequest) -> Any:
    """The newest first."""
    return [_out(plan) for plan in plans.listed(hub.workspace())]


@router.post("/plans", auth=scope("make_plan"), response={202: JobOut, **WRONG})
@once
def make(request: HttpRequest) -> Any:
    """Make a plan of what is due now; the job tells its digest."""
    job = jobs.ask("plan", {}, about="plan", by=by(request))
    return Status(202, JobOut.from_orm(job).model_dump())


@router.get("/plans/{digest}", auth=scope("plans"), response={200: ExplainedOut, **WRONG})
def one(request: HttpRequest, digest: str) -> Any:
    """What it would do, and why, in words."""
    workspace = hub.workspace()
    plan = plans.named(workspace, digest)
    words = explain(plan, workspace.policy, workspace.configs)
    return {**_out(plan), "explained": words}


@router.post("/plans/{digest}/apply", auth=scope("run"), response={202: JobOut, **WRONG})
@once
def apply(request: HttpRequest, digest: str) -> Any:
    """Do what the plan says, or go on with it."""
    plan = plans.named(hub.workspace(), digest)
    job = jobs.ask("apply", {"plan": plan.digest}, about=f"plan:{plan.digest}", by=by(request))
    return Status(202, JobOut.from_orm(job).model_dump())
