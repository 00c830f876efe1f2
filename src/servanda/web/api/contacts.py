"""The contact list: who may speak for which customer, changed on record."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Router, Schema, Status
from pydantic import Field

from servanda.desk import contactlists
from servanda.desk.contacts import Details, Known
from servanda.runtime import customers, hub
from servanda.web.api.auth import by, looked, scope
from servanda.web.api.callers import ABOUT, contact_of, customer_of
from servanda.web.api.once import once, once_apart
from servanda.web.api.schemas import WRONG, DoneOut, In, Line, Number

router = Router(tags=["callers"])


class ContactOut(Schema):
    id: int
    name: str
    role: str
    phone: str
    email: str
    authorised_by: str
    since: date
    until: date | None
    has_codeword: bool
    added_by: str


class ContactIn(In):
    """`authorised_by`: who of the customer said that they may."""

    name: Line
    role: Line = ""
    phone: Line = ""
    email: Line = ""
    authorised_by: Line = ""
    codeword: Line = ""
    since: date | None = None
    until: date | None = None


class ChangeIn(In):
    """Only what is given is changed. `codeword`: blank takes it away. `until`: their last day."""

    name: Line | None = None
    role: Line | None = None
    phone: Line | None = None
    email: Line | None = None
    authorised_by: Line | None = None
    codeword: Line | None = None
    until: date | None = None


class ImportIn(In):
    """`csv`: columns name, role, phone, email, authorised_by, codeword, since, until."""

    csv: Annotated[str, Field(min_length=1, max_length=500_000)]


class ImportedOut(Schema):
    added: int
    known: int


class ContactMadeOut(Schema):
    id: int


@router.get(
    "/customers/{int:ref}/contacts",
    auth=scope("contacts", ABOUT),
    response={200: list[ContactOut], **WRONG},
)
def listed(request: HttpRequest, ref: Number) -> Any:
    """Everybody on the list, past and future ones too."""
    found = customer_of(ref)
    looked(request, "contacts shown")
    return [_out(each) for each in customers.contacts(hub.workspace()).of(found)]


@router.post(
    "/customers/{int:ref}/contacts",
    auth=scope("contacts", ABOUT),
    response={201: ContactMadeOut, **WRONG},
)
@once
def add(request: HttpRequest, ref: Number, told: ContactIn) -> Any:
    """Put somebody on the list."""
    id_ = customers.contacts(hub.workspace()).add(
        customer_of(ref),
        Details(**{each: getattr(told, each) for each in Details.__slots__}),
        by=by(request),
        codeword=told.codeword,
        since=told.since,
        until=told.until,
    )
    return Status(201, ContactMadeOut(id=id_))


@router.post(
    "/customers/{int:ref}/contacts/{int:contact}",
    auth=scope("contacts", ABOUT),
    response={200: ContactMadeOut, **WRONG},
)
@once
def change(request: HttpRequest, ref: Number, contact: Number, told: ChangeIn) -> Any:
    """Change what is known of somebody."""
    customer = customer_of(ref)
    there = contact_of(customer, contact)
    given = {each: getattr(told, each) for each in Details.__slots__}
    details = None
    if any(value is not None for value in given.values()):
        kept = {each: getattr(there.details, each) for each in Details.__slots__}
        details = Details(**{**kept, **{k: v for k, v in given.items() if v is not None}})
    customers.contacts(hub.workspace()).change(
        customer,
        contact,
        by=by(request),
        details=details,
        codeword=told.codeword,
        until=told.until,
    )
    return ContactMadeOut(id=contact)


@router.post(
    "/customers/{int:ref}/contacts/{int:contact}/remove",
    auth=scope("contacts", ABOUT),
    response={200: DoneOut, **WRONG},
)
@once_apart
def remove(request: HttpRequest, ref: Number, contact: Number) -> Any:
    """Take somebody off the list: what was kept of them is destroyed."""
    customer = customer_of(ref)
    contact_of(customer, contact)
    customers.contacts(hub.workspace()).remove(customer, contact, by=by(request))
    return DoneOut(done="Taken off the list; what was kept of them is destroyed.")


def _out(known: Known) -> dict[str, Any]:
    details = {each: getattr(known.details, each) for each in Details.__slots__}
    rest = ("id", "since", "until", "has_codeword", "added_by")
    return {**details, **{each: getattr(known, each) for each in rest}}


@router.post(
    "/customers/{int:ref}/contacts/import",
    auth=scope("contacts", ABOUT),
    response={200: ImportedOut, **WRONG},
)
@once
def import_(request: HttpRequest, ref: Number, told: ImportIn) -> Any:
    """A list as CSV, with a head line; who is on the list already is left as they are."""
    listed = customers.contacts(hub.workspace())
    done = contactlists.read(listed, customer_of(ref), told.csv.encode(), by=by(request))
    return ImportedOut(added=done.added, known=done.known)
