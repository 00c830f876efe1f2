"""The contact list: who may speak for which customer, changed on record."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path

from servanda.desk import contactlists
from servanda.desk.contacts import Details
from servanda.desk.roles import May
from servanda.kernel.errors import ServandaError, UsageError
from servanda.runtime import customers, hub
from servanda.state.models import Customer
from servanda.web.console.callers.check import customer_of
from servanda.web.console.requests.parts import day, names, said
from servanda.web.kit import asked
from servanda.web.kit.access import looked, member_of, page

_LARGEST = 1 << 20


@page(May.CONTACTS, scope="contacts", methods=("GET", "POST"))
def start(request: HttpRequest) -> HttpResponse:
    """Every customer; a new one by name."""
    if request.method == "POST":
        try:
            name = request.POST.get("name", "")
            found = customers.contacts(hub.workspace()).add_customer(name)
        except UsageError as error:
            messages.error(request, said(error))
            return redirect("contacts")
        return redirect("contacts_of", ref=found.id)
    known = customers.known(hub.workspace())
    return render(request, "console/callers/customers.html", {"customers": known})


@page(May.CONTACTS, scope="customer:{ref}")
def contacts(request: HttpRequest, ref: int) -> HttpResponse:
    found = customer_of(ref)
    looked(request, "contacts shown")
    listed = customers.contacts(hub.workspace()).of(found)
    return render(
        request,
        "console/callers/contacts.html",
        {
            "customer": found,
            "contacts": listed,
            "names": names(each.added_by for each in listed),
            "today": datetime.now(UTC).date(),
            "columns": contactlists.COLUMNS,
        },
    )


def _add(request: HttpRequest, found: Customer, contact: int, by: str) -> str:
    given = request.POST
    customers.contacts(hub.workspace()).add(
        found,
        Details(**{each: given.get(each, "") for each in Details.__slots__}),
        by=by,
        codeword=given.get("codeword", ""),
        since=day(given.get("since", "")),
        until=day(given.get("until", "")),
    )
    return "Added, and on record."


def _end(request: HttpRequest, found: Customer, contact: int, by: str) -> str:
    until = day(request.POST.get("until", ""))
    if until is None:
        raise UsageError("say the last day on which they may speak")
    customers.contacts(hub.workspace()).change(found, contact, by=by, until=until)
    return "Their last day is set."


def _codeword(request: HttpRequest, found: Customer, contact: int, by: str) -> str:
    word = request.POST.get("codeword", "")
    customers.contacts(hub.workspace()).change(found, contact, by=by, codeword=word)
    return "The codeword is set." if word.strip() else "They have no codeword any more."


def _remove(request: HttpRequest, found: Customer, contact: int, by: str) -> str:
    customers.contacts(hub.workspace()).remove(found, contact, by=by)
    return "Taken off the list; what was kept of them is destroyed."


def _import(request: HttpRequest, found: Customer, contact: int, by: str) -> str:
    file = request.FILES.get("file")
    if file is None or (file.size or 0) > _LARGEST:
        raise UsageError("choose a CSV file of one megabyte at most")
    listed = customers.contacts(hub.workspace())
    done = contactlists.read(listed, found, file.read(), by=by)
    return f"{done.added:,} added; {done.known:,} were on the list already."


_STEPS: Mapping[str, Callable[[HttpRequest, Customer, int, str], str]] = {
    "add": _add,
    "end": _end,
    "codeword": _codeword,
    "remove": _remove,
    "import": _import,
}


@page(May.CONTACTS, scope="customer:{ref}", methods=("POST",))
def step(request: HttpRequest, ref: int, what: str) -> HttpResponse:
    found = customer_of(ref)
    if what not in _STEPS:
        raise Http404
    number = request.POST.get("contact", "")
    contact = asked.number(number) or 0
    try:
        messages.success(request, _STEPS[what](request, found, contact, member_of(request).by))
    except ServandaError as error:
        messages.error(request, said(error))
    return redirect("contacts_of", ref=ref)


urls = [
    path("contacts/", start, name="contacts"),
    path("contacts/<int:ref>/", contacts, name="contacts_of"),
    path("contacts/<int:ref>/<slug:what>/", step, name="contacts_step"),
]
