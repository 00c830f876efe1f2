"""Letters about a request that are no answer yet."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.http import HttpRequest
from ninja import Router, Schema
from pydantic import Field

from servanda.kernel.errors import UsageError
from servanda.runtime import hub, replies, sending, writing
from servanda.web.api.auth import looked, scope
from servanda.web.api.once import once
from servanda.web.api.requests import ABOUT, now, there
from servanda.web.api.schemas import WRONG, In, Line, Number, StateOut

router = Router(tags=["requests"])


class LetterOut(Schema):
    kind: str
    at: datetime
    text: str


class DraftIn(In):
    """`kind`: received, wait, extend … `reasons`: in our words. `by_day`: where it names one."""

    kind: Line
    reasons: list[Line] = Field(default=[], max_length=50)
    by_day: date | None = None


class LetterIn(DraftIn):
    """`to`: mail it as well, to an address that the request names."""

    to: Line = ""


class DraftOut(Schema):
    text: str


@router.get(
    "/requests/{int:ref}/letters",
    auth=scope("request", ABOUT),
    response={200: list[LetterOut], **WRONG},
)
def listed(request: HttpRequest, ref: Number) -> Any:
    """What was written to the person, the oldest first."""
    view = there(ref)
    looked(request, "letters shown")
    found = hub.workspace().desk.letters(view.ref) if view.readable else []
    return [
        {"kind": kind, "at": at, "text": content.decode("utf-8", "replace")}
        for kind, at, content in found
    ]


@router.post(
    "/requests/{int:ref}/letters/preview",
    auth=scope("request", ABOUT),
    response={200: DraftOut, **WRONG},
)
def preview(request: HttpRequest, ref: Number, told: DraftIn) -> Any:
    """A letter as it would be. Nothing is kept."""
    from servanda.publish import letters

    view = there(ref)
    looked(request, "letter previewed")
    made = writing.draft(
        hub.workspace(), view.ref, told.kind, reasons=tuple(told.reasons), by_day=told.by_day
    )
    return {"text": letters.text(made)}


@router.post(
    "/requests/{int:ref}/letters", auth=scope("request", ABOUT), response={200: StateOut, **WRONG}
)
@once
def write(request: HttpRequest, ref: Number, told: LetterIn) -> Any:
    """Write a letter, keep it with the request, and mail it where `to` is given."""
    workspace, view = hub.workspace(), there(ref)
    if told.to and told.to not in sending.addresses(view):
        raise UsageError("the request names no such address", "choose one of those it names")
    folder = replies.folder(workspace, view.ref)
    made = writing.letter(
        workspace,
        view.ref,
        told.kind,
        folder,
        reasons=tuple(told.reasons),
        by_day=told.by_day,
    )
    if told.to:
        text = made.text.read_text("utf-8")
        sending.letter(workspace, view.ref, told.to, told.kind, text, [made.printed])
    return now(ref)
