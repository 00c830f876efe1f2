"""Enquiries: who waits for an answer, and what is dealt with."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path

from servanda.desk import enquiries
from servanda.desk.roles import May, may
from servanda.kernel.errors import UsageError
from servanda.runtime import enquiries as work
from servanda.runtime import hub
from servanda.state.enquiries.models import Enquiry
from servanda.web.kit import asked
from servanda.web.kit.access import looked, member_of, page

_PAGE = 50


@page(May.ENQUIRIES)
def listed(request: HttpRequest) -> HttpResponse:
    closed = request.GET.get("closed") == "1"
    before = request.GET.get("before", "")
    found = enquiries.listed(closed=closed, before=asked.number(before), limit=_PAGE + 1)
    more = found[_PAGE - 1].pk if len(found) > _PAGE else None
    told = {"rows": found[:_PAGE], "more": more, "closed": closed, "counts": enquiries.counts()}
    told["may_read"] = may(member_of(request).role, May.ENQUIRY)
    return render(request, "console/enquiries.html", told)


def _there(id_: int) -> Enquiry:
    try:
        return enquiries.get(id_)
    except UsageError as error:
        raise Http404(str(error)) from None


@page(May.ENQUIRY, scope="enquiry:{id}")
def one(request: HttpRequest, id: int) -> HttpResponse:
    row = _there(id)
    looked(request, "enquiry")
    told = {"row": row, "there": enquiries.personal(row), "held": work.held(hub.workspace(), row)}
    return render(request, "console/enquiry.html", told)


@page(May.ENQUIRY, scope="enquiry:{id}", methods=("POST",))
def answer(request: HttpRequest, id: int) -> HttpResponse:
    _there(id)
    desk = hub.workspace().desk
    enquiries.answer(desk.book, id, request.POST.get("text", ""), by=member_of(request).by)
    told = "The answer goes out within seconds."
    if not desk.book.settings.mail.host:
        told = f"No mail server is set: the answer is a file in {desk.book.settings.mail.folder}."
    messages.success(request, f"{told} Is it dealt with? Close it.")
    return redirect("enquiry-one", id=id)


@page(May.ENQUIRY, scope="enquiry:{id}", methods=("POST",))
def close(request: HttpRequest, id: int) -> HttpResponse:
    row = _there(id)
    there = len(enquiries.personal(row))
    if request.POST.get("confirm", "").strip() != str(there):
        raise UsageError("the number that was typed is not the one", "nothing was erased")
    gone = work.close(hub.workspace(), id, by=member_of(request).by)
    messages.success(request, f"Enquiry {id} is closed; its {gone} personal fields were erased.")
    return redirect("enquiries")


urls = [
    path("enquiries/", listed, name="enquiries"),
    path("enquiries/<int:id>/", one, name="enquiry-one"),
    path("enquiries/<int:id>/answer/", answer, name="enquiry-answer"),
    path("enquiries/<int:id>/close/", close, name="enquiry-close"),
]
