"""Recordings: found by a number under a purpose, and heard, each time on record."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from django.http import Http404, HttpRequest
from ninja import Query, Router, Schema
from ninja.errors import HttpError

from servanda.desk import access
from servanda.kernel.errors import UsageError
from servanda.plan.find import Subject
from servanda.runtime import hub, person, recordings
from servanda.web.api.auth import looked, reader_of, scope
from servanda.web.api.schemas import WRONG, In, Line, file_of
from servanda.web.kit.playing import found, streamed

router = Router(tags=["recordings"])


class SearchIn(In):
    kind: Literal["phone", "email"] = "phone"
    value: Line


class FieldOut(Schema):
    """`hidden`: it tells of others, and is left out."""

    name: str
    text: str
    hidden: bool


class RecordingOut(Schema):
    """`token`: hear it with that, within half an hour, for the same purpose."""

    token: str
    fields: list[FieldOut]


class SearchOut(Schema):
    """`withheld`: how many the purpose does not cover. `silent`: stores that did not answer."""

    recordings: list[RecordingOut]
    withheld: int
    silent: list[str]


@router.post(
    "/recordings/search",
    auth=scope("recordings", "recordings"),
    response={200: SearchOut, **WRONG},
)
def search(request: HttpRequest, told: SearchIn) -> Any:
    """By the number or address of somebody who is on them."""
    looked(request, "recordings searched")
    task = request.task  # type: ignore[attr-defined]
    who = Subject("search", ((told.kind, told.value),))
    whole = person.look(hub.workspace(), who, task.purpose)
    rows, withheld = found(whole, task.id)
    return {
        "recordings": [
            {
                "token": token,
                "fields": [
                    {
                        "name": each.name,
                        "text": "" if each.hidden else each.text,
                        "hidden": each.hidden,
                    }
                    for each in row.cells
                ],
            }
            for row, token in rows
        ],
        "withheld": withheld,
        "silent": [each.store for each in whole.tree.pending],
    }


@router.get(
    "/recordings/play",
    auth=scope("recordings", "recordings"),
    response=WRONG,
    openapi_extra=file_of(*sorted(set(recordings.TYPES.values()))),
)
def play(request: HttpRequest, token: Annotated[str, Query(max_length=4_000)]) -> Any:
    """The recording of a token; `Range` is understood. On record before its first byte."""
    workspace, task = hub.workspace(), request.task  # type: ignore[attr-defined]
    try:
        wanted = recordings.opened(workspace, task.id, token)
        activity = workspace.collection(wanted.collection).activity
        if not access.permitted(workspace.policy, task.purpose, activity):
            why = "the purpose does not cover it"
            access.refuse(reader_of(request), task.scope, "recording", why, purpose=task.purpose)
            raise HttpError(403, "The purpose does not cover this recording.")
        playing = recordings.play(workspace, wanted)
    except UsageError:
        raise Http404("There is no such recording, or its token is over.") from None
    request.META.pop("HTTP_ACCEPT_ENCODING", None)  # a part of a packed stream would be no part
    return streamed(request, playing, token)
