"""Recordings, for whoever may hear them: found with an address each, and streamed.

The danger: a recording heard without a trace. What guards it: a playback is recorded before its
first byte, and so is a part of one that nobody began. Tests: tests/web/requests/test_recordings.py.
"""

from __future__ import annotations

import re
from hashlib import sha256

from django.core.cache import cache
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse

from servanda.runtime import hub, person, recordings
from servanda.runtime.recordings import Playing, Wanted
from servanda.web.kit.access import looked

_RANGE = re.compile(r"bytes=(\d*)-(\d*)")
_MOST = 200


def found(whole: person.Person, task: str) -> tuple[list[tuple[person.Record, str]], int]:
    """Recordings with their tokens, and how many the purpose does not cover."""
    workspace = hub.workspace()
    told: list[tuple[person.Record, str]] = []
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
            told.append((row, recordings.token(workspace, task, wanted)))
    return told, withheld


def streamed(request: HttpRequest, playing: Playing, token: str) -> HttpResponseBase:
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
