"""The intake gate: what other programs take in is checked here first, and nothing of it is kept.

The danger: a program that stores what was refused, or never asks. What guards it: what is let
through carries a signed receipt, which the program that stores can require
(`desk.intake.receipts`).
Tests: tests/web/api/test_intake.py.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, ClassVar

from django.http import Http404, HttpRequest
from ninja import Router, Schema, Status
from pydantic import Field, StringConstraints

from servanda import state
from servanda.desk.intake import Accepted, Consent, Refused, Submission, UnknownForm, receipts
from servanda.desk.intake.checking import OLDEST
from servanda.runtime import hub
from servanda.runtime import intake as gates
from servanda.web.api.auth import scope
from servanda.web.api.once import once_apart
from servanda.web.api.schemas import WRONG, In, Line, Wrong

router = Router(tags=["intake"])
MOST = 1_000

Language = Annotated[str, StringConstraints(pattern=r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$")]


class ConsentIn(In):
    """Explicit consent, given with the data. `notice`: SHA-256 of the words shown, as UTF-8."""

    purpose: Line
    notice: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
    language: Language = "en"


class IntakeIn(In):
    """`fields`: by name, as the form has them. `age` or `born`: where the form asks. `source` and
    `basis`: of data that comes from somebody else than the person."""

    cards_counted: ClassVar[bool] = True
    fields: dict[str, Any]
    age: Annotated[int, Field(ge=0, le=OLDEST)] | None = None
    born: date | None = None
    parent_consents: bool = False
    consent: ConsentIn | None = None
    source: Line = ""
    basis: Line = ""


class IntakeManyIn(In):
    records: Annotated[list[IntakeIn], Field(min_length=1, max_length=MOST)]


class RefusalOut(Schema):
    """`kind`: undeclared, missing, card, sensitive, age or source. `field`: blank where it is about
    the whole. Never what was in it."""

    kind: str
    field: str
    why: str
    next: str


class IntakeOut(Schema):
    """`receipt`: keep it with what you store. `consent`: the consent record's id."""

    accepted: bool = True
    receipt: str
    consent: str | None = None


class IntakeRefusedOut(Wrong):
    accepted: bool = False
    refused: list[RefusalOut] = Field(default_factory=list)


class IntakeRowOut(Schema):
    """One record, in the order they were sent."""

    accepted: bool
    receipt: str | None = None
    consent: str | None = None
    refused: list[RefusalOut] = Field(default_factory=list)


class IntakeRowsOut(Schema):
    accepted: int
    refused: int
    records: list[IntakeRowOut]


class IntakeFieldOut(Schema):
    name: str
    category: str
    required: bool
    free: bool


class IntakeFormOut(Schema):
    id: str
    activity: str
    third_party: bool
    asks_age: bool
    fields: list[IntakeFieldOut]


class IntakeFormsOut(Schema):
    """`key`: with which receipts are checked (Ed25519, Base64). `children_below`: under this age a
    parent has to consent."""

    key: str
    children_below: int | None
    forms: list[IntakeFormOut]


@router.get("/intake", auth=scope("intake"), response={200: IntakeFormsOut, **WRONG})
def forms(request: HttpRequest) -> Any:
    """Which forms the policy declares, and the key of receipts."""
    workspace = hub.workspace()
    return {
        "key": receipts.public(workspace.master),
        "children_below": workspace.policy.children_below,
        "forms": workspace.policy.forms,
    }


@router.post(
    "/intake/{form}",
    auth=scope("intake"),
    response={200: IntakeOut, **WRONG, 422: IntakeRefusedOut},
)
@once_apart
def take(request: HttpRequest, form: str, told: IntakeIn) -> Any:
    """One submission, through the gate. 422 where it is refused, with each field and why; 404 where
    the policy declares no such form."""
    gate = gates.gate(hub.workspace())
    try:
        return _taken(gate.take(_submission(form, told)))
    except UnknownForm:
        raise Http404("The policy declares no such form.") from None
    except Refused as error:
        said = "This was not taken, and nothing of it was kept."
        return Status(422, IntakeRefusedOut(error=said, refused=_refusals(error)))


@router.post("/intake/{form}/records", auth=scope("intake"), response={200: IntakeRowsOut, **WRONG})
@once_apart
def take_many(request: HttpRequest, form: str, told: IntakeManyIn) -> Any:
    """Up to a thousand, each by itself: one that is refused keeps no other out."""
    gate = gates.gate(hub.workspace())
    try:
        with state.transaction():
            found = list(gate.take_all([_submission(form, each) for each in told.records]))
    except UnknownForm:
        raise Http404("The policy declares no such form.") from None
    rows = [
        _taken(each)
        if isinstance(each, Accepted)
        else {"accepted": False, "refused": _refusals(each)}
        for each in found
    ]
    taken = sum(isinstance(each, Accepted) for each in found)
    return {"accepted": taken, "refused": len(found) - taken, "records": rows}


def _submission(form: str, told: IntakeIn) -> Submission:
    consent = told.consent
    return Submission(
        form[:64],
        told.fields,
        told.age,
        told.born,
        told.parent_consents,
        Consent(consent.purpose, consent.notice, consent.language) if consent else None,
        told.source,
        told.basis,
    )


def _taken(found: Accepted) -> dict[str, Any]:
    return {"accepted": True, "receipt": found.receipt, "consent": found.consent or None}


def _refusals(error: Refused) -> list[RefusalOut]:
    return [
        RefusalOut(kind=each.kind, field=each.field, why=each.why, next=each.next)
        for each in error.refusals
    ]
