"""The banner's page in the console: what to copy, what each site lacks, who may see it."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime

from django.test import Client

from servanda.ledger.entries import stamp
from servanda.runtime.workspace import Workspace
from servanda.state.models import Fact, Job
from servanda.web.models import Member
from tests.web.consent.banner.conftest import declare
from tests.web.consent.banner.place import COOKIES

MakeClient = Callable[[str | Member | None], Client]
SITES = COOKIES.replace(
    "sites: [www.firm.localhost]", "sites: [good.test, bare.test, open.test, gone.test, new.test]"
)


def _found(**more: object) -> dict[str, object]:
    plain = {"reached": True, "tag": True, "first": True, "tls": True, "ungated": [], "unknown": []}
    return {**plain, "at": stamp(datetime.now(UTC)), **more}


def test_it_says_what_to_copy_and_what_each_site_lacks(site: Workspace, client: MakeClient) -> None:
    declare(site, SITES)
    told = {
        "good.test": _found(),
        "bare.test": _found(tag=False, first=False, unknown=["cdn.other.test"]),
        "open.test": _found(ungated=["stats.localhost"], first=False, tls=False),
        "gone.test": _found(reached=False, tag=False, why="TimeoutError"),
    }
    Fact.objects.create(key="sites", value=json.dumps(told))
    page = client("auditor").get("/console/banner/").content.decode()
    assert "&lt;script src=&quot;http" in page and "/consent/banner.js&quot;&gt;" in page
    parts = {part.partition("<")[0]: part for part in page.split('<h3 class="first mono">')[1:]}
    assert "✓ asks first" in parts["good.test"] and "✗" not in parts["good.test"]
    assert "✗ no banner" in parts["bare.test"] and "cdn.other.test" in parts["bare.test"]
    assert "✗ loads without asking" in parts["open.test"]
    assert "stats.localhost" in parts["open.test"] and "without TLS" in parts["open.test"]
    assert "not as the first script" in parts["open.test"]
    assert "? not reached" in parts["gone.test"] and "TimeoutError" in parts["gone.test"]
    assert "? not looked at yet" in parts["new.test"]
    assert "_ga, _ga_*" in page and "Look at them now" not in page


def test_the_sites_are_looked_at_when_asked(site: Workspace, client: MakeClient) -> None:
    declare(site)
    assert client("auditor").post("/console/banner/look/now/").status_code == 403
    assert not Job.objects.filter(kind="sites").exists()
    lead = client("privacy_lead")
    assert lead.post("/console/banner/look/now/").headers["Location"] == "/console/banner/"
    assert Job.objects.filter(kind="sites", state="waiting").count() == 1
    assert lead.get("/console/banner/look/?poll").status_code == 200
    assert client("support").get("/console/banner/").status_code == 403


def test_a_policy_without_a_banner_is_told_so(site: Workspace, client: MakeClient) -> None:
    page = client("owner").get("/console/banner/").content.decode()
    assert "declares no" in page and "The policy names none." in page


def test_the_preview_is_the_banner_itself(site: Workspace, client: MakeClient) -> None:
    declare(site)
    owner = client("owner")
    page = owner.get("/console/banner/preview/?lang=es").content.decode()
    assert '<html lang="es">' in page
    assert '<script src="/consent/banner.js" data-preview></script>' in page
    assert '<html lang="en">' in owner.get("/console/banner/preview/?lang=%22x").content.decode()
