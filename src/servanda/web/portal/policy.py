"""The policy as it is in force, to read; and its versions, as the ledger saw them."""

from __future__ import annotations

from datetime import UTC, datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_safe

from servanda import law
from servanda.desk import editions
from servanda.desk.portal import form as asked
from servanda.ledger import history
from servanda.policy.differing import Difference
from servanda.policy.rules import Activity, Policy, Recipient
from servanda.publish.policy.keeping import kept
from servanda.runtime import hub
from servanda.state.models import Edition
from servanda.web.kit.access import public
from servanda.web.portal import words


@public
@require_safe
def policy(request: HttpRequest) -> HttpResponse:
    bound = editions.current(datetime.now(UTC))
    found = editions.compiled(bound) if bound else hub.workspace().policy
    book = hub.workspace().desk.book
    today = book.today()
    context = {
        "policy": found,
        "edition": bound,
        "changes": _changes(bound),
        "activities": [_activity(found, each) for each in found.activities],
        "recipients": [_recipient(each) for each in found.recipients],
        "rights": [_right(found, each) for each in asked.rights(book, today)],
        "consents": [
            (words.capital(words.term("purpose", each.purpose)), each.point)
            for each in found.consents
        ],
        "places": [words.country(code) for code in found.jurisdictions],
        "regulators": list(
            dict.fromkeys(
                (each.name, each.route)
                for place in book.places(None, today)
                for each in law.regulators(place, today)
            )
        ),
    }
    return render(request, "portal/policy.html", context)


def _changes(bound: Edition | None) -> tuple[Difference, ...]:
    if bound is None or bound.number == 1:
        return ()
    return editions.between(bound.number - 1, bound.number)


@public
@require_safe
def versions(request: HttpRequest) -> HttpResponse:
    """Every text of the policy that was in force, the newest first."""
    now = datetime.now(UTC)
    bound = editions.current(now)
    context = {
        "editions": [(each, each.bound(now)) for each in editions.standings()[::-1]],
        "bound": bound.number if bound else 0,
        "versions": versions_of(),
        "current": hub.workspace().policy.digest,
    }
    return render(request, "portal/versions.html", context)


def versions_of() -> list[dict[str, object]]:
    """From when, the digest of its meaning, and the ledger's entry that says so. The ledger has an
    entry for each change, also of the mapping alone, which is no new version."""
    found: list[dict[str, object]] = []
    for entry in history.entries("policy"):
        if not found or found[-1]["digest"] != entry.data["digest"]:
            found.append({"at": entry.at, "digest": entry.data["digest"], "entry": entry.index})
    return found[::-1]


def _activity(found: Policy, each: Activity) -> dict[str, object]:
    title = each.id.replace("-", " ").replace("_", " ")
    by_id = {recipient.id: recipient.name for recipient in found.recipients}
    return {
        "title": words.capital(title),
        "purposes": [words.term("purpose", one) for one in each.purposes],
        "basis": words.term("basis", each.basis),
        "subjects": [words.term("subject", one) for one in each.subjects],
        "data": [words.term("data", one) for one in each.data],
        "recipients": [by_id.get(one, one) for one in each.recipients],
        "kept": kept(each, words.wording(found)),
        "source": each.source,
        "automated": each.automated,
        "for_customers": each.role == "processor",
    }


def _recipient(each: Recipient) -> dict[str, str]:
    return {
        "name": each.name,
        "kind": words.term("recipient", each.kind),
        "country": words.country(each.country),
        "transfer": words.term("transfer", each.transfer) if each.transfer else "",
    }


def _right(found: Policy, id_: str) -> dict[str, object]:
    promised = found.right(id_)
    within = promised.answer_within if promised else None
    return {
        "name": words.right_name(id_),
        "says": words.RIGHTS[id_][1],
        "within": words.period(within) if within else "",
        "through": promised.through if promised else "",
        "sooner": promised.law_sooner if promised else "",
    }


urls = [
    path("policy/", policy, name="portal-policy"),
    path("policy/versions/", versions, name="portal-versions"),
]
