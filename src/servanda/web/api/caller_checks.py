"""The checks of a caller: called back, by codeword, by a code, or on no list. Each is on record."""

from __future__ import annotations

from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Router, Schema
from pydantic import Field

from servanda.desk import callers
from servanda.desk.contacts import Known
from servanda.runtime import customers, hub
from servanda.web.api.auth import by, scope
from servanda.web.api.callers import ABOUT, RecognisedOut, customer_of
from servanda.web.api.once import once, once_apart
from servanda.web.api.schemas import WRONG, In, Line, Number

router = Router(tags=["callers"])
_Id = Annotated[int, Field(ge=0, le=2**63 - 1)]


class CalledIn(In):
    """Somebody rang the number on file. `verified`: it was the contact who had called."""

    contact: _Id
    verified: bool


class CodewordIn(In):
    contact: _Id
    word: Line


class CallerIn(In):
    contact: _Id


class CallerCodeIn(In):
    contact: _Id
    code: Line


class VerdictOut(Schema):
    verified: bool


@router.post(
    "/customers/{int:ref}/check/called-back",
    auth=scope("callers", ABOUT),
    response={200: VerdictOut, **WRONG},
)
@once
def called_back(request: HttpRequest, ref: Number, told: CalledIn) -> Any:
    """The number on file was called back."""
    contacts = customers.contacts(hub.workspace())
    done = callers.called_back(
        contacts, customer_of(ref), told.contact, verified=told.verified, by=by(request)
    )
    return VerdictOut(verified=done)


@router.post(
    "/customers/{int:ref}/check/codeword",
    auth=scope("callers", ABOUT),
    response={200: VerdictOut, **WRONG},
)
@once
def codeword(request: HttpRequest, ref: Number, told: CodewordIn) -> Any:
    """The caller said the codeword, or not. A wrong one is counted."""
    contacts = customers.contacts(hub.workspace())
    done = callers.codeword(contacts, customer_of(ref), told.contact, told.word, by=by(request))
    return VerdictOut(verified=done)


@router.post(
    "/customers/{int:ref}/check/send-code",
    auth=scope("callers", ABOUT),
    response={200: RecognisedOut, **WRONG},
)
@once_apart
def send_code(request: HttpRequest, ref: Number, told: CallerIn) -> Any:
    """Mail a one-time code to the address on file."""
    workspace = hub.workspace()

    def send(known_: Known, code: str) -> None:
        customers.deliver_code(workspace, known_.details.email, code)

    contacts = customers.contacts(workspace)
    callers.send_code(contacts, customer_of(ref), told.contact, send=send, by=by(request))
    return RecognisedOut(contacts=[told.contact])


@router.post(
    "/customers/{int:ref}/check/code",
    auth=scope("callers", ABOUT),
    response={200: VerdictOut, **WRONG},
)
@once
def code(request: HttpRequest, ref: Number, told: CallerCodeIn) -> Any:
    """The code that the caller read out. A wrong one is counted."""
    contacts = customers.contacts(hub.workspace())
    done = callers.code(contacts, customer_of(ref), told.contact, told.code, by=by(request))
    return VerdictOut(verified=done)


@router.post(
    "/customers/{int:ref}/check/unknown",
    auth=scope("callers", ABOUT),
    response={200: VerdictOut, **WRONG},
)
@once
def unknown(request: HttpRequest, ref: Number) -> Any:
    """The caller is not on the list: refused, and on record."""
    return VerdictOut(verified=callers.unknown(customer_of(ref), by=by(request)))
