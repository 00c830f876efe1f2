"""The company's own sites, looked at from outside: is the banner there, and does anything load
that should wait for a choice?

    sites.look(workspace)      ask each site of `banner.sites` now, and keep what was found
    sites.latest(workspace)    what was found last: what `consent.census` tells of sites

The danger: a promise that is true in the policy and untrue on the site, because somebody pasted a
tag there. What guards it: every site is fetched several times a day, as a visitor would, and what
its HTML loads is compared with `cookies.*.hosts`. Only the front page is read and nothing is run,
so what a script brings later is the banner's to hold back (docs/how-to/banner.md).
Addresses inside the network are called only where servanda.toml names that origin, `[web] sites`.
Tests: tests/runtime/sites/, tests/cli/test_banner_command.py.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from servanda import state
from servanda.desk import outward
from servanda.ledger.entries import stamp
from servanda.policy.rules import Policy
from servanda.runtime.sites.reading import Read, read
from servanda.state.connection import guard
from servanda.state.models import Fact

if TYPE_CHECKING:
    from servanda.runtime.jobs import Told
    from servanda.runtime.workspace import Workspace

ABOUT = "sites"
EVERY = timedelta(hours=6)
_FACT = "sites"
_MOST_BYTES = 2 << 20
_ACTIVE = frozenset(("script", "iframe", "frame", "embed", "object"))
_AS = {"User-Agent": "Servanda-site-check", "Accept": "text/html", "Accept-Encoding": "identity"}


def look(workspace: Workspace, *, now: datetime | None = None) -> dict[str, dict[str, Any]]:
    """Fetch each site, and keep what was found."""
    banner = workspace.policy.banner
    found = {}
    for name in banner.sites if banner else ():
        at = now or datetime.now(UTC)
        found[name] = {**_one(workspace, name), "at": stamp(at)}
    with state.transaction():
        Fact.objects.update_or_create(key=_FACT, defaults={"value": json.dumps(found)})
    return found


def latest(workspace: Workspace) -> dict[str, dict[str, Any]]:
    """What was found last, of the sites that the policy names now. One nobody looked at yet stands
    there as not reached."""
    banner = workspace.policy.banner
    with guard():
        kept = Fact.objects.filter(key=_FACT).values_list("value", flat=True).first()
    told = json.loads(kept) if kept else {}
    unknown = {"reached": False, "tag": False, "ungated": [], "at": None}
    return {name: told.get(name, unknown) for name in (banner.sites if banner else ())}


def tend(workspace: Workspace) -> None:
    """A duty: have the sites looked at again, when it is time or the policy names another one."""
    from servanda.desk.settings import SCHEDULE
    from servanda.runtime import jobs

    told = latest(workspace)
    due = stamp(datetime.now(UTC) - EVERY)
    if any(each["at"] is None or each["at"] < due for each in told.values()):
        jobs.ask("sites", {}, about=ABOUT, by=SCHEDULE)


def look_now(workspace: Workspace, payload: Mapping[str, Any], told: Told) -> None:
    """A job: asked for by the schedule, or in the console."""
    told.tell({"doing": "looking at each site"})
    told.tell({"sites": len(look(workspace))})


def _one(workspace: Workspace, name: str) -> dict[str, Any]:
    page, why = _fetched(workspace, name)
    if page is None:
        return {"reached": False, "tag": False, "ungated": [], "why": why}
    ours = f"{workspace.settings.web.address}/consent/banner.js"
    found = read(page.body.decode("utf-8", "replace"), page.url, ours)
    return {
        "reached": True,
        "tag": found.banner,
        "first": found.first,
        "tls": page.url.startswith("https:"),
        **_compared(found, workspace.policy, _own(workspace, name, page.url)),
    }


def _fetched(workspace: Workspace, name: str) -> tuple[outward.Got | None, str]:
    """The front page: with TLS, or else without; or why there is none, in a word."""
    why = ""
    named = [each for each in workspace.settings.web.sites if urlsplit(each).hostname == name]
    for origin in named or [f"https://{name}", f"http://{name}"]:
        try:
            page = outward.get(f"{origin}/", _AS, inside=bool(named), most=_MOST_BYTES)
        except outward.Refused as error:
            why = why or error.code
        else:
            return page, ""
    return None, why


def _own(workspace: Workspace, name: str, url: str) -> tuple[str, ...]:
    """Hosts that are the company's: its sites, where this one was found, and our server."""
    banner = workspace.policy.banner
    here = (urlsplit(url).hostname, urlsplit(workspace.settings.web.address).hostname)
    found = {name, *(banner.sites if banner else ()), *(each for each in here if each)}
    return tuple(sorted({each.removeprefix("www.") for each in found}))


def _compared(found: Read, policy: Policy, own: tuple[str, ...]) -> dict[str, list[str]]:
    """`ungated`: hosts that must wait, and do not. `unknown`: others whose scripts or frames run,
    and of which the policy says nothing."""
    waits = {h for each in policy.cookies if each.category != "necessary" for h in each.hosts}
    known = {host for each in policy.cookies for host in each.hosts}
    loaded = {each.host for each in found.loads}
    # An inline script that adds others is held back by the banner, where that ran before it.
    named = set() if found.banner and found.first else found.inline
    active = {each.host for each in found.loads if each.tag in _ACTIVE}
    return {
        "ungated": sorted(each for each in loaded | named if _within(each, waits)),
        "unknown": sorted(
            each for each in active if not _within(each, known) and not _within(each, own)
        ),
    }


def _within(host: str, those: set[str] | tuple[str, ...]) -> bool:
    return any(host == each or host.endswith(f".{each}") for each in those)
