"""Enquiries of the website: how many, and, under a purpose, what they say; answered and closed.

The danger: the wrong one is erased. What guards it: closing takes the exact number of personal
fields that the enquiry still holds. Tests: tests/web/api/test_enquiries.py.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from django.http import Http404, HttpRequest
from ninja import Router, Schema
from pydantic import Field

from servanda.desk import enquiries
from servanda.kernel.errors import UsageError
from servanda.runtime import enquiries as work
from servanda.runtime import hub
from servanda.state.enquiries.models import Enquiry
from servanda.web.api.auth import by, looked, scope
from servanda.web.api.once import once_apart
from servanda.web.api.schemas import WRONG, In, InTheWay, Limit, Number, Place, Text

router = Router(tags=["enquiries"])
ABOUT = "enquiry:{id}"


class EnquiryCountsOut(Schema):
    open: int
    suspect: int
    unanswered: int


class EnquiryLineOut(Schema):
    """Nothing of a person. `suspect`: it may be spam. `erased`: fields that went when it closed."""

    id: int
    received_at: datetime
    answered_at: datetime | None
    closed_at: datetime | None
    topic: str
    suspect: bool
    erased: int


class EnquiryOut(EnquiryLineOut):
    """`fields`: how many personal fields it holds; closing wants it as `confirm`. `held`: by a
    legal hold."""

    name: str | None
    email: str | None
    phone: str | None
    message: str | None
    answer: str | None
    marketing: str
    fields: int
    held: bool


class EnquiryAnswerIn(In):
    text: Text


class EnquiryCloseIn(In):
    confirm: Annotated[int, Field(ge=0, le=2**63 - 1)]


class ClosedOut(Schema):
    """`erased`: how many personal fields are gone."""

    id: int
    erased: int


class AnsweredOut(Schema):
    id: int


@router.get("/enquiries/counts", auth=scope("enquiries"), response={200: EnquiryCountsOut, **WRONG})
def counts(request: HttpRequest) -> Any:
    """How many are open, may be spam, and wait for an answer."""
    return enquiries.counts()


@router.get("/enquiries", auth=scope("enquiries"), response={200: list[EnquiryLineOut], **WRONG})
def listed(
    request: HttpRequest, closed: bool = False, before: Place = None, limit: Limit = 50
) -> Any:
    """Those open, or those closed, the newest first; `before`: older than that number."""
    return enquiries.listed(closed=closed, before=before, limit=limit)


@router.get(
    "/enquiries/{int:id}", auth=scope("enquiry", ABOUT), response={200: EnquiryOut, **WRONG}
)
def one(request: HttpRequest, id: Number) -> Any:
    """What it says."""
    row = _there(id)
    looked(request, "enquiry")
    known = {
        name: getattr(row, name)
        for name in EnquiryOut.model_fields
        if name not in ("fields", "held")
    }
    return {**known, "fields": _fields(row), "held": work.held(hub.workspace(), row)}


@router.post(
    "/enquiries/{int:id}/answer", auth=scope("enquiry", ABOUT), response={200: AnsweredOut, **WRONG}
)
@once_apart
def answer(request: HttpRequest, id: Number, told: EnquiryAnswerIn) -> Any:
    """By mail. It is not closed by that."""
    _there(id)
    enquiries.answer(hub.workspace().desk.book, id, told.text, by=by(request))
    return AnsweredOut(id=id)


@router.post(
    "/enquiries/{int:id}/close", auth=scope("enquiry", ABOUT), response={200: ClosedOut, **WRONG}
)
@once_apart
def close(request: HttpRequest, id: Number, told: EnquiryCloseIn) -> Any:
    """It is dealt with: its personal fields are erased now. 409 where their number is another."""
    there = _fields(_there(id))
    if told.confirm != there:
        said = f"it holds {there} personal fields, not {told.confirm}; nothing was erased"
        raise InTheWay(UsageError(said, "look at it once more"))
    gone = work.close(hub.workspace(), id, by=by(request))
    return ClosedOut(id=id, erased=gone)


def _there(id_: int) -> Enquiry:
    try:
        return enquiries.get(id_)
    except UsageError:
        raise Http404("There is no such enquiry.") from None


def _fields(row: Enquiry) -> int:
    return sum(getattr(row, field) is not None for field in enquiries.PERSONAL)
