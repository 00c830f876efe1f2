"""What the worker does for consents: what ran out is put down, what is past its time goes, and the
ledger learns how it stands (`consent.census`).

The danger: a banner or a gate that nobody can reach, and nobody notices. What guards it: each is
asked as a stranger would, on this machine, as often as evidence wants it
(tests/runtime/test_consentduties.py).
"""

from __future__ import annotations

import urllib.error
import urllib.request
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from servanda import ledger
from servanda.desk.consents import counting, keeping
from servanda.runtime import consentdeeds, sites
from servanda.runtime.portal import here

if TYPE_CHECKING:
    from servanda.ledger.entries import Entry
    from servanda.runtime.workspace import Workspace

_STARTING = timedelta(minutes=30)
_TIMEOUT_S = 20.0
FACES: dict[str, tuple[str, str, int]] = {
    "banner": ("GET", "/consent/banner.js", 200),
    "choice": ("OPTIONS", "/consent/choice", 204),
    "preferences": ("GET", "/consent/", 200),
    "unsubscribe": ("GET", "/consent/u/none", 404),
    "gate": ("GET", "/v1/may", 401),
}
"""By name: how each is asked, and what it answers a stranger when it is up."""
_OTHERS_404 = "/consent/nothing-is-here/at-all"


def tidy(workspace: Workspace) -> None:
    """What ran out, and what is past its time."""
    book = workspace.desk.book
    keeping.expire(book)
    keeping.forget(book, workspace.settings.consent.keep)


def census(workspace: Workspace, *, now: datetime | None = None) -> None:
    """As often as evidence wants it. Where nothing answers, the server is just starting."""
    moment = now or datetime.now(UTC)
    last = ledger.history.last("consent.census")
    often = workspace.settings.often(moment, workspace.zone)
    if last is not None and moment - last.at < often and not _seen_otherwise(workspace, last):
        return
    found = up(workspace)
    if found or (last is not None and moment - last.at > often + _STARTING):
        ledger.append([{"kind": "consent.census", **told(workspace, found)}], now=now)


def _seen_otherwise(workspace: Workspace, last: Entry) -> bool:
    """Whether a site looks otherwise than the ledger says: that is told at once."""

    def shown(told: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
        return {name: {k: v for k, v in site.items() if k != "at"} for name, site in told.items()}

    return shown(sites.latest(workspace)) != shown(last.data.get("sites", {}))


def told(workspace: Workspace, found: list[str]) -> dict[str, Any]:
    """What the entry says."""
    counting.flush()
    return {**consentdeeds.counts(), "up": found, "sites": sites.latest(workspace)}


def up(workspace: Workspace) -> list[str]:
    """The parts that answer on this machine as they should answer a stranger."""
    if _status(workspace, "GET", _OTHERS_404) is None:
        return []
    return sorted(
        name
        for name, (method, path, status) in FACES.items()
        if _status(workspace, method, path) == status
    )


def _status(workspace: Workspace, method: str, path: str) -> int | None:
    settings = workspace.settings.web
    parts = urlsplit(settings.address)
    headers = {"Host": parts.netloc, "X-Forwarded-Proto": parts.scheme}
    url = f"http://{here(settings.listen)}{path}"
    request = urllib.request.Request(url, headers=headers, method=method)
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(request, timeout=_TIMEOUT_S) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code
    except (urllib.error.URLError, OSError):
        return None
