"""Runs: what was done, by whom, what a second count found, and where the evidence stands."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import NoReverseMatch, path, reverse

from servanda.desk.roles import May
from servanda.kernel.errors import UsageError
from servanda.runtime import hub, plans, runs
from servanda.web.kit.access import page
from servanda.web.kit.names import names

_AT_ONCE = 50
_SAYS = {
    "run.started": "it began",
    "recount": "a second count",
    "residue": "the search for traces",
    "run.ended": "it ended",
}


@page(May.PLANS)
def index(request: HttpRequest) -> HttpResponse:
    found = runs.listed(before=request.GET.get("before", "")[:64], limit=_AT_ONCE)
    name = names(line.by for line in found)
    return render(
        request,
        "console/runs.html",
        {
            "lines": [(line, name(line.by)) for line in found],
            "older": found[-1].id if len(found) == _AT_ONCE else "",
        },
    )


@page(May.PLANS)
def one(request: HttpRequest, run: str) -> HttpResponse:
    try:
        found = runs.get(run)
    except UsageError:
        raise Http404 from None
    try:
        plans.named(hub.workspace(), found.line.plan)
        kept = True
    except UsageError:
        kept = False
    return render(
        request,
        "console/run.html",
        {
            "found": found,
            "line": found.line,
            "by": names([found.line.by])(found.line.by),
            "plan_kept": kept,
            "entries": [
                (index, _SAYS.get(kind, kind), _evidence(index)) for index, kind in found.entries
            ],
        },
    )


def _evidence(index: int) -> str:
    """The page of a ledger entry, where there is one."""
    for name in ("evidence-entry", "entry"):
        try:
            return reverse(name, args=[index])
        except NoReverseMatch:
            continue
    return ""


urls = [
    path("runs/", index, name="runs"),
    path("runs/<str:run>/", one, name="run"),
]
