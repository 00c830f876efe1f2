"""Recordings: found by number under a purpose, played from the store, each playback on record.

The danger: a recording heard without a trace, or by whoever finds its address. What guards it: the
address works for one task of one member and a while; a playback is recorded before its first
byte, and so is a part of one that nobody began. Tests: tests/web/requests/test_recordings.py.
"""

from __future__ import annotations

import re
from hashlib import sha256

from django.core.cache import cache
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    StreamingHttpResponse,
)
from django.shortcuts import render
from django.urls import path

from servanda.desk import access
from servanda.desk.roles import May
from servanda.kernel.errors import ServandaError, UsageError
from servanda.plan.find import Subject
from servanda.runtime import hub, person, recordings
from servanda.runtime.recordings import Playing, Wanted
from servanda.web.console.requests.parts import said
from servanda.web.kit.access import looked, member_of, page, reader

_RANGE = re.compile(r"bytes=(\d*)-(\d*)")
_MOST = 200


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
            known["found"], known["withheld"] = _found(whole, task.id)
            known["pending"] = whole.tree.pending
        except ServandaError as error:
            known["problem"] = said(error)
    return render(request, "console/requests/recordings.html", known)


def _found(whole: person.Person, task: str) -> tuple[list[tuple[person.Record, str]], int]:
    """Recordings with their tokens, and how many the purpose does not cover."""
    workspace = hub.workspace()
    found: list[tuple[person.Record, str]] = []
    withheld = 0
    for shown in whole.branches:
        if not shown.plays:
            continue
        if not shown.shown:
            withheld += shown.count
            continue
        named_by = next(b.named_by for b in whole.tree.branches if b.collection == shown.collection)
        _, rows = person.records(workspace, whole, shown.id, 0, _MOST)
        for row in rows:
            wanted = Wanted(shown.collection, named_by, row.key)
            found.append((row, recordings.token(workspace, task, wanted)))
    return found, withheld


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
    return _streamed(request, playing, token)


def _streamed(request: HttpRequest, playing: Playing, token: str) -> HttpResponseBase:
    part = _part(request.headers.get("Range", ""), playing.size)
    if part is None:
        playing.close()
        return HttpResponse(status=416, headers={"Content-Range": f"bytes */{playing.size}"})
    first, length, partial = part
    try:
        _recorded(request, token, first)
    except BaseException:
        playing.close()
        raise
    headers = {
        "Cache-Control": "no-store",
        "Content-Disposition": "inline",
        "Content-Type": playing.kind,
        "X-Content-Type-Options": "nosniff",
    }
    if playing.size is not None:
        headers["Accept-Ranges"] = "bytes"
        headers["Content-Length"] = str(length)
    if partial:
        assert length is not None
        headers["Content-Range"] = f"bytes {first}-{first + length - 1}/{playing.size}"
    status = 206 if partial else 200
    if request.method == "HEAD":
        playing.close()
        return HttpResponse(status=status, headers=headers)
    return StreamingHttpResponse(playing.pieces(first, length), status=status, headers=headers)


def _recorded(request: HttpRequest, token: str, first: int) -> None:
    """One entry for a playback: where it begins, and where its beginning was left out."""
    name = f"played-{sha256(token.encode()).hexdigest()}"
    if first == 0 or cache.get(name) is None:
        looked(request, "recording played")
        cache.set(name, 1, recordings.LASTS_S)


def _part(told: str, size: int | None) -> tuple[int, int | None, bool] | None:
    """(first byte, how many, whether it is a part); None where there are no such bytes. What is
    no single range is answered with the whole."""
    match = _RANGE.fullmatch(told.strip())
    if size is None or match is None or not (match[1] or match[2]):
        return 0, size, False
    if not match[1]:
        last_bytes = min(int(match[2]), size)
        return (size - last_bytes, last_bytes, True) if last_bytes else None
    first = int(match[1])
    last = min(int(match[2]), size - 1) if match[2] else size - 1
    return (first, last - first + 1, True) if first <= last else None


urls = [
    path("recordings/", search, name="recordings"),
    path("recordings/play/", play, name="recordings_play"),
    path("requests/<int:ref>/play/", play_for_request, name="request_play"),
]
