"""The answer to a request: previewed, written, sent, and its files."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.http import FileResponse, Http404, HttpRequest
from ninja import Router, Schema
from pydantic import Field

from servanda.kernel.errors import UsageError
from servanda.runtime import answering, hub, replies, sending
from servanda.runtime import requests as work
from servanda.web.api.auth import by, looked, scope
from servanda.web.api.once import once, once_apart
from servanda.web.api.requests import ABOUT, now, there
from servanda.web.api.schemas import (
    WRONG,
    In,
    InTheWay,
    Line,
    Number,
    StateOut,
    file_of,
    standing_in_the_way,
)

router = Router(tags=["requests"])


class WordsIn(In):
    """What only people can say. `reasons`: of a refusal. `outcome`: of a complaint."""

    reasons: list[Line] = Field(default=[], max_length=50)
    outcome: Line = ""
    passphrase_by: Line = ""


class KeptOut(Schema):
    count: int
    why: str
    until: date | None


class StoreLineOut(Schema):
    store: str
    state: str
    done: int
    kept: list[KeptOut]
    note: str


class AnswerPreviewOut(Schema):
    """`records`: in the package; null where there is none."""

    kind: str
    text: str
    stores: list[StoreLineOut]
    records: int | None


class AnswerOut(Schema):
    """`passphrase`: of the package; told in this answer alone."""

    ref: str
    state: str
    finished: bool
    files: list[str]
    passphrase: str
    package_until: datetime | None


class SendIn(In):
    """`to`: one of the addresses that the request names."""

    to: Line


class FilesOut(Schema):
    files: list[str]
    package: str | None


def _words(told: WordsIn) -> answering.Words:
    by_what = told.passphrase_by.strip()
    more = {"passphrase_by": by_what} if by_what else {}
    return answering.Words(tuple(told.reasons), told.outcome.strip(), **more)


@router.post(
    "/requests/{int:ref}/answer/preview",
    auth=scope("request", ABOUT),
    response={200: AnswerPreviewOut, **WRONG},
)
def preview(request: HttpRequest, ref: Number, told: WordsIn) -> Any:
    """The letter as it would be sent now. Nothing is kept."""
    workspace, view = hub.workspace(), there(ref)
    looked(request, "answer previewed")
    with standing_in_the_way(), work.acting(workspace) as actor:
        return answering.preview(workspace, view.ref, actor, _words(told))


@router.post(
    "/requests/{int:ref}/answer", auth=scope("request", ABOUT), response={200: AnswerOut, **WRONG}
)
@once_apart
def reply(request: HttpRequest, ref: Number, told: WordsIn) -> Any:
    """Write the answer: letter, receipt, and the package of what is given."""
    workspace, view = hub.workspace(), there(ref)
    looked(request, "answer written")
    folder = replies.folder(workspace, view.ref)
    with standing_in_the_way(), work.acting(workspace) as actor:
        made = answering.reply(workspace, view.ref, actor, _words(told), folder, by=by(request))
    return AnswerOut(
        ref=view.ref,
        state=there(ref).state,
        finished=made.finished,
        files=replies.files(workspace, view.ref),
        passphrase=made.passphrase,
        package_until=made.package_until,
    )


@router.post(
    "/requests/{int:ref}/answer/send",
    auth=scope("request", ABOUT),
    response={200: StateOut, **WRONG},
)
@once
def send(request: HttpRequest, ref: Number, told: SendIn) -> Any:
    """Mail the answer with letter and receipt; the package is never mailed."""
    workspace, view = hub.workspace(), there(ref)
    try:
        sending.answer(workspace, view.ref, told.to)
    except sending.NothingToSend as error:
        raise InTheWay(error) from None
    return now(ref)


@router.get(
    "/requests/{int:ref}/files", auth=scope("request", ABOUT), response={200: FilesOut, **WRONG}
)
def files(request: HttpRequest, ref: Number) -> Any:
    """The names of the answer's files that are still there."""
    workspace, view = hub.workspace(), there(ref)
    looked(request, "files of an answer listed")
    shelf = [each for each in workspace.packages.packages() if each.ref == view.ref]
    package = shelf[-1].path.name if shelf else None
    return {"files": replies.files(workspace, view.ref), "package": package}


@router.get(
    "/requests/{int:ref}/files/{str:name}",
    auth=scope("request", ABOUT),
    response=WRONG,
    openapi_extra=file_of(),
)
def file(request: HttpRequest, ref: Number, name: str) -> Any:
    """One of them."""
    view = there(ref)
    try:
        found = replies.file(hub.workspace(), view.ref, name)
    except UsageError:
        raise Http404("That file is not there any more.") from None
    looked(request, "file of an answer downloaded")
    return download(request, found)


@router.get(
    "/requests/{int:ref}/package",
    auth=scope("request", ABOUT),
    response=WRONG,
    openapi_extra=file_of(),
)
def package(request: HttpRequest, ref: Number) -> Any:
    """The newest package, encrypted as it lies there."""
    view = there(ref)
    shelf = [each for each in hub.workspace().packages.packages() if each.ref == view.ref]
    if not shelf:
        raise Http404("There is no package of this request.")
    looked(request, "package downloaded")
    return download(request, shelf[-1].path)


def download(request: HttpRequest, path: Any, kind: str = "application/octet-stream") -> Any:
    """As it lies on disk, a piece at a time."""
    request.META.pop("HTTP_ACCEPT_ENCODING", None)  # it is small, or packed already
    return FileResponse(path.open("rb"), as_attachment=True, filename=path.name, content_type=kind)
