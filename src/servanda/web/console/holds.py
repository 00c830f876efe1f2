"""Legal holds. That there are some, many may see; whom they are about and why, only who may set
them, under a stated purpose."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path

from servanda.desk import holds
from servanda.desk.roles import May, may
from servanda.kernel.errors import ServandaError, UsageError
from servanda.runtime import holdgaps, holding, hub
from servanda.web.kit.access import looked, member_of, page
from servanda.web.kit.names import names

_AT_ONCE = 50
_KINDS = {"person": "a person", "record": "one record", "predicate": "records by condition"}


@page(May.HOLDS)
def index(request: HttpRequest) -> HttpResponse:
    released = request.GET.get("show") == "released"
    lines = holds.overview(
        released=released, after=request.GET.get("after", "")[:64], limit=_AT_ONCE
    )
    name = names(by for line in lines for by in (line.by, line.released_by))
    workspace = hub.workspace()
    kinds = {} if released else holds.kinds(workspace.master, [line.id for line in lines])
    return render(
        request,
        "console/holds.html",
        {
            "lines": [
                (
                    line,
                    _KINDS[line.kind],
                    name(line.by),
                    name(line.released_by),
                    holdgaps.gaps(workspace, kinds.get(line.id, ())),
                )
                for line in lines
            ],
            "released": released,
            "more": lines[-1].id if len(lines) == _AT_ONCE else "",
            "may_hold": may(member_of(request).role, May.HOLD),
        },
    )


@page(May.HOLD, scope="holds")
def one(request: HttpRequest, id: str) -> HttpResponse:
    workspace = hub.workspace()
    view = _view(id)
    looked(request, f"hold {view.spec.id}")  # never what somebody typed
    covered = None
    if view.released_at is None:
        covered = holding.covered(workspace, view.spec.id)
    return _shown(request, view, covered)


@page(May.HOLD, scope="holds", methods=("GET", "POST"))
def add(request: HttpRequest) -> HttpResponse:
    workspace = hub.workspace()
    told = request.POST
    problem = ""
    if request.method == "POST":
        try:
            wanted = _wanted(told)
            id_ = holding.add(
                workspace, wanted, reason=told.get("reason", "")[:4000], by=member_of(request).by
            )
        except ServandaError as error:
            problem = str(error)
        else:
            messages.success(request, "The hold is in force.")
            return redirect("hold", id=id_)
    collections = [
        (c.id, ", ".join(c.key), ", ".join(f.name for f in c.fields))
        for config in workspace.configs
        for c in config.collections
    ]
    return render(
        request,
        "console/hold_add.html",
        {"collections": collections, "problem": problem, "told": told},
        status=400 if problem else 200,
    )


@page(May.HOLD, scope="holds", methods=("POST",))
def release(request: HttpRequest, id: str) -> HttpResponse:
    reason = request.POST.get("reason", "")[:4000]
    if not reason.strip():
        raise UsageError("a release needs a reason", "go back and say why it ends")
    holds.release(id, by=member_of(request).by, reason=reason)
    messages.success(request, "Released: what it covered falls under the policy again.")
    return redirect("hold", id=id)


def _wanted(told: Any) -> holding.Wanted:
    match told.get("way"):
        case "person":
            pairs = [
                (kind, line) for kind in ("email", "phone") for line in _lines(told.get(kind, ""))
            ]
            return holding.Wanted(identities=tuple(pairs))
        case "record":
            return holding.Wanted(
                collection=told.get("collection", ""), key=_lines(told.get("key", ""))
            )
        case "predicate":
            return holding.Wanted(
                collection=told.get("collection", ""), where=_lines(told.get("where", ""))
            )
        case _:
            raise UsageError("say what is to be held", "choose a person, a record or a condition")


def _lines(text: str) -> tuple[str, ...]:
    return tuple(line.strip() for line in text[:10_000].splitlines() if line.strip())


def _view(id_: str) -> holds.HoldView:
    try:
        return holds.one(hub.workspace().master, id_)
    except UsageError:
        raise Http404 from None


def _shown(
    request: HttpRequest, view: holds.HoldView, covered: holding.Covered | None
) -> HttpResponse:
    name = names([view.by, view.released_by])
    return render(
        request,
        "console/hold.html",
        {
            "view": view,
            "spec": view.spec,
            "kind": _KINDS[view.spec.kind],
            "key": [str(part) for part in view.spec.key],
            "conditions": holding.conditions(view.spec.predicate),
            "by": name(view.by),
            "released_by": name(view.released_by),
            "covered": covered,
            "gaps": holdgaps.gaps(hub.workspace(), dict(view.spec.identities)) if covered else (),
            "total": sum(covered.counts.values()) if covered else 0,
        },
    )


urls = [
    path("holds/", index, name="holds"),
    path("holds/add/", add, name="hold-add"),
    path("holds/<str:id>/", one, name="hold"),
    path("holds/<str:id>/release/", release, name="hold-release"),
]
