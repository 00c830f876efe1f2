"""Plans: made, compared, approved, run, paused.

The danger: more goes than the caller believes. What guards it: `apply` takes the exact number of
records, and what lacks an approval or a second person is refused below, whoever asks.
Tests: tests/web/api/test_plans.py.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from django.http import Http404, HttpRequest
from ninja import Query, Router, Schema, Status
from pydantic import Field

from servanda.desk import approvals
from servanda.kernel.errors import UsageError
from servanda.plan.explain import explain
from servanda.plan.steps import Plan
from servanda.runtime import hub, planning, plans, standing
from servanda.web.api.auth import by, scope
from servanda.web.api.once import once
from servanda.web.api.schemas import (
    WRONG,
    DoneOut,
    In,
    JobOut,
    Limit,
    Line,
    standing_in_the_way,
)

router = Router(tags=["plans"])


class PlanOut(Schema):
    """`count`: how many records it deletes or changes. `state`: open, running, paused …"""

    digest: str
    made_at: datetime
    maker: str
    count: int
    collections: int
    state: str
    unreachable: list[str]


class ApprovalOut(Schema):
    by: str
    at: datetime
    reason: str


class StandingOut(Schema):
    """`stale`: why it fits no more. `refused`: why this token may not run it now. `limits`: steps
    above their limit. `explained`: what it would do, and why, in words."""

    digest: str
    made_at: datetime
    maker: str
    count: int
    state: str
    run: str
    stale: str
    refused: str
    limits: list[str]
    approvals: list[ApprovalOut]
    unreachable: list[str]
    explained: str


class PlanChangeOut(Schema):
    """One kind of thing done to one collection, in both plans. `kind`: new, gone, more, less,
    same."""

    collection: str
    what: str
    writes: bool
    before: int
    now: int
    kind: str
    why: list[str]


class ComparedOut(Schema):
    """`before`: the plan made last before this one, if any."""

    before: str | None
    changes: list[PlanChangeOut]


class PlanIn(In):
    """`only`: stores or collections; all of them without it."""

    only: list[Line] = Field(default=[], max_length=1000)


class ApproveIn(In):
    reason: Annotated[str, Field(min_length=1, max_length=2000)]


class ApplyIn(In):
    """`confirm`: how many records the plan deletes or changes, exactly."""

    confirm: Annotated[int, Field(ge=0, le=2**63 - 1)]


class SweepIn(In):
    """`confirm`: the word `sweep`."""

    confirm: Line


@router.get("/plans", auth=scope("plans"), response={200: list[PlanOut], **WRONG})
def listed(
    request: HttpRequest, limit: Limit = 30, skip: Annotated[int, Query(ge=0, le=1_000_000)] = 0
) -> Any:
    """The newest first, with what became of them."""
    return standing.listed(hub.workspace(), limit=limit, skip=skip)


@router.post("/plans", auth=scope("make_plan"), response={202: JobOut, **WRONG})
@once
def make(request: HttpRequest, told: PlanIn | None = None) -> Any:
    """Make a plan of what is due now; the job tells its digest. Changes nothing."""
    only = tuple(told.only) if told else ()
    return Status(202, JobOut.from_orm(planning.ask_plan(hub.workspace(), by(request), only)))


@router.post("/sweeps", auth=scope("run"), response={202: JobOut, **WRONG})
@once
def sweep(request: HttpRequest, told: SweepIn) -> Any:
    """Make a plan and run it, as the schedule does; what needs approval waits."""
    if told.confirm != "sweep":
        raise UsageError('nothing was begun: confirm it with "sweep"')
    return Status(202, JobOut.from_orm(planning.ask_sweep(by(request))))


@router.get("/plans/{slug:digest}", auth=scope("plans"), response={200: StandingOut, **WRONG})
def one(request: HttpRequest, digest: str) -> Any:
    """Where it stands, and what it would do."""
    workspace, plan = hub.workspace(), _there(digest)
    found = standing.standing(workspace, plan, by(request))
    return {
        "digest": plan.digest,
        "made_at": plan.made_at,
        "maker": found.maker,
        "count": found.count,
        "state": found.state,
        "run": found.run,
        "stale": found.stale,
        "refused": found.refused,
        "limits": found.limits,
        "approvals": found.approvals,
        "unreachable": plan.unreachable,
        "explained": explain(plan, workspace.policy, workspace.configs),
    }


@router.get(
    "/plans/{slug:digest}/changes", auth=scope("plans"), response={200: ComparedOut, **WRONG}
)
def compare(request: HttpRequest, digest: str) -> Any:
    """How it differs from the plan before it, and why."""
    earlier, changes = standing.changes(hub.workspace(), _there(digest))
    return {"before": earlier.digest if earlier else None, "changes": changes}


@router.post(
    "/plans/{slug:digest}/approve", auth=scope("approve"), response={200: ApprovalOut, **WRONG}
)
@once
def approve(request: HttpRequest, digest: str, told: ApproveIn) -> Any:
    """Let exactly this plan pass its limits. Where four eyes are wanted, members alone approve."""
    plan = _there(digest)
    with standing_in_the_way():
        made = approvals.approve(
            plan.digest,
            by=by(request),
            reason=told.reason,
            four_eyes=hub.workspace().settings.web.four_eyes,
        )
    return ApprovalOut.from_orm(made)


@router.post("/plans/{slug:digest}/apply", auth=scope("run"), response={202: JobOut, **WRONG})
@once
def apply(request: HttpRequest, digest: str, told: ApplyIn) -> Any:
    """Do what the plan says, or go on with it. 409 says what stands in the way."""
    plan = _there(digest)
    with standing_in_the_way():
        job = planning.ask_apply(hub.workspace(), plan, by=by(request), confirm=str(told.confirm))
    return Status(202, JobOut.from_orm(job))


@router.post("/plans/{slug:digest}/pause", auth=scope("run"), response={200: DoneOut, **WRONG})
@once
def pause(request: HttpRequest, digest: str) -> Any:
    """Stop its run after what it has in hand."""
    with standing_in_the_way():
        planning.pause(_there(digest))
    return DoneOut(done="It stops after what it has in hand.")


def _there(digest: str) -> Plan:
    try:
        return plans.named(hub.workspace(), digest)
    except UsageError:
        raise Http404("There is no such plan.") from None
