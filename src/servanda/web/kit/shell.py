"""What every page's frame shows: the organisation, the way around, what is wrong with the files."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse

from servanda.desk.roles import May, may
from servanda.runtime import hub
from servanda.web.models import Member


@dataclass(frozen=True, slots=True)
class Place:
    """One entry of the console's way around. `name` is the address's name."""

    title: str
    name: str
    right: May


WAYS = (
    Place("Board", "console", May.BOARD),
    Place("Requests", "requests", May.REQUESTS),
    Place("Mail", "mail", May.REQUESTS),
    Place("Enquiries", "enquiries", May.ENQUIRIES),
    Place("Find a person", "find", May.FIND),
    Place("Forms", "forms", May.SETTINGS),
    Place("Consents", "consents", May.CONSENTS),
    Place("Caller check", "callers", May.CALLERS),
    Place("Incidents", "incidents", May.INCIDENTS),
    Place("Plans", "plans", May.PLANS),
    Place("Runs", "runs", May.PLANS),
    Place("Forecast", "forecast", May.MAP),
    Place("Data map", "map", May.MAP),
    Place("Stores", "stores", May.STORES),
    Place("Holds", "holds", May.HOLDS),
    Place("Published policy", "published", May.SETTINGS),
    Place("Banner", "banner", May.SETTINGS),
    Place("Evidence", "evidence", May.EVIDENCE),
    Place("Access log", "access-log", May.ACCESS_LOG),
    Place("People and roles", "people", May.PEOPLE),
    Place("API and webhooks", "tokens", May.TOKENS),
    Place("Settings", "settings", May.SETTINGS),
    Place("Your company", "own", May.OWN_TENANT),
)


def context(request: HttpRequest) -> dict[str, Any]:
    member = getattr(request, "user", None)
    ways = []
    if isinstance(member, Member):
        for place in WAYS:
            if may(member.role, place.right):
                try:
                    href = reverse(place.name)
                except NoReverseMatch:
                    continue
                ways.append({"title": place.title, "href": href, "here": _here(request, href)})
    workspace = hub.workspace()
    return {
        "organisation": workspace.policy.organisation,
        "ways": ways,
        "fault": hub.fault() if ways else None,
    }


def _here(request: HttpRequest, href: str) -> bool:
    if href == reverse("console"):
        return request.path in (href, reverse("board"))
    return request.path == href or request.path.startswith(href)
