"""The answer: read as it would be sent, then written and recorded, then sent or handed over."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path

from servanda.desk.requests import RequestView
from servanda.desk.roles import May
from servanda.kernel.errors import ServandaError, UsageError
from servanda.runtime import answering, hub, replies, requests, sending, writing
from servanda.web.console.requests.parts import day, found, frame, lines, said, told
from servanda.web.kit.access import looked, member_of, page


@page(May.REQUEST, scope="request:{ref}", methods=("GET", "POST"))
def answer(request: HttpRequest, ref: int) -> HttpResponse:
    """GET and `preview`: the letter as it would be. `write`: the letter, package and receipt."""
    workspace = hub.workspace()
    view = found(ref)
    known: dict[str, Any] = {**frame(view, "answer"), "given": request.POST}
    words = _words(request)
    workspace.again()
    try:
        with requests.acting(workspace) as actor:
            if request.method == "POST" and request.POST.get("do") == "write":
                return _written(request, view, words)
            looked(request, "answer previewed")
            known["preview"] = answering.preview(workspace, view.ref, actor, words)
    except ServandaError as error:
        known["problem"] = said(error)
    return render(request, "console/requests/answer.html", known)


def _written(request: HttpRequest, view: RequestView, words: answering.Words) -> HttpResponse:
    """The passphrase of a package is in this one page and nowhere else."""
    workspace = hub.workspace()
    looked(request, "answer written")
    folder = replies.folder(workspace, view.ref)
    with requests.acting(workspace) as actor:
        made = answering.reply(workspace, view.ref, actor, words, folder, by=member_of(request).by)
    view = found(int(view.ref))
    known = {**frame(view, "answer"), "made": made, "send_to": sending.addresses(view)}
    return render(request, "console/requests/written.html", known)


def _words(request: HttpRequest) -> answering.Words:
    given = request.POST
    by = given.get("passphrase_by", "").strip()
    more = {"passphrase_by": by} if by else {}
    return answering.Words(
        lines(given.get("reasons", "")), given.get("outcome", "").strip(), **more
    )


@page(May.REQUEST, scope="request:{ref}", methods=("POST",))
@told
def send(request: HttpRequest, ref: int) -> HttpResponse:
    """Mail the answer, with the letter and the receipt; the package is never mailed."""
    workspace = hub.workspace()
    view = found(ref)
    sending.answer(workspace, view.ref, request.POST.get("to", ""))
    mail = workspace.desk.book.settings.mail
    told = "The answer is on its way. The mails of the request tell of it."
    if not mail.host:
        told = f"No mail server is set: the answer is a file in {mail.folder}. Send it yourself."
    messages.success(request, told)
    return redirect("request", ref=ref)


@page(May.REQUEST, scope="request:{ref}", methods=("POST",))
@told
def letter(request: HttpRequest, ref: int) -> HttpResponse:
    """A letter that is no answer yet: previewed, or kept, and mailed where an address is chosen."""
    workspace = hub.workspace()
    view = found(ref)
    given = request.POST
    kind, to = given.get("kind", ""), given.get("to", "")
    reasons, by_day = lines(given.get("reasons", "")), day(given.get("day", ""))
    looked(request, "letter previewed" if given.get("do") != "write" else "letter written")
    if given.get("do") != "write":
        from servanda.publish import letters

        made = writing.draft(workspace, view.ref, kind, reasons=reasons, by_day=by_day)
        known = {
            **frame(view, "one"),
            "kind": kind,
            "text": letters.text(made),
            "reasons": given.get("reasons", ""),
            "day": given.get("day", ""),
            "send_to": sending.addresses(view),
        }
        return render(request, "console/requests/letter.html", known)
    if to and to not in sending.addresses(view):
        raise UsageError("the request names no such address", "choose one of those it names")
    folder = replies.folder(workspace, view.ref)
    made_files = writing.letter(workspace, view.ref, kind, folder, reasons=reasons, by_day=by_day)
    if to:
        text = made_files.text.read_text("utf-8")
        sending.letter(workspace, view.ref, to, kind, text, [made_files.printed])
    messages.success(
        request, "The letter is kept with the request" + (", and sent." if to else ".")
    )
    return redirect("request", ref=ref)


urls = [
    path("requests/<int:ref>/answer/", answer, name="request_answer"),
    path("requests/<int:ref>/answer/send/", send, name="request_send"),
    path("requests/<int:ref>/letter/", letter, name="request_letter"),
]
