"""Requests of a workspace, worked on: found, planned, acted on, gone on with."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING

from servanda.kernel.errors import ServandaError, UsageError
from servanda.plan import find as search
from servanda.plan.find import Key
from servanda.plan.requests import RequestPlan, Wish, build
from servanda.plan.requests.ground import Ground
from servanda.plan.requests.model import names
from servanda.runtime import finding

if TYPE_CHECKING:
    from servanda.apply.requests import Acted, Actor, Scan
    from servanda.desk.requests import RequestView
    from servanda.runtime.workspace import Workspace

IN_STORES = ("erasure", "rectification", "withdraw", "object")
"""Rights that change something in stores; the others are answered from what is found."""
MOST_AT_ONCE = 10_000  # requests in one plan
_ACTED_ON = ("decided", "acting")


@dataclass(frozen=True, slots=True)
class Worked:
    """What became of a plan. `scan`: the search for what may be left, of erasures only."""

    plan: RequestPlan
    acted: Acted
    scan: Scan | None = None


def subject(view: RequestView) -> search.Subject:
    """Who is meant, as `find` takes it."""
    return search.Subject(view.ref, view.identities, view.tenant, view.only)


def wish(workspace: Workspace, view: RequestView) -> Wish:
    from servanda.apply.requests import leads

    who = replace(subject(view), gone=leads(view.ref, workspace.master))
    return Wish(view.ref, view.right, who, view.spare, view.corrections, view.purpose)


@contextmanager
def acting(workspace: Workspace) -> Iterator[Actor]:
    """The stores, kept open for several plans."""
    from servanda.apply.requests import Actor

    with Actor(workspace.site, workspace.stores) as actor:
        yield actor


def to_act_on(workspace: Workspace, refs: Sequence[str] = ()) -> list[RequestView]:
    """These requests, or all that wait for it. UsageError for one that does not."""
    from servanda.apply import requests

    if not refs:
        busy = requests.busy()  # those wait for their own run, not all the others for them
        return [v for v in workspace.desk.listed() if _waits(v) and v.ref not in busy]
    views = [workspace.desk.get(ref) for ref in dict.fromkeys(refs)]
    for view in views:
        if view.right not in IN_STORES:
            raise UsageError(
                f"request {view.ref} ({view.right}) changes nothing in stores",
                f"answer it: servanda request reply {view.ref}",
            )
        if not _waits(view):
            raise UsageError(
                f"request {view.ref} is {view.state}, and only a decided one is acted on",
                f"see `servanda request show {view.ref}`",
            )
    return views


def _waits(view: RequestView) -> bool:
    return view.right in IN_STORES and view.state in _ACTED_ON


def plan(workspace: Workspace, views: Sequence[RequestView], actor: Actor) -> RequestPlan:
    """What acting on them would do now."""
    from servanda.desk import holds
    from servanda.plan.holds import hold_predicates

    if len(views) > MOST_AT_ONCE:
        raise UsageError(
            f"{len(views):,} requests at once are too many", f"name {MOST_AT_ONCE:,} at most"
        )
    _, in_force = holds.in_force(workspace.master)
    stores = workspace.stores
    ground = Ground(
        workspace.policy,
        {config.name: config for config in workspace.configs},
        stores,
        workspace.tenants,
        hold_predicates(in_force, workspace.configs, stores),
        datetime.now(UTC),
        actor.look,
    )
    wishes = [wish(workspace, view) for view in views]
    return build(wishes, ground, mapping=workspace.mapping, own=workspace.own)


def act(workspace: Workspace, plan_: RequestPlan, actor: Actor, *, by: str = "") -> Worked:
    """Apply the plan, then search for what may be left. Requests that are done are so at once,
    those with a store outstanding, or under a hold, stay `acting`. `by`: who acts; where four eyes
    are wanted nobody may act on an erasure without it, or on one of their own decision."""
    from servanda.apply import requests
    from servanda.desk.requests import foureyes
    from servanda.runtime import record

    views = [workspace.desk.get(ref) for ref in plan_.refs] if by or _four_eyes(workspace) else []
    if _four_eyes(workspace):
        foureyes.check(views, by)
    for view in views:
        foureyes.begun(workspace.desk.book, view, by)
    record.policy(workspace, datetime.now(UTC))
    acted = requests.act(plan_, actor, then=_tell(workspace))
    return Worked(plan_, acted, _scanned(workspace, plan_, acted, actor))


def _four_eyes(workspace: Workspace) -> bool:
    return workspace.settings.web.four_eyes


def go_on(workspace: Workspace) -> list[str]:
    """What the scheduled run does for requests: bring interrupted runs to their end, and act again
    on those of which a store was outstanding. Problems, in words."""
    with acting(workspace) as actor:
        problems = resume(workspace, actor)
        views = [view for view in to_act_on(workspace) if view.state == "acting"]
        for start in range(0, len(views), MOST_AT_ONCE):
            some = views[start : start + MOST_AT_ONCE]
            problems += _tried(
                f"requests {', '.join(view.ref for view in some)}",
                partial(_again, workspace, some, actor),
            )
    return problems


def resume(workspace: Workspace, actor: Actor) -> list[str]:
    """Bring interrupted runs to their end: before that nobody knows what they did. Problems."""
    from servanda.apply import requests

    problems: list[str] = []
    for run in requests.unfinished(datetime.now(UTC)):
        problems += _tried(f"run {run}", partial(_resumed, workspace, run, actor))
    return problems


def brought_to_end(workspace: Workspace) -> set[str]:
    """Those that had been interrupted and are done now."""
    from servanda.apply import requests

    if not (before := requests.busy()):
        return set()
    with acting(workspace) as actor:
        resume(workspace, actor)
    ended = {ref for ref in before - requests.busy() if ref.isdigit()}
    return {ref for ref in ended if workspace.desk.get(ref).state not in _ACTED_ON}


def _again(workspace: Workspace, views: Sequence[RequestView], actor: Actor) -> None:
    """Only those of which something can be done now, or nothing is outstanding any more."""
    made = plan(workspace, views, actor)
    doing = {ref for lot in made.lots for ref, _ in lot.by}
    held = {kept.ref for kept in made.kept if kept.reason == "hold"}
    ready = [v for v in views if v.ref in doing or not (made.silent or v.ref in held)]
    if ready:
        act(workspace, plan(workspace, ready, actor), actor)


def _resumed(workspace: Workspace, run: str, actor: Actor) -> None:
    from servanda.apply import requests

    plan_ = requests.plan_of(run, workspace.master)
    acted = requests.resume(run, actor, then=_tell(workspace))
    if plan_ is not None and all(ref.isdigit() for ref in plan_.refs):
        _scanned(workspace, plan_, acted, actor)


def _tried(what: str, do: Callable[[], object]) -> list[str]:
    try:
        do()
    except ServandaError as error:
        return [f"{what}: {error}"]
    return []


def _tell(workspace: Workspace) -> Callable[[Acted], None]:
    def then(acted: Acted) -> None:
        for ref in acted.refs:
            if ref.isdigit():
                complete = acted.complete and ref not in acted.suspended
                workspace.desk.acted(ref, {"complete": complete})

    return then


def _scanned(workspace: Workspace, plan_: RequestPlan, acted: Acted, actor: Actor) -> Scan | None:
    from servanda.apply import requests

    if not plan_.people:
        return None
    views = [workspace.desk.get(ref) for ref, _ in plan_.people]
    after = plan(workspace, views, actor)
    return requests.scan(plan_, acted, after, actor, _alike(workspace, views))


def _alike(workspace: Workspace, views: Sequence[RequestView]) -> Mapping[str, Sequence[Key]]:
    """Records outside a request that hold the person's identities with reason: of those whom a
    choice left out, and, where one customer instructed us, of everybody else."""
    asked = [view for view in views if view.only or view.tenant]
    if not asked:
        return {}
    wide = [replace(subject(view), only=(), tenant=None) for view in asked]
    found: dict[str, list[Key]] = {}
    for view, tree in zip(asked, finding.find(workspace, wide), strict=True):
        chosen = {(id_, names(key)) for id_, key in view.only}
        for branch in tree.branches:
            keys = branch.keys
            if not view.tenant or branch.tenant == view.tenant:
                among = any(id_ == branch.collection for id_, _ in chosen)
                keys = tuple(
                    k for k in keys if among and (branch.collection, names(k)) not in chosen
                )
            found.setdefault(branch.collection, []).extend(keys)
    return found
