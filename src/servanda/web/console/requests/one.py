"""One request: who asks for what, by when and why, what happened, who looked."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path

from servanda.desk import access
from servanda.desk.requests import history, identity, outbox
from servanda.desk.requests.events import KINDS
from servanda.desk.requests.states import OPEN_EARLY, possible
from servanda.desk.roles import May
from servanda.policy import vocabulary
from servanda.runtime import hub, replies, sending, writing
from servanda.web.console.requests.parts import found, frame, names
from servanda.web.kit.access import looked, page


@page(May.REQUEST, scope="request:{ref}")
def one(request: HttpRequest, ref: int) -> HttpResponse:
    workspace = hub.workspace()
    view = found(ref)
    looked(request, "request shown")
    reads = access.log(scope=f"request:{ref}", limit=20)
    moves = {
        move: possible(view.state, move, view.right)
        for move in ("wait", "verify", "edit", "route", "close", "cancel", "act", "refuse")
    }
    shelf = [each for each in workspace.packages.packages() if each.ref == view.ref]
    return render(
        request,
        "console/requests/one.html",
        {
            **frame(view, "one"),
            "history": history.lines(view),
            "others": workspace.desk.others(view.ref),
            "letters": workspace.desk.letters(view.ref) if view.readable else [],
            "mails": outbox.listed(ref),
            "reads": reads,
            "names": names([*(each.by for each in reads), *(each.by for each in view.events)]),
            "can": moves,
            "early": view.state in OPEN_EARLY,
            "addresses": [value for kind, value in view.identities if kind == "email"],
            "send_to": sending.addresses(view),
            "numbers": [value for kind, value in view.identities if kind == "phone"],
            "documents": identity.DOCUMENTS,
            "events": KINDS,
            "tenants": workspace.tenants,
            "kinds": writing.KINDS,
            "purposes": vocabulary.terms("purpose"),
            "package": shelf[-1] if shelf else None,
            "files": replies.files(workspace, view.ref),
            "today": workspace.desk.book.today(),
        },
    )


urls = [path("requests/<int:ref>/", one, name="request")]
