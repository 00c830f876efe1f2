"""Mail: what came in and may be a request, what came back, and what nobody knows to be sent."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path

from servanda.desk.requests import inbox, outbox
from servanda.desk.roles import May, may
from servanda.kernel.errors import UsageError
from servanda.runtime import hub
from servanda.state.connection import guard
from servanda.state.models import MailArrival
from servanda.web.console.requests.new import RIGHTS
from servanda.web.kit.access import looked, member_of, page

_MOST = 100


@page(May.REQUESTS)
def mail(request: HttpRequest) -> HttpResponse:
    """By number alone: what is written in them is on the next page, for who says why."""
    book = hub.workspace().desk.book
    with guard():
        waiting = list(
            MailArrival.objects.filter(state="pending")
            .order_by("received")
            .values("id", "received", "right")[:_MOST]
        )
    back = outbox.bounced(book)[:_MOST]
    unsent = [each for each in outbox.listed() if not each.bounce][:_MOST]
    told = {
        "waiting": waiting,
        "back": back,
        "unsent": unsent,
        "may_read": may(member_of(request).role, May.REQUEST),
        "inbox": bool(book.settings.mail.inbox),
    }
    return render(request, "console/mail.html", told)


@page(May.REQUEST, scope="arrivals")
def arrivals(request: HttpRequest) -> HttpResponse:
    looked(request, "mails that may be requests")
    found = inbox.pending(hub.workspace().desk.book)[:_MOST]
    return render(request, "console/arrivals.html", {"found": found, "rights": RIGHTS.items()})


@page(May.REQUEST, scope="arrivals", methods=("POST",))
def take_in(request: HttpRequest, id: int) -> HttpResponse:
    book, told = hub.workspace().desk.book, request.POST
    ref = inbox.take_in(
        book,
        id,
        by=member_of(request).by,
        right=told.get("right") or None,
        place=told.get("place", "").strip() or None,
    )
    messages.success(request, f"It is request {ref} now; its clock runs from the day it arrived.")
    return redirect("arrivals")


@page(May.REQUEST, scope="arrivals", methods=("POST",))
def dismiss(request: HttpRequest, id: int) -> HttpResponse:
    if request.POST.get("confirm", "").strip() != "1":
        raise UsageError("type 1 to confirm that this mail goes for good", "nothing was changed")
    inbox.dismiss(hub.workspace().desk.book, id, by=member_of(request).by)
    messages.success(request, "It asked for nothing, and all of it is destroyed.")
    return redirect("arrivals")


@page(May.DECIDE, scope="mail:{id}", methods=("POST",))
def settle(request: HttpRequest, id: int) -> HttpResponse:
    """Somebody looked at the mail server: it was sent, or it is to be sent again."""
    sent = request.POST.get("was") == "sent"
    outbox.settle(id, sent=sent)
    messages.success(request, "Noted as sent." if sent else "It goes out again within seconds.")
    return redirect("mail")


urls = [
    path("mail/", mail, name="mail"),
    path("mail/arrivals/", arrivals, name="arrivals"),
    path("mail/arrivals/<int:id>/take-in/", take_in, name="arrival-take-in"),
    path("mail/arrivals/<int:id>/dismiss/", dismiss, name="arrival-dismiss"),
    path("mail/<int:id>/settle/", settle, name="mail-settle"),
]
