"""Where plans stand: whether they still fit, who made and approved them, how far they are run.

Only looks. What it refuses, `apply` refuses as well, by the same functions.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from servanda.kernel.errors import ServandaError, StalePlan, UsageError
from servanda.plan.compare import Change, compare
from servanda.plan.explain import WRITES, verb
from servanda.plan.steps import Plan

if TYPE_CHECKING:
    from servanda.apply.site import Site
    from servanda.runtime.workspace import Workspace
    from servanda.state.models import Job, Run

_LOOKED_BACK = 30  # plans among which the one before is looked for
_NAMES = {"interrupted": "paused"}


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a plan stands. `state`: open, running, paused, incomplete, done, broken or stale.
    `stale`: why it fits no more. `refused`: why this person may not run it now. `limits`: steps
    above their limit. `may_approve`: blank, or why this person may not."""

    plan: Plan
    state: str
    maker: str
    run: str
    stale: str
    refused: str
    limits: tuple[str, ...]
    approvals: tuple[Any, ...]
    may_approve: str

    @property
    def count(self) -> int:
        return count(self.plan)

    @property
    def open(self) -> bool:
        """Whether it can still be run, or gone on with."""
        return self.state in ("open", "paused", "incomplete")


@dataclass(frozen=True, slots=True)
class Line:
    """A plan in the list."""

    digest: str
    made_at: datetime
    maker: str
    count: int
    collections: int
    state: str
    unreachable: tuple[str, ...]


def count(plan: Plan) -> int:
    """How many records it deletes or changes."""
    return sum(step.tally.count for step in plan.steps if isinstance(step, WRITES))


def about(digest: str) -> str:
    """What jobs of a plan are found by."""
    return f"plan:{digest}"


def listed(workspace: Workspace, *, limit: int = 30, skip: int = 0) -> list[Line]:
    """The newest plans of the workspace, with what became of them."""
    from servanda.runtime import plans
    from servanda.state.connection import guard
    from servanda.state.models import MadePlan, Run

    found = plans.newest(workspace, limit, skip)
    digests = [plan.digest for plan in found]
    with guard():
        runs = Run.objects.filter(plan_digest__in=digests).order_by("started_at")
        states = dict(runs.values_list("plan_digest", "state"))
        makers = dict(MadePlan.objects.filter(digest__in=digests).values_list("digest", "by"))
    site = _asked_once(workspace)
    return [
        Line(
            plan.digest,
            plan.made_at,
            makers.get(plan.digest, ""),
            count(plan),
            len({step.collection for step in plan.steps if isinstance(step, WRITES)}),
            _NAMES.get(states.get(plan.digest, ""), states.get(plan.digest, ""))
            or ("stale" if _stale(site, plan) else "open"),
            plan.unreachable,
        )
        for plan in found
    ]


def standing(workspace: Workspace, plan: Plan, by: str) -> Standing:
    """Where the plan stands, and what `by` may do with it."""
    from servanda.desk import approvals
    from servanda.plan.breaker import needs_approval
    from servanda.runtime import jobs

    run = run_of(plan.digest)
    job = jobs.latest(about(plan.digest), "apply")
    state = _state(run, job)
    four_eyes = workspace.settings.web.four_eyes
    given = tuple(approvals.of(plan.digest))
    limits = tuple(str(each) for each in needs_approval(plan, workspace.configs))
    stale = "" if state in ("done", "broken", "stale", "running") else _stale(workspace.site, plan)
    writes = count(plan) > 0
    refused = ""
    if limits and not given:
        refused = "it touches more than the limits allow, and nobody approved it"
    elif four_eyes and writes and run is None:
        refused = approvals.lacking(plan.digest, by)
    return Standing(
        plan,
        "stale" if stale else state,
        approvals.maker(plan.digest) or "",
        run.id if run else "",
        stale,
        refused,
        limits,
        given,
        _may_approve(given, four_eyes, approvals.maker(plan.digest), by, wanted=bool(limits)),
    )


def _may_approve(
    given: Iterable[Any], four_eyes: bool, maker: str | None, by: str, *, wanted: bool
) -> str:
    if any(each.by == by for each in given):
        return "you approved it already"
    if four_eyes and maker == by:
        return "you made this plan, so somebody else approves it"
    if not (four_eyes or wanted):
        return "it needs no approval"
    return ""


def run_of(digest: str) -> Run | None:
    """The newest run of a plan."""
    from servanda.state.connection import guard
    from servanda.state.models import Run

    with guard():
        found = Run.objects.filter(plan_digest=digest).defer("plan")
        return found.order_by("-started_at").first()


def before(workspace: Workspace, plan: Plan) -> Plan | None:
    """The plan made last before this one, whether it was run or only lies about."""
    from servanda.plan.file import parse
    from servanda.runtime import plans
    from servanda.state.connection import guard
    from servanda.state.models import Run

    found = plans.newest(workspace, _LOOKED_BACK)
    with guard():
        rows = Run.objects.filter(started_at__lte=plan.made_at).order_by("-started_at")
        kept = [bytes(each) for each in rows.values_list("plan", flat=True)[:2]]
    for each in kept:
        with suppress(UsageError):
            found.append(parse(each))
    earlier = [each for each in found if each.made_at < plan.made_at]
    # Of a plan that waited, a run only measured: that one has the same moment and writes nothing.
    return max(earlier, key=lambda each: (each.made_at, count(each)), default=None)


def changes(workspace: Workspace, plan: Plan) -> tuple[Plan | None, list[Change]]:
    """The plan before, and what differs."""
    earlier = before(workspace, plan)
    return earlier, compare(earlier, plan) if earlier else []


def progress(plan: Plan, job: Job | None, run: Run | None) -> list[Mapping[str, Any]]:
    """How far each step is: what the job told last, or what the run has on record."""
    from servanda.state.connection import guard

    told = dict((job.told or {}).get("steps", {})) if job else {}
    rows = {}
    if run is not None:
        with guard():
            rows = {each.step_id: each for each in run.steps.all()}
    found: list[Mapping[str, Any]] = []
    for step in plan.steps:
        if isinstance(step, WRITES):
            row, said = rows.get(step.id), told.get(step.id, {})
            done = max(row.records if row else 0, int(said.get("count", 0)))
            found.append(
                {
                    "collection": step.collection,
                    "verb": verb(step),
                    "count": done,
                    "planned": step.tally.count,
                    "max": max(step.tally.count, done, 1),
                    "state": row.state if row else "pending",
                    "left": row.left if row else 0,
                    "message": row.message if row else "",
                }
            )
    return found


def _state(run: Run | None, job: Job | None) -> str:
    waits = job is not None and job.state in ("waiting", "running")
    if waits and (run is None or run.state not in ("done", "broken", "stale")):
        return "running"
    if run is None:
        return "open"
    if run.state == "running":  # nobody's job: the command line works on it, or died over it
        return "running" if _lives(run) else "paused"
    return _NAMES.get(run.state, run.state)


def _lives(run: Run) -> bool:
    from servanda.apply.identity import surely_dead

    now = datetime.now(UTC)
    return (
        run.active_until is not None and run.active_until > now and not surely_dead(run.active_by)
    )


def _asked_once(workspace: Workspace) -> Site:
    """The site for many plans: which terms count for whom is looked up once, not for each."""
    site = workspace.site
    terms = site.terms() if site.terms else ""
    return replace(site, terms=lambda: terms)


def _stale(site: Site, plan: Plan) -> str:
    """Why the plan fits no more; blank where it does, as far as can be told without its stores."""
    from servanda.apply import validate

    try:
        validate.current(plan, site)
    except StalePlan as error:
        return error.what
    except ServandaError:
        return ""
    return ""
