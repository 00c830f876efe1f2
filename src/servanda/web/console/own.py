"""What concerns the company of a customer's member, and nothing of others.

The danger: one customer sees another's. What guards it: every question asked here names the
member's own company; a request of another is one that does not exist.
Tests: tests/web/requests/test_own.py.
"""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path

from servanda.desk.requests import queue
from servanda.desk.roles import May
from servanda.kernel.errors import UsageError
from servanda.runtime import customers, hub
from servanda.state.models import Request
from servanda.web.console.requests.parts import said
from servanda.web.kit.access import member_of, page


def _tenant(request: HttpRequest) -> str:
    tenant = member_of(request).tenant
    if not tenant:
        raise PermissionDenied("Your account is of no company.")
    return tenant


@page(May.OWN_TENANT)
def own(request: HttpRequest) -> HttpResponse:
    workspace = hub.workspace()
    tenant = _tenant(request)
    today = workspace.desk.book.today()
    wanted = queue.Wanted(tenant=tenant, everything=request.GET.get("all") == "1")
    lines, more = queue.page(wanted, today, after=request.GET.get("after", ""))
    known = next((each for each in workspace.tenants if each.id == tenant), None)
    return render(
        request,
        "console/own.html",
        {
            "company": known.name if known and known.name else tenant,
            "lines": lines,
            "more": more,
            "everything": wanted.everything,
            "counts": queue.counts(today, tenant),
            "rules": customers.rules(workspace, tenant),
        },
    )


@page(May.OWN_TENANT, methods=("POST",))
def tell(request: HttpRequest, ref: int) -> HttpResponse:
    """The customer instructs us to act on a request of theirs, or says that they answer it."""
    tenant = _tenant(request)
    if not Request.objects.filter(id=ref, tenant=tenant).exists():
        raise Http404
    desk = hub.workspace().desk
    kind = "instructed" if request.POST.get("do") == "instruct" else "customer_answers"
    note = request.POST.get("note", "").strip()[:2000]
    try:
        if kind == "customer_answers" and desk.get(str(ref)).state != "routed":
            raise UsageError("this request does not wait for you")
        desk.event(str(ref), kind, desk.book.today(), member_of(request).by, note)
    except UsageError as error:
        messages.error(request, said(error))
    else:
        instructed = "We act on it, among your company's records alone."
        messages.success(request, instructed if kind == "instructed" else "Noted. Thank you.")
    return redirect("own")


urls = [
    path("own/", own, name="own"),
    path("own/<int:ref>/", tell, name="own_tell"),
]
