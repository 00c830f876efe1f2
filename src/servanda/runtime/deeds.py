"""What acting on a request would do now, store by store, and the job that does it.

The danger: more goes than somebody saw. What guards it: the job is told the exact number that was
confirmed, plans anew, and does nothing where it has become another (`tasks.act`).
Tests: tests/web/requests/test_erasure.py.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from servanda.kernel.errors import UsageError
from servanda.plan.requests import RequestPlan
from servanda.plan.requests.explain import doing, staying
from servanda.plan.requests.model import store_of
from servanda.runtime import jobs, requests

if TYPE_CHECKING:
    from servanda.desk.requests import RequestView
    from servanda.runtime.workspace import Workspace
    from servanda.state.models import Job


@dataclass(frozen=True, slots=True)
class Line:
    """`crm.clients`, `delete`, 1. `stays`: it is told why it is left as it is."""

    collection: str
    says: str
    count: int
    stays: bool = False


@dataclass(frozen=True, slots=True)
class StoreLines:
    store: str
    lines: tuple[Line, ...]

    @property
    def changes(self) -> int:
        return sum(each.count for each in self.lines if not each.stays)


@dataclass(frozen=True, slots=True)
class Preview:
    """`count`: how many records would be touched; it is what is typed to confirm. `silent`:
    stores that do not answer. `unclear`: whether somebody must say first who is meant."""

    count: int
    deletes: int
    stores: tuple[StoreLines, ...]
    silent: tuple[tuple[str, str], ...]
    unclear: bool
    nothing: bool


def about(ref: str) -> str:
    return f"request:{ref}"


def preview(workspace: Workspace, view: RequestView) -> Preview:
    """Reads every store, changes nothing."""
    workspace.again()
    with requests.acting(workspace) as actor:
        plan = requests.plan(workspace, [view], actor)
    return _told(workspace, plan)


def ask(workspace: Workspace, ref: str, expect: int, *, by: str) -> Job:
    """Have it done by the worker. UsageError where it is not decided, or not by you."""
    from servanda.desk.requests import foureyes

    views = requests.to_act_on(workspace, [ref])
    if workspace.settings.web.four_eyes:
        foureyes.check(views, by)
    if expect < 0:
        raise UsageError("that is no number of records")
    payload = {"requests": [ref], "expect": expect, "by": by}
    return jobs.ask("act", payload, about=about(ref), by=by)


def _told(workspace: Workspace, plan: RequestPlan) -> Preview:
    by_store: dict[str, list[Line]] = {}
    for lot in plan.lots:
        line = Line(lot.collection, doing(lot), len(lot.keys))
        by_store.setdefault(store_of(lot.collection), []).append(line)
    for kept in plan.kept:
        said = staying(kept, workspace.zone).partition(": ")[2]
        line = Line(kept.collection, said, len(kept.keys), stays=True)
        by_store.setdefault(store_of(kept.collection), []).append(line)
    return Preview(
        count=sum(len(lot.keys) for lot in plan.lots),
        deletes=sum(len(lot.keys) for lot in plan.lots if lot.deed == "delete"),
        stores=tuple(StoreLines(name, tuple(lines)) for name, lines in sorted(by_store.items())),
        silent=tuple((each.store, each.why) for each in plan.silent),
        unclear=bool(plan.unclear),
        nothing=not plan.lots and not plan.unclear,
    )
