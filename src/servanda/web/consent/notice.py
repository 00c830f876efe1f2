"""`/consent/notice.json`: a change of the policy that comes, for the banner of the sites."""

from __future__ import annotations

from datetime import UTC, datetime
from urllib.parse import urlsplit

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import path, reverse
from django.views.decorators.http import require_safe

from servanda.desk import editions
from servanda.runtime import hub
from servanda.web.kit.access import public


@public
@require_safe
def notice(request: HttpRequest) -> HttpResponse:
    """`{"notice": null}` where none comes. `accept`: its new terms count for who accepts them."""
    found = editions.pending(datetime.now(UTC))
    data = None
    if found is not None:
        address = hub.workspace().settings.web.address
        data = {
            "edition": found.number,
            "binds_at": found.binds_at.astimezone(UTC).isoformat(),
            "accept": found.asks,
            "changes": list(found.changes),
            "url": f"{address}{reverse('portal-version', args=[found.number])}",
        }
    answer = JsonResponse({"notice": data})
    answer["Cache-Control"] = "public, max-age=300"
    answer["Vary"] = "Origin"
    origin = request.headers.get("Origin", "")
    if _ours(origin):
        answer["Access-Control-Allow-Origin"] = origin
    return answer


def _ours(origin: str) -> bool:
    """A page of a site that carries the banner."""
    banner, parts = hub.workspace().policy.banner, urlsplit(origin)
    known = parts.scheme in ("http", "https") and banner is not None
    return known and banner is not None and parts.hostname in banner.sites


urls = [path("notice.json", notice, name="consent-notice")]
