"""The steps of a request that need one form each: verify, record, edit, route, close, cancel."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import path

from servanda.desk.requests import RequestView, asking, editing, identity, outbox
from servanda.desk.roles import May
from servanda.kernel.errors import UsageError
from servanda.runtime import hub
from servanda.web.console.requests import places
from servanda.web.console.requests.parts import day, found, frame, pairs, told
from servanda.web.kit.access import looked, member_of, page

Step = Callable[[RequestView, QueryDict, str], str]


def _send_code(view: RequestView, given: QueryDict, by: str) -> str:
    book = hub.workspace().desk.book
    mail = asking.mail_code(book, view.ref, by=by, to=given.get("to") or None)
    done = outbox.deliver(book, only=mail)
    if done and done[0].file is not None:
        return "The code is written to a file in the letters' folder: there is no mail server."
    return "The code is on its way."


def _check_code(view: RequestView, given: QueryDict, by: str) -> str:
    identity.check_code(hub.workspace().desk.book, view.ref, given.get("code", ""), by=by)
    return "That is the code: the person is verified."


def _seen(view: RequestView, given: QueryDict, by: str) -> str:
    """Only that a document was seen. No file is taken, for none is kept."""
    desk = hub.workspace().desk
    note = given.get("note", "")
    identity.seen(desk.book, view.ref, given.get("document", ""), by=by, note=note)
    return "The person is verified. Destroy any copy of the document: none is kept here."


def _doubt(view: RequestView, given: QueryDict, by: str) -> str:
    identity.doubt(hub.workspace().desk.book, view.ref, by=by, note=given.get("note", ""))
    return "Recorded. Nothing is given or erased until the doubt is cleared."


def _event(view: RequestView, given: QueryDict, by: str) -> str:
    desk = hub.workspace().desk
    on = day(given.get("on", "")) or desk.book.today()
    desk.event(view.ref, given.get("kind", ""), on, by, given.get("note", ""))
    return "Recorded."


def _route(view: RequestView, given: QueryDict, by: str) -> str:
    hub.workspace().desk.route(view.ref, given.get("tenant", ""), by=by)
    return "It is the customer's to answer now. Tell the customer, and record that you did."


def _edit(view: RequestView, given: QueryDict, by: str) -> str:
    """Only what was changed is written, so that nobody is to be verified anew for nothing."""
    identities = pairs(given.get("identities", ""))
    corrections = pairs(given.get("corrections", ""))
    new = partial(_new, given, view)
    editing.edit(
        hub.workspace().desk.book,
        view.ref,
        by=by,
        right=new("right"),
        place=new("place"),
        identities=identities if identities and tuple(identities) != view.identities else None,
        corrections=corrections if tuple(corrections) != view.corrections else None,
        name=new("name"),
        contact=new("contact"),
        text=new("text"),
        purpose=new("purpose"),
    )
    return "Changed, and on record."


def _new(given: QueryDict, view: RequestView, name: str) -> str | None:
    """What was typed, where it is not what is there."""
    old = str(getattr(view, name)).strip()
    typed = str(given.get(name, old)).replace("\r\n", "\n").strip()
    return typed if typed != old else None


def _close(view: RequestView, given: QueryDict, by: str) -> str:
    hub.workspace().desk.close(view.ref, given.get("outcome", "").strip() or "done", by=by)
    return "Closed. From now on the time runs after which it is forgotten."


def _cancel(view: RequestView, given: QueryDict, by: str) -> str:
    if given.get("sure") != "yes":
        raise UsageError("say that the person takes it back", "tick the box")
    hub.workspace().desk.cancel(view.ref, by=by)
    return "Cancelled: the person took it back."


def _lift(view: RequestView, given: QueryDict, by: str) -> str:
    hub.workspace().desk.lift(view.ref, by=by, reason=given.get("reason", ""))
    return "The restriction is lifted."


STEPS: Mapping[str, Step] = {
    "send-code": _send_code,
    "code": _check_code,
    "seen": _seen,
    "doubt": _doubt,
    "event": _event,
    "route": _route,
    "edit": _edit,
    "close": _close,
    "cancel": _cancel,
    "lift": _lift,
}


@page(May.REQUEST, scope="request:{ref}", methods=("POST",))
@told
def step(request: HttpRequest, ref: int, what: str) -> HttpResponse:
    if what not in STEPS:
        raise Http404
    said = STEPS[what](found(ref), request.POST, member_of(request).by)
    messages.success(request, said)
    return redirect("request", ref=ref)


@page(May.REQUEST, scope="request:{ref}", methods=("POST",))
@told
def phone(request: HttpRequest, ref: int) -> HttpResponse:
    """A code to be read out on the telephone: shown in this one answer, and nowhere kept."""
    view = found(ref)
    looked(request, "code for the telephone shown")
    code = identity.send_code(
        hub.workspace().desk.book, view.ref, "phone", by=member_of(request).by
    )
    numbers = [value for kind, value in view.identities if kind == "phone"]
    known = {**frame(view, "one"), "code": code, "numbers": numbers}
    return render(request, "console/requests/phone.html", known)


@page(May.REQUEST, scope="request:{ref}")
def edit(request: HttpRequest, ref: int) -> HttpResponse:
    """The form to set right what was taken down wrong."""
    from servanda import law
    from servanda.policy import vocabulary

    view = found(ref)
    looked(request, "request shown to be changed")
    return render(
        request,
        "console/requests/edit.html",
        {
            **frame(view, "one"),
            "rights": list(law.RIGHTS),
            "places": places.choices(hub.workspace().policy, view.place),
            "purposes": vocabulary.terms("purpose"),
            "identities": "\n".join(f"{kind} = {value}" for kind, value in view.identities),
            "corrections": "\n".join(f"{name} = {value}" for name, value in view.corrections),
        },
    )


urls = [
    path("requests/<int:ref>/edit/", edit, name="request_edit"),
    path("requests/<int:ref>/phone/", phone, name="request_phone"),
    path("requests/<int:ref>/do/<slug:what>/", step, name="request_step"),
]
