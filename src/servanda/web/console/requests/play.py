"""Recordings: found by number under a purpose, played from the store, each playback on record.

The danger: a recording heard without a trace, or by whoever finds its address. What guards it: the
address works for one task of one member and a while; a playback is recorded before its first
byte, and so is a part of one that nobody began. Tests: tests/web/requests/test_recordings.py.
"""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import path

from servanda.desk import access
from servanda.desk.roles import May
from servanda.kernel.errors import ServandaError, UsageError
from servanda.plan.find import Subject
from servanda.runtime import hub, person, recordings
from servanda.web.console.requests.parts import said
from servanda.web.kit.access import looked, member_of, page, reader
from servanda.web.kit.playing import found, streamed


@page(May.RECORDINGS, scope="recordings", methods=("GET", "POST"))
def search(request: HttpRequest) -> HttpResponse:
    """By number: it comes in the form's body, for addresses are written down in too many places."""
    workspace = hub.workspace()
    task = request.task  # type: ignore[attr-defined]
    known: dict[str, object] = {"given": request.POST}
    if request.method == "POST":
        kind = "email" if request.POST.get("kind") == "email" else "phone"
        looked(request, "recordings searched")
        try:
            who = Subject("search", ((kind, request.POST.get("value", "")),))
            whole = person.look(workspace, who, task.purpose)
            known["found"], known["withheld"] = found(whole, task.id)
            known["pending"] = whole.tree.pending
        except ServandaError as error:
            known["problem"] = said(error)
    return render(request, "console/requests/recordings.html", known)


@page(May.RECORDINGS, scope="recordings")
def play(request: HttpRequest) -> HttpResponseBase:
    return _played(request)


@page(May.RECORDINGS, scope="request:{ref}")
def play_for_request(request: HttpRequest, ref: int) -> HttpResponseBase:
    return _played(request)


def _played(request: HttpRequest) -> HttpResponseBase:
    workspace = hub.workspace()
    task = request.task  # type: ignore[attr-defined]
    token = request.GET.get("t", "")
    try:
        wanted = recordings.opened(workspace, task.id, token)
        activity = workspace.collection(wanted.collection).activity
    except UsageError:
        raise Http404 from None
    if not access.permitted(workspace.policy, task.purpose, activity):
        why = "the purpose does not cover it"
        access.refuse(
            reader(member_of(request)), task.scope, "recording", why, purpose=task.purpose
        )
        raise Http404
    try:
        playing = recordings.play(workspace, wanted)
    except UsageError:
        raise Http404 from None
    request.META.pop("HTTP_ACCEPT_ENCODING", None)  # a part of a packed stream would be no part
    return streamed(request, playing, token)


urls = [
    path("recordings/", search, name="recordings"),
    path("recordings/play/", play, name="recordings_play"),
    path("requests/<int:ref>/play/", play_for_request, name="request_play"),
]
