"""Programs: their tokens, and the webhooks by which they are told of evidence.

The danger: a token or a secret that lies about. What guards it: both are in the one answer that
made them and nowhere else, whoever makes one shows their second factor first, and a token never may
more than its maker. Tests: tests/web/api/test_console.py.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path

from servanda.desk import tokens, webhooks
from servanda.desk.roles import PERSONAL, May, may
from servanda.kernel.errors import UsageError
from servanda.ledger.entries import KINDS
from servanda.runtime import hub
from servanda.state.models import Token
from servanda.web.accounts.again import shown_again
from servanda.web.kit.access import member_of, page
from servanda.web.kit.asked import number
from servanda.web.kit.names import names
from servanda.web.models import Member

_DAYS = ((7, "a week"), (30, "a month"), (90, "three months"), (366, "a year"))


@dataclass(frozen=True, slots=True)
class Row:
    """A token, who made it, and whether it still counts."""

    token: Token
    maker: str
    state: str


@page(May.TOKENS)
def index(request: HttpRequest) -> HttpResponse:
    role = member_of(request).role
    hooks = webhooks.listed()
    known = tokens.listed()
    name = names([*(each.by for each in known), *(each.by for each in hooks)])
    return render(
        request,
        "console/tokens.html",
        {
            "rows": _rows(known, name),
            "groups": _groups(role),
            "days": _DAYS,
            "hooks": [(each, name(each.by)) for each in hooks],
            "kinds": sorted(KINDS),
            "address": hub.workspace().settings.web.address,
        },
    )


@page(May.TOKENS, methods=("POST",))
@shown_again
def make(request: HttpRequest) -> HttpResponse:
    member, told = member_of(request), request.POST
    row, secret = tokens.make(
        told.get("name", ""),
        told.getlist("scope"),
        number(told.get("days", "")) or 0,
        by=member.by,
        role=member.role,
    )
    return render(request, "console/token_made.html", {"token": row, "secret": secret})


@page(May.TOKENS, methods=("POST",))
def revoke(request: HttpRequest, id: int) -> HttpResponse:
    tokens.revoke(id, by=member_of(request).by)
    messages.success(request, "The token is revoked. It counts no more.")
    return redirect("tokens")


@page(May.TOKENS, methods=("POST",))
@shown_again
def add_webhook(request: HttpRequest) -> HttpResponse:
    workspace, member = hub.workspace(), member_of(request)
    if not may(member.role, May.EVIDENCE):
        raise UsageError("who adds a webhook must be allowed to see evidence", "ask an owner")
    row, secret = webhooks.add(
        request.POST.get("url", "").strip(),
        request.POST.getlist("kind"),
        by=member.by,
        master=workspace.master,
        inside=workspace.settings.web.webhooks_inside,
    )
    return render(request, "console/webhook_made.html", {"hook": row, "secret": secret})


@page(May.TOKENS, methods=("POST",))
def remove_webhook(request: HttpRequest, id: int) -> HttpResponse:
    webhooks.remove(id, by=member_of(request).by)
    messages.success(request, "Removed: nothing is told there any more.")
    return redirect("tokens")


@page(May.TOKENS, methods=("POST",))
def start_webhook(request: HttpRequest, id: int) -> HttpResponse:
    webhooks.start_again(id)
    messages.success(request, "It goes on from where it was.")
    return redirect("tokens")


def _rows(known: list[Token], name: Callable[[str], str]) -> list[Row]:
    now = datetime.now(UTC)
    numbers = [n for each in known if (n := number(each.by.removeprefix("member "))) is not None]
    here = set(Member.objects.filter(pk__in=numbers, is_active=True).values_list("pk", flat=True))
    active = {f"member {pk}" for pk in here}

    def state(each: Token) -> str:
        if each.revoked_at is not None:
            return "revoked"
        if each.expires_at <= now:
            return "expired"
        return "" if each.by in active else "its member is gone"

    return [Row(each, name(each.by), state(each)) for each in known]


def _groups(role: str) -> list[tuple[str, list[tuple[str, str]]]]:
    """Scopes that this member may give, with what each lets a program do."""
    mine = [(name, right) for name, right in tokens.SCOPES.items() if may(role, right)]
    people = [(name, str(right)) for name, right in mine if right in PERSONAL]
    see = [(n, str(r)) for n, r in mine if r not in PERSONAL and str(r).startswith("see ")]
    do = [(n, str(r)) for n, r in mine if r not in PERSONAL and not str(r).startswith("see ")]
    return [("See", see), ("Do", do), ("Work with people’s data, for a purpose", people)]


urls = [
    path("tokens/", index, name="tokens"),
    path("tokens/make/", make, name="token-make"),
    path("tokens/<int:id>/revoke/", revoke, name="token-revoke"),
    path("tokens/webhooks/add/", add_webhook, name="webhook-add"),
    path("tokens/webhooks/<int:id>/remove/", remove_webhook, name="webhook-remove"),
    path("tokens/webhooks/<int:id>/start/", start_webhook, name="webhook-start"),
]
