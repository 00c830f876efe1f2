"""Whether the person who asks is who they say: a code that is sent, or a document that is seen."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import Router, Schema

from servanda.desk.requests import asking, identity
from servanda.runtime import hub
from servanda.web.api.auth import by, looked, scope
from servanda.web.api.once import once, once_apart
from servanda.web.api.requests import ABOUT, now, there
from servanda.web.api.schemas import WRONG, In, Line, Number, StateOut, Text

router = Router(tags=["requests"])


class SendCodeIn(In):
    """`to`: which of the request's own addresses, where it names several."""

    to: Line | None = None


class PhoneCodeOut(Schema):
    """`code`: told in this answer alone."""

    code: str


class CodeIn(In):
    code: Line


class SeenIn(In):
    """`note`: what was checked. No copy of a document is taken."""

    document: Line
    note: Text = ""


class DoubtIn(In):
    note: Text


@router.post(
    "/requests/{int:ref}/verify/send-code",
    auth=scope("request", ABOUT),
    response={200: StateOut, **WRONG},
)
@once
def send_code(request: HttpRequest, ref: Number, told: SendCodeIn) -> Any:
    """Mail a one-time code to an address that the request names, and to no other."""
    asking.mail_code(hub.workspace().desk.book, there(ref).ref, by=by(request), to=told.to or None)
    return now(ref)


@router.post(
    "/requests/{int:ref}/verify/phone-code",
    auth=scope("request", ABOUT),
    response={200: PhoneCodeOut, **WRONG},
)
@once_apart
def phone_code(request: HttpRequest, ref: Number) -> Any:
    """A code to be read out to the person, whom you call on the number that the request names."""
    looked(request, "code for the telephone shown")
    book = hub.workspace().desk.book
    return PhoneCodeOut(code=identity.send_code(book, there(ref).ref, "phone", by=by(request)))


@router.post(
    "/requests/{int:ref}/verify/code",
    auth=scope("request", ABOUT),
    response={200: StateOut, **WRONG},
)
@once_apart
def enter_code(request: HttpRequest, ref: Number, told: CodeIn) -> Any:
    """The code that the person gave back. A wrong one is counted."""
    identity.check_code(hub.workspace().desk.book, there(ref).ref, told.code, by=by(request))
    return now(ref)


@router.post(
    "/requests/{int:ref}/verify/seen",
    auth=scope("request", ABOUT),
    response={200: StateOut, **WRONG},
)
@once
def seen(request: HttpRequest, ref: Number, told: SeenIn) -> Any:
    """A document was looked at, and fits."""
    book = hub.workspace().desk.book
    identity.seen(book, there(ref).ref, told.document, by=by(request), note=told.note)
    return now(ref)


@router.post(
    "/requests/{int:ref}/verify/doubt",
    auth=scope("request", ABOUT),
    response={200: StateOut, **WRONG},
)
@once
def doubt(request: HttpRequest, ref: Number, told: DoubtIn) -> Any:
    """Nothing is given or erased until the doubt is cleared."""
    identity.doubt(hub.workspace().desk.book, there(ref).ref, by=by(request), note=told.note)
    return now(ref)
