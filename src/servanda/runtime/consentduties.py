"""What the worker does for consents: what ran out is put down, what is past its time goes, and the
ledger learns how it stands (`consent.census`).

The danger: a banner or a gate that nobody can reach, and nobody notices. What guards it: each is
asked as a stranger would, on this machine, as often as evidence wants it
(tests/runtime/test_consentduties.py).
"""

from __future__ import annotations

import urllib.error
import urllib.request
from datetime import UTC, datetime, timedelta
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from servanda import ledger
from servanda.desk.consents import counting, keeping
from servanda.runtime import consentdeeds
from servanda.runtime.portal import _here

if TYPE_CHECKING:
    from servanda.runtime.workspace import Workspace

_STARTING = timedelta(minutes=30)
_TIMEOUT_S = 20.0
_SITES = "servanda.runtime.banner"
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
    if last is not None and moment - last.at < often:
        return
    found = up(workspace)
    if found or (last is not None and moment - last.at > often + _STARTING):
        ledger.append([{"kind": "consent.census", **told(workspace, found)}], now=now)


def told(workspace: Workspace, found: list[str]) -> dict[str, Any]:
    """What the entry says."""
    counting.flush()
    return {**consentdeeds.counts(), "up": found, "sites": _sites(workspace)}


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
    url = f"http://{_here(settings.listen)}{path}"
    request = urllib.request.Request(url, headers=headers, method=method)
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(request, timeout=_TIMEOUT_S) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code
    except (urllib.error.URLError, OSError):
        return None


def _sites(workspace: Workspace) -> dict[str, Any]:
    """How the company's sites carry the banner, as it was last looked at."""
    if find_spec(_SITES) is None:
        return {}
    look = getattr(import_module(_SITES), "last", None)
    found: dict[str, Any] = look(workspace) if look else {}
    return found
