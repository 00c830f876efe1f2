"""The person's tree: what is theirs in every store, shown as far as the purpose covers it."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path

from servanda.desk.roles import May, may
from servanda.kernel.errors import Drift, StoreBusy, StoreRefused, StoreUnreachable
from servanda.runtime import hub, person, recordings, requests
from servanda.runtime.recordings import Wanted
from servanda.web.console.requests.parts import found, frame, told
from servanda.web.kit import asked
from servanda.web.kit.access import looked, member_of, page

FAILS = (StoreUnreachable, StoreBusy, StoreRefused, Drift)


@page(May.REQUEST, scope="request:{ref}")
def tree(request: HttpRequest, ref: int) -> HttpResponse:
    workspace = hub.workspace()
    view = found(ref)
    looked(request, "person's tree shown")
    purpose = request.task.purpose  # type: ignore[attr-defined]
    whole = person.look(workspace, requests.subject(view), purpose)
    try:
        candidates = person.candidates(workspace, whole, purpose)
    except FAILS as error:
        messages.error(request, error.what)
        candidates = []
    return render(
        request,
        "console/requests/tree.html",
        {
            **frame(view, "tree"),
            "person": whole,
            "candidates": candidates,
            "may_listen": may(member_of(request).role, May.RECORDINGS),
        },
    )


@page(May.REQUEST, scope="request:{ref}")
@told
def records(request: HttpRequest, ref: int, branch: str) -> HttpResponse:
    """The records of one branch, a page at a time."""
    workspace = hub.workspace()
    view = found(ref)
    looked(request, "records shown")
    task = request.task  # type: ignore[attr-defined]
    start = asked.number(request.GET.get("from", "")) or 0
    whole = person.look(workspace, requests.subject(view), task.purpose)
    shown, rows = person.records(workspace, whole, branch, start)
    listens = shown.plays and may(member_of(request).role, May.RECORDINGS)
    named_by = next(b.named_by for b in whole.tree.branches if b.collection == shown.collection)
    tokens = [
        recordings.token(workspace, task.id, Wanted(shown.collection, named_by, row.key))
        if listens
        else ""
        for row in rows
    ]
    end = start + person.AT_ONCE
    return render(
        request,
        "console/requests/records.html",
        {
            **frame(view, "tree"),
            "branch": shown,
            "heads": [cell.name for cell in rows[0].cells] if rows else [],
            "rows": list(zip(rows, tokens, strict=True)),
            "first": start + 1,
            "last": min(end, shown.count),
            "more": end if end < shown.count else None,
            "listens": listens,
        },
    )


@page(May.REQUEST, scope="request:{ref}", methods=("POST",))
@told
def choose(request: HttpRequest, ref: int) -> HttpResponse:
    """Say whose records are meant, where several people share an address."""
    workspace = hub.workspace()
    view = found(ref)
    purpose = request.task.purpose  # type: ignore[attr-defined]
    whole = person.look(workspace, requests.subject(view), purpose)
    only = person.chosen(workspace, whole, request.POST.getlist("who"))
    workspace.desk.choose(view.ref, only, by=member_of(request).by)
    messages.success(request, "Chosen, and on record.")
    return redirect("request_tree", ref=ref)


@page(May.REQUEST, scope="request:{ref}", methods=("POST",))
@told
def unchoose(request: HttpRequest, ref: int) -> HttpResponse:
    hub.workspace().desk.choose(found(ref).ref, (), by=member_of(request).by)
    messages.success(request, "The choice is taken back.")
    return redirect("request_tree", ref=ref)


urls = [
    path("requests/<int:ref>/person/", tree, name="request_tree"),
    path("requests/<int:ref>/person/choose/", choose, name="request_choose"),
    path("requests/<int:ref>/person/unchoose/", unchoose, name="request_unchoose"),
    path("requests/<int:ref>/person/<slug:branch>/", records, name="request_records"),
]
