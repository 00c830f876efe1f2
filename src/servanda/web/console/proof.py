"""One entry of the ledger with its proof, and the signed checkpoints with theirs."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path

from servanda.desk.roles import May
from servanda.kernel.errors import UsageError
from servanda.ledger import history, proofs, proving
from servanda.runtime import hub
from servanda.web.kit.access import page
from servanda.web.kit.asked import attachment, number

_PAGE = 50


@page(May.EVIDENCE)
def entry(request: HttpRequest, index: int) -> HttpResponse:
    size = proofs.size()
    if index >= size:
        raise Http404
    found = history.at(index)
    return render(
        request,
        "console/entry.html",
        {
            "entry": found,
            "raw": found.raw.decode(),
            "leaf": proving.leaf(found),
            "proof": proving.inclusion(index),
            "vkey": hub.workspace().signer.vkey,
            "before": index - 1 if index else None,
            "after": index + 1 if index + 1 < size else None,
        },
    )


@page(May.EVIDENCE)
def inclusion(request: HttpRequest, index: int) -> HttpResponse:
    try:
        found = proving.inclusion(index)
    except UsageError:
        raise Http404 from None
    if found is None:
        raise UsageError(
            "no signed checkpoint speaks of this entry yet", "the next sweep signs one"
        )
    return attachment(found.file(), f"proof-{index}.json", "application/json")


@page(May.EVIDENCE)
def checkpoints(request: HttpRequest) -> HttpResponse:
    asked = request.GET
    listed = proving.checkpoints(number(asked.get("before", "")), _PAGE)
    old, new = number(asked.get("old", "")), number(asked.get("new", ""))
    found, problem = None, ""
    if old is not None and new is not None:
        try:
            found = proving.consistency(old, new)
        except UsageError as error:
            problem = str(error)
    elif asked.get("old") or asked.get("new"):
        problem = "say both sizes, as numbers"
    return render(
        request,
        "console/checkpoints.html",
        {
            "listed": listed,
            "older": listed[-1].size if len(listed) == _PAGE else None,
            "proof": found,
            "problem": problem,
            "asked": asked,
            "vkey": hub.workspace().signer.vkey,
        },
    )


@page(May.EVIDENCE)
def note(request: HttpRequest, size: int) -> HttpResponse:
    """The signed text itself, for somebody to keep: `servanda verify --since` takes it."""
    try:
        found = proving.of_size(size)
    except UsageError:
        raise Http404 from None
    return attachment(found.note, f"checkpoint-{size}.txt", "text/plain; charset=utf-8")


@page(May.EVIDENCE)
def consistency(request: HttpRequest, old: int, new: int) -> HttpResponse:
    found = proving.consistency(old, new)
    return attachment(found.file(), f"consistency-{old}-{new}.json", "application/json")


urls = [
    path("evidence/entry/<int:index>/", entry, name="evidence-entry"),
    path("evidence/entry/<int:index>/proof/", inclusion, name="evidence-proof"),
    path("evidence/checkpoints/", checkpoints, name="evidence-checkpoints"),
    path("evidence/checkpoints/<int:size>/", note, name="evidence-note"),
    path("evidence/checkpoints/<int:old>/<int:new>/", consistency, name="evidence-consistency"),
]
