"""The published policy: what differs from policy.yaml, publish it, notices, versions, review; and
recipients that wait for customers.

Nothing is published that was not looked at: the form carries the digest of the policy it was shown
for. Tests: tests/web/console/test_published.py.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path

from servanda.desk import changenotices, recipients
from servanda.desk import editions as kept
from servanda.desk.roles import May, may
from servanda.kernel.errors import ServandaError, UsageError
from servanda.runtime import editions, hub
from servanda.state.models import Customer
from servanda.web.kit.access import member_of, page
from servanda.web.kit.names import names


@page(May.SETTINGS)
def index(request: HttpRequest) -> HttpResponse:
    now = datetime.now(UTC)
    workspace = hub.workspace()
    found = editions.draft(workspace, now)
    rows = kept.standings()[::-1]
    name = names(each.row.by for each in rows)
    views = recipients.listed(now)
    may_publish = may(member_of(request).role, May.PUBLISH)
    due = found.review_due
    return render(
        request,
        "console/published.html",
        {
            "draft": found,
            "digest": workspace.policy.digest,
            "editions": [(each, name(each.row.by), each.bound(now)) for each in rows],
            "notices": [_notice(each) for each in rows if each.row.ways],
            "overrules": kept.OVERRULES.items(),
            "recipients": views,
            "waits": any(each.state != "active" for each in views),
            "customers": Customer.objects.order_by("name") if may_publish else (),
            "outcomes": recipients.OUTCOMES,
            "may_publish": may_publish,
            "review_late": due is not None and due <= now,
            "promised": workspace.policy.changes,
        },
    )


def _notice(each: kept.Standing) -> dict[str, Any]:
    found = changenotices.notices(f"edition:{each.row.number}")
    counts = changenotices.count(f"edition:{each.row.number}")
    return {"number": each.row.number, "ways": found, "counts": counts}


@page(May.PUBLISH, methods=("POST",))
def publish(request: HttpRequest) -> HttpResponse:
    told, workspace = request.POST, hub.workspace()
    try:
        if told.get("digest") != workspace.policy.digest:
            raise UsageError("policy.yaml was changed meanwhile", "look at what differs now")
        if told.get("kind") not in ("material", "minor"):
            raise UsageError("say what the change is", "choose material or minor")
        row = editions.publish(
            workspace,
            by=member_of(request).by,
            material=told["kind"] == "material",
            binds_at=editions.day(workspace, told["binds"]) if told.get("binds") else None,
            overruled=told.get("reason", ""),
            note=told.get("note", ""),
            rewritten=told.get("rewritten") == "yes",
        )
    except ServandaError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, f"Edition {row.number} is published.")
    return redirect("published")


@page(May.PUBLISH, methods=("POST",))
def review(request: HttpRequest) -> HttpResponse:
    changes = request.POST.get("changes") == "yes"
    editions.review(hub.workspace(), by=member_of(request).by, changes=changes)
    messages.success(request, "Noted: the policy was reviewed.")
    return redirect("published")


@page(May.PUBLISH, methods=("POST",))
def recipient(request: HttpRequest, number: int) -> HttpResponse:
    """Activate one, put down an objection, or settle one."""
    told, by = request.POST, member_of(request).by
    try:
        match told.get("do"):
            case "activate":
                recipients.activate(number, by=by)
                messages.success(request, "It may be given data from now on.")
            case "object":
                whose = int(told["customer"]) if told.get("customer", "").isdigit() else 0
                master = hub.workspace().master
                recipients.object_(master, number, whose, told.get("words", ""), by=by)
                messages.success(request, "The objection is on record.")
            case "settle":
                which = int(told["objection"]) if told.get("objection", "").isdigit() else 0
                recipients.settle(which, told.get("outcome", ""), by=by)
                messages.success(request, "The objection is settled.")
            case _:
                raise UsageError("say what is to be done")
    except ServandaError as error:
        messages.error(request, str(error))
    return redirect("published")


@page(May.SETTINGS)
def one(request: HttpRequest, number: int) -> HttpResponse:
    """One edition: what it changed, and as it was published."""
    row = kept.get(number)
    changes = kept.between(number - 1, number) if number > 1 else ()
    return render(
        request,
        "console/published_one.html",
        {
            "row": row,
            "by": names([row.by])(row.by),
            "changes": changes,
            "kinds": kept.kinds(number),
            "text": kept.file(number, "text", row.language).decode(),
        },
    )


urls = [
    path("published/", index, name="published"),
    path("published/publish/", publish, name="published-publish"),
    path("published/review/", review, name="published-review"),
    path("published/recipients/<int:number>/", recipient, name="published-recipient"),
    path("published/<int:number>/", one, name="published-one"),
]
