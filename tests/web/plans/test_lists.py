"""Lists ask the database as often for many rows as for few, and go on page by page."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from servanda.desk import holds, incidents
from servanda.plan.file import sealed
from servanda.runtime import plans
from servanda.runtime.workspace import Workspace
from tests.web.plans.conftest import Browse


def add(site: Workspace, what: str, numbers: range) -> None:
    now = datetime.now(UTC)
    plan = plans.make(site, now) if what == "plans" else None
    for n in numbers:
        at, by = now - timedelta(days=1) + timedelta(seconds=n), f"member {n + 100}"
        if plan is not None:
            plans.write(site, sealed(replace(plan, made_at=at, digest="")), by=by)
        elif what == "holds":
            holds.add_record(site.master, "pbx.calls", [n], reason="a case", by=by, now=at)
        else:
            incidents.open_(
                site.master,
                kind="loss",
                severity="low",
                personal=True,
                noticed_at=at,
                summary=f"number {n}",
                by=by,
                now=at,
            )


def asked(browser: Client, address: str) -> int:
    with CaptureQueriesContext(connection) as queries:
        assert browser.get(address).status_code == 200
    return len(queries)


@pytest.mark.parametrize("what", ["plans", "holds", "incidents"])
def test_as_often_for_many_as_for_few(site: Workspace, client: Browse, what: str) -> None:
    auditor, address = client("auditor"), f"/console/{what}/"
    add(site, what, range(3))
    asked(auditor, address)
    few = asked(auditor, address)
    add(site, what, range(10, 40))
    assert asked(auditor, address) == few


def test_older_ones_are_a_page_away(site: Workspace, client: Browse) -> None:
    auditor = client("auditor")
    add(site, "incidents", range(55))
    add(site, "holds", range(55))
    add(site, "plans", range(33))
    for what, most in (("incidents", 50), ("holds", 50), ("plans", 30)):
        page = auditor.get(f"/console/{what}/").content.decode()
        assert page.count("<tr>") == most + 1
        address = page.split('<p><a href="?')[-1].split('"')[0].replace("&amp;", "&")
        rest = auditor.get(f"/console/{what}/?{address}").content.decode()
        assert 4 <= rest.count("<tr>") <= 6
        assert not set(_firsts(page)) & set(_firsts(rest))


def _firsts(page: str) -> list[str]:
    """What names each row."""
    rows = page.split("<tbody>")[1].split("</tbody>")[0].split("<tr>")[1:]
    return [row.split("</td>")[0] for row in rows]
