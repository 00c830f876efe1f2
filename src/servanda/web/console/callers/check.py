"""Is a caller who they say they are? Checked before anything of a customer is told to them.

The danger: a customer's data told to a stranger on the telephone. What guards it: the customer's
page opens only to the member who verified a caller within the hour; who may speak is shown by
name alone, numbers masked. Tests: tests/web/requests/test_callers.py.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path

from servanda.desk import access, callers
from servanda.desk.contacts import Known, current
from servanda.desk.roles import May, may
from servanda.kernel.errors import ServandaError, UsageError
from servanda.runtime import customers, hub
from servanda.state.models import Customer
from servanda.web.console.requests.parts import names, said
from servanda.web.kit import asked
from servanda.web.kit.access import looked, member_of, page, reader

_MOST = 300


def customer_of(ref: int) -> Customer:
    try:
        return customers.contacts(hub.workspace()).customer(ref)
    except UsageError:
        raise Http404 from None


@page(May.CALLERS, scope="callers")
def start(request: HttpRequest) -> HttpResponse:
    """Customers by name, and what checks came to. Nobody's name but companies'."""
    wanted = request.GET.get("q", "").strip()[:100]
    before = request.GET.get("before", "")
    known = customers.known(hub.workspace())
    found = [each for each in known if wanted.casefold() in each.name.casefold()]
    checks = callers.recent(before=asked.number(before), limit=20)
    return render(
        request,
        "console/callers/start.html",
        {
            "customers": found[:_MOST],
            "left_out": max(0, len(found) - _MOST),
            "wanted": wanted,
            "checks": checks,
            "names": names(each.by for each in checks),
            "older": checks[-1].id if len(checks) == 20 else None,
            "rate": callers.rate(datetime.now(UTC) - timedelta(days=30)),
            "may_edit": may(member_of(request).role, May.CONTACTS),
        },
    )


@page(May.CALLERS, scope="customer:{ref}")
def customer(request: HttpRequest, ref: int) -> HttpResponse:
    found = customer_of(ref)
    looked(request, "who may speak for a customer")
    return render(request, "console/callers/customer.html", _known(request, found))


def _known(request: HttpRequest, found: Customer, **more: Any) -> dict[str, Any]:
    listed = customers.contacts(hub.workspace()).of(found)
    checks = callers.recent(found, limit=10)
    return {
        "customer": found,
        "contacts": current(listed, datetime.now(UTC).date()),
        "until": callers.verified_until(found, member_of(request).by),
        "checks": checks,
        "names": names(each.by for each in checks),
        "may_edit": may(member_of(request).role, May.CONTACTS),
        **more,
    }


def _recognise(request: HttpRequest, found: Customer, contact: int) -> dict[str, Any]:
    contacts = customers.contacts(hub.workspace())
    told = request.POST.get("told", "")
    return {"recognised": contacts.recognised(found, told), "asked": True}


def _number(request: HttpRequest, found: Customer, contact: int) -> dict[str, Any]:
    known = customers.contacts(hub.workspace()).get(found, contact)
    looked(request, "number to call back shown")
    return {"call_back": known}


def _called(request: HttpRequest, found: Customer, contact: int) -> bool:
    verified = request.POST.get("outcome") == "verified"
    contacts, by = customers.contacts(hub.workspace()), member_of(request).by
    return callers.called_back(contacts, found, contact, verified=verified, by=by)


def _codeword(request: HttpRequest, found: Customer, contact: int) -> bool:
    contacts, by = customers.contacts(hub.workspace()), member_of(request).by
    return callers.codeword(contacts, found, contact, request.POST.get("word", ""), by=by)


def _send(request: HttpRequest, found: Customer, contact: int) -> dict[str, Any]:
    workspace = hub.workspace()

    def send(known: Known, code: str) -> None:
        customers.deliver_code(workspace, known.details.email, code)

    contacts, by = customers.contacts(workspace), member_of(request).by
    callers.send_code(contacts, found, contact, send=send, by=by)
    return {"code_to": contacts.get(found, contact)}


def _code(request: HttpRequest, found: Customer, contact: int) -> bool:
    contacts, by = customers.contacts(hub.workspace()), member_of(request).by
    return callers.code(contacts, found, contact, request.POST.get("code", ""), by=by)


def _unknown(request: HttpRequest, found: Customer, contact: int) -> bool:
    return callers.unknown(found, by=member_of(request).by)


_Step = Callable[[HttpRequest, Customer, int], dict[str, Any] | bool]
_STEPS: Mapping[str, _Step] = {
    "recognise": _recognise,
    "number": _number,
    "called": _called,
    "codeword": _codeword,
    "send": _send,
    "code": _code,
    "unknown": _unknown,
}
"""What gives more to show, or what ends a check: verified or not."""


@page(May.CALLERS, scope="customer:{ref}", methods=("POST",))
def step(request: HttpRequest, ref: int, what: str) -> HttpResponse:
    found = customer_of(ref)
    if what not in _STEPS:
        raise Http404
    number = request.POST.get("contact", "")
    try:
        done = _STEPS[what](request, found, asked.number(number) or 0)
    except ServandaError as error:
        messages.error(request, said(error))
        return redirect("caller", ref=ref)
    if isinstance(done, dict):
        looked(request, "who may speak for a customer")
        return render(request, "console/callers/customer.html", _known(request, found, **done))
    if done:
        messages.success(request, "Verified, and on record. It counts for an hour, for you alone.")
    else:
        messages.error(request, "Refused, and on record. Tell the caller nothing.")
    return redirect("caller", ref=ref)


@page(May.CALLERS, scope="customer:{ref}")
def data(request: HttpRequest, ref: int) -> HttpResponse:
    """What is stored of the customer, for a caller who was verified."""
    found = customer_of(ref)
    member = member_of(request)
    until = callers.verified_until(found, member.by)
    if until is None:
        scope, why = f"customer:{ref}", "no caller was verified within the hour"
        access.refuse(reader(member), scope, "customer shown to caller", why)
        messages.error(request, "Check the caller first: nothing is shown before.")
        return redirect("caller", ref=ref)
    looked(request, "customer shown to caller")
    workspace = hub.workspace()
    listed = customers.contacts(workspace).of(found)
    return render(
        request,
        "console/callers/data.html",
        {
            "customer": found,
            "until": until,
            "held": customers.held(workspace, found.tenant) if found.tenant else [],
            "contacts": current(listed, datetime.now(UTC).date()),
        },
    )


urls = [
    path("callers/", start, name="callers"),
    path("callers/<int:ref>/", customer, name="caller"),
    path("callers/<int:ref>/data/", data, name="caller_data"),
    path("callers/<int:ref>/<slug:what>/", step, name="caller_step"),
]
