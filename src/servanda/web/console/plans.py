"""Plans: made, looked at, compared, approved, run, paused. What the buttons do is in
`runtime.planning`; what may not be done is refused there and below, not here."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path

from servanda.desk.roles import May, may
from servanda.kernel.errors import ServandaError, UsageError
from servanda.plan.explain import WRITES, explain_data, verb
from servanda.plan.steps import Plan
from servanda.runtime import hub, jobs, planning, plans, runs, sampling, standing
from servanda.web.kit.access import member_of, page
from servanda.web.kit.names import names

_AT_ONCE = 30
_KEPT = {"hold": "suspended", "shape": "read-only", "verify": "only measured"}


@page(May.PLANS)
def index(request: HttpRequest) -> HttpResponse:
    skip = _number(request.GET.get("skip", ""))
    workspace = hub.workspace()
    lines = standing.listed(workspace, limit=_AT_ONCE, skip=skip)
    name = names(line.maker for line in lines)
    return render(
        request,
        "console/plans.html",
        {
            "lines": [(line, name(line.maker)) for line in lines],
            "older": skip + _AT_ONCE if len(lines) == _AT_ONCE else None,
            "four_eyes": workspace.settings.web.four_eyes,
            "collections": [c.id for e in workspace.configs for c in e.collections],
            "role": _rights(request),
            **_making(),
        },
    )


@page(May.PLANS)
def making(request: HttpRequest) -> HttpResponse:
    """How far the making of a plan, or a sweep, is; asked for again and again."""
    found = _making()
    answer = render(request, "console/plans_making.html", {**found, "role": _rights(request)})
    if not any(each.state in ("waiting", "running") for each in found["jobs"]):
        answer.headers["HX-Refresh"] = "true"
    return answer


@page(May.MAKE_PLAN, methods=("POST",))
def make(request: HttpRequest) -> HttpResponse:
    only = tuple(filter(None, (request.POST.get("only", ""),)))
    planning.ask_plan(hub.workspace(), member_of(request).by, only)
    messages.success(request, "The plan is being made. It changes nothing.")
    return redirect("plans")


@page(May.RUN, methods=("POST",))
def sweep(request: HttpRequest) -> HttpResponse:
    if request.POST.get("confirm", "").strip().lower() != "sweep":
        raise UsageError('nothing was begun: type "sweep" to begin one', "go back and type it")
    planning.ask_sweep(member_of(request).by)
    messages.success(request, "The sweep begins: what is due goes, what needs approval waits.")
    return redirect("plans")


@page(May.PLANS)
def one(request: HttpRequest, digest: str) -> HttpResponse:
    workspace, plan = hub.workspace(), _plan(digest)
    found = standing.standing(workspace, plan, member_of(request).by)
    earlier, changes = standing.changes(workspace, plan)
    name = names([found.maker, *(each.by for each in found.approvals)])
    shown = _shown(plan)
    return render(
        request,
        "console/plan.html",
        {
            "plan": plan,
            "found": found,
            "maker": name(found.maker),
            "approvals": [(each, name(each.by)) for each in found.approvals],
            "earlier": earlier,
            "changes": [each for each in changes if each.kind != "same"],
            "same": sum(each.kind == "same" for each in changes),
            "four_eyes": workspace.settings.web.four_eyes,
            "next_sweep": workspace.settings.occasions(datetime.now(UTC), workspace.zone)[0],
            "role": _rights(request),
            **shown,
            **_running(plan, found),
        },
    )


@page(May.PLANS)
def progress(request: HttpRequest, digest: str) -> HttpResponse:
    """How far the run is; asked for again and again while it runs."""
    plan = _plan(digest)
    found = standing.standing(hub.workspace(), plan, member_of(request).by)
    context = {"plan": plan, "found": found, "role": _rights(request), **_running(plan, found)}
    answer = render(request, "console/plan_progress.html", context)
    if found.state != "running":
        answer.headers["HX-Refresh"] = "true"
    return answer


@page(May.PLANS)
def sample(request: HttpRequest, digest: str, number: int) -> HttpResponse:
    """Some records of one step by their keys, for who wants to look before they go."""
    plan = _plan(digest)
    writes = [step for step in plan.steps if isinstance(step, WRITES)]
    if not 1 <= number <= len(writes):
        raise Http404
    step, found, problem = writes[number - 1], None, ""
    try:
        found = sampling.sample(hub.workspace(), step)
    except ServandaError as error:
        problem = error.what
    told = {"plan": plan, "step": step, "verb": verb(step), "found": found, "problem": problem}
    return render(request, "console/plan_sample.html", told)


@page(May.APPROVE, methods=("POST",))
def approve(request: HttpRequest, digest: str) -> HttpResponse:
    plan = _plan(digest)
    reason = request.POST.get("reason", "")[:2000]
    planning.approve(hub.workspace(), plan, by=member_of(request).by, reason=reason)
    messages.success(request, "Approved: exactly this plan, and no other.")
    return redirect("plan", digest=digest)


@page(May.RUN, methods=("POST",))
def run(request: HttpRequest, digest: str) -> HttpResponse:
    plan = _plan(digest)
    confirm = request.POST.get("confirm", "")
    planning.ask_apply(hub.workspace(), plan, by=member_of(request).by, confirm=confirm)
    messages.success(request, "It is being run.")
    return redirect("plan", digest=digest)


@page(May.RUN, methods=("POST",))
def pause(request: HttpRequest, digest: str) -> HttpResponse:
    planning.pause(_plan(digest))
    messages.success(request, "It stops after what it has in hand.")
    return redirect("plan", digest=digest)


def _plan(digest: str) -> Plan:
    try:
        return plans.named(hub.workspace(), digest)
    except UsageError:
        raise Http404 from None


def _rights(request: HttpRequest) -> dict[str, bool]:
    role = member_of(request).role
    return {
        "make": may(role, May.MAKE_PLAN),
        "approve": may(role, May.APPROVE),
        "run": may(role, May.RUN),
    }


def _making() -> dict[str, Any]:
    """The newest job of each kind that the list is about, while it matters."""
    found = [jobs.latest("plan", "plan"), jobs.latest("sweep", "sweep")]
    return {"jobs": [each for each in found if each is not None]}


def _running(plan: Plan, found: standing.Standing) -> dict[str, Any]:
    job = jobs.latest(standing.about(plan.digest), "apply")
    run = standing.run_of(plan.digest)
    detail = None
    if run is not None and found.state != "running":
        try:
            detail = runs.get(run.id)
        except ServandaError:
            detail = None
    return {
        "job": job,
        "steps_run": standing.progress(plan, job, run) if run or found.state == "running" else [],
        "detail": detail,
    }


def _shown(plan: Plan) -> dict[str, Any]:
    """What `explain` says, for a page: moments are moments."""
    workspace = hub.workspace()
    data = explain_data(plan, workspace.policy, workspace.configs)
    writes: list[dict[str, Any]] = []
    keeps: list[dict[str, Any]] = []
    numbers: dict[str, int] = {}
    for step in data["steps"]:
        for edge in ("oldest", "newest"):
            if step.get(edge):
                step[edge] = datetime.fromisoformat(step[edge])
        if step["do"] == "keep":
            keeps.append({**step, "label": _KEPT.get(step["reason"], "kept")})
        elif step["do"] != "verify":
            numbers[step["id"]] = len(writes) + 1
            share = 100 * step["count"] / step["total"] if step["total"] else 0
            step["share"] = f"{share:.0f} %" if share >= 1 or not step["count"] else "below 1 %"
            writes.append(step)
    for step in writes:
        step["after"] = [numbers[each] for each in step["after"] if each in numbers]
    counted = [step["collection"] for step in data["steps"] if step["do"] == "verify"]
    stores = dict.fromkeys(each.partition(".")[0] for each in counted)
    own = {config.name for config in workspace.configs if config.recount}
    return {
        "writes": writes,
        "keeps": keeps,
        "idle": data["nothing_due"],
        "recounted": len(counted),
        "recount_own": [each for each in stores if each in own],
        "recount_same": [each for each in stores if each not in own],
        "exceeds": data["needs_approval"],
    }


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else 0


urls = [
    path("plans/", index, name="plans"),
    path("plans/making/", making, name="plans-making"),
    path("plans/make/", make, name="plans-make"),
    path("plans/sweep/", sweep, name="plans-sweep"),
    path("plans/<str:digest>/", one, name="plan"),
    path("plans/<str:digest>/progress/", progress, name="plan-progress"),
    path("plans/<str:digest>/sample/<int:number>/", sample, name="plan-sample"),
    path("plans/<str:digest>/approve/", approve, name="plan-approve"),
    path("plans/<str:digest>/run/", run, name="plan-run"),
    path("plans/<str:digest>/pause/", pause, name="plan-pause"),
]
