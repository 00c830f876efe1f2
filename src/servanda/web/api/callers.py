"""Whether a caller may speak for a customer: checked before anything of it is told."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from django.http import Http404, HttpRequest
from ninja import Router, Schema, Status

from servanda.desk import access, callers
from servanda.desk.contacts import Known, current
from servanda.kernel.errors import UsageError
from servanda.runtime import customers, hub
from servanda.state.models import Customer
from servanda.web.api.auth import by, looked, reader_of, scope
from servanda.web.api.once import once
from servanda.web.api.schemas import WRONG, Asked, In, InTheWay, Limit, Line, Number, Place

router = Router(tags=["callers"])
ABOUT = "customer:{ref}"


class CustomerOut(Schema):
    """`tenant`: its id in stores.yaml, blank where it has none."""

    id: int
    name: str
    tenant: str


class CustomerIn(In):
    name: Line


class CheckLineOut(Schema):
    id: int
    customer: int
    contact: int | None
    how: str
    verified: bool
    by: str
    at: datetime


class ChecksOut(Schema):
    """`checks` and `refused`: of the last thirty days."""

    checks: int
    refused: int
    newest: list[CheckLineOut]


class SpeakerOut(Schema):
    """Who may speak today. Numbers and addresses are masked."""

    id: int
    name: str
    role: str
    phone: str
    email: str
    has_codeword: bool


class SpeakersOut(Schema):
    """`verified_until`: until when this token may be told of the customer."""

    customer: CustomerOut
    speakers: list[SpeakerOut]
    verified_until: datetime | None


class RecogniseIn(In):
    """`told`: the number, address or name that a caller gives."""

    told: Line


class RecognisedOut(Schema):
    contacts: list[int]


class PhoneOut(Schema):
    phone: str


class HeldOut(Schema):
    """`count`: null where the store did not answer."""

    collection: str
    store: str
    activity: str
    count: int | None


class CustomerDataOut(Schema):
    until: datetime
    held: list[HeldOut]


@router.get("/callers", auth=scope("callers", "callers"), response={200: ChecksOut, **WRONG})
def checks(request: HttpRequest, before: Place = None, limit: Limit = 50) -> Any:
    """Checks that were made, the newest first; contacts by number."""
    looked(request, "checks of callers")
    rate = callers.rate(datetime.now(UTC) - timedelta(days=30))
    found = callers.recent(before=before, limit=limit)
    newest = [
        {
            "id": each.pk,
            "customer": each.customer.pk,
            "contact": each.contact_id,
            "how": each.how,
            "verified": each.verified,
            "by": each.by,
            "at": each.at,
        }
        for each in found
    ]
    return {"checks": rate.checks, "refused": rate.refused, "newest": newest}


@router.get(
    "/customers", auth=scope("callers", "callers"), response={200: list[CustomerOut], **WRONG}
)
def known(request: HttpRequest, name: Asked = "", limit: Limit = 50) -> Any:
    """Customers by name. Companies, no people."""
    looked(request, "customers listed")
    found = customers.known(hub.workspace())
    wanted = name.casefold()
    return [each for each in found if wanted in each.name.casefold()][:limit]


@router.post("/customers", auth=scope("contacts", "contacts"), response={201: CustomerOut, **WRONG})
@once
def add_customer(request: HttpRequest, told: CustomerIn) -> Any:
    """One that stores.yaml does not name; the one there is, of that name."""
    found = customers.contacts(hub.workspace()).add_customer(told.name)
    looked(request, "a customer named")
    return Status(201, CustomerOut.from_orm(found))


@router.get(
    "/customers/{int:ref}/speakers",
    auth=scope("callers", ABOUT),
    response={200: SpeakersOut, **WRONG},
)
def speakers(request: HttpRequest, ref: Number) -> Any:
    """Who may speak for it today."""
    found = customer_of(ref)
    looked(request, "who may speak for a customer")
    listed = customers.contacts(hub.workspace()).of(found)
    return {
        "customer": found,
        "speakers": [
            {
                "id": each.id,
                "name": each.details.name,
                "role": each.details.role,
                "phone": each.masked_phone,
                "email": each.masked_email,
                "has_codeword": each.has_codeword,
            }
            for each in current(listed, datetime.now(UTC).date())
        ],
        "verified_until": callers.verified_until(found, by(request)),
    }


@router.post(
    "/customers/{int:ref}/recognise",
    auth=scope("callers", ABOUT),
    response={200: RecognisedOut, **WRONG},
)
def recognise(request: HttpRequest, ref: Number, told: RecogniseIn) -> Any:
    """Contacts with this number, address or name. That alone verifies nobody."""
    found = customer_of(ref)
    looked(request, "a caller recognised")
    return {"contacts": sorted(customers.contacts(hub.workspace()).recognised(found, told.told))}


@router.get(
    "/customers/{int:ref}/contacts/{int:contact}/number",
    auth=scope("callers", ABOUT),
    response={200: PhoneOut, **WRONG},
)
def number(request: HttpRequest, ref: Number, contact: Number) -> Any:
    """The number on file, to call back."""
    known_ = contact_of(customer_of(ref), contact)
    looked(request, "number to call back shown")
    return {"phone": known_.details.phone}


@router.get(
    "/customers/{int:ref}/data",
    auth=scope("callers", ABOUT),
    response={200: CustomerDataOut, **WRONG},
)
def data(request: HttpRequest, ref: Number) -> Any:
    """What is stored of it, for a caller whom this token verified within the hour."""
    found = customer_of(ref)
    until = callers.verified_until(found, by(request))
    if until is None:
        why = "no caller was verified within the hour"
        access.refuse(reader_of(request), f"customer:{found.pk}", "customer shown to caller", why)
        raise InTheWay(UsageError(why, "check the caller first"))
    looked(request, "customer shown to caller")
    held = customers.held(hub.workspace(), found.tenant) if found.tenant else []
    return {"until": until, "held": held}


def customer_of(ref: int) -> Customer:
    try:
        return customers.contacts(hub.workspace()).customer(ref)
    except UsageError:
        raise Http404("There is no such customer.") from None


def contact_of(customer: Customer, number: int) -> Known:
    try:
        return customers.contacts(hub.workspace()).get(customer, number)
    except UsageError:
        raise Http404("There is no such contact on this customer's list.") from None
