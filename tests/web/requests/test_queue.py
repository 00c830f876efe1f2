"""The queue: the soonest first, no names, and as many questions for a thousand as for ten."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from datetime import timedelta

from django.db import connection
from django.test.utils import CaptureQueriesContext

from servanda.runtime.workspace import Workspace
from servanda.state.models import Request
from tests.web.requests.conftest import ANN, BOB, Desk


def filled(site: Workspace, number: int) -> None:
    """So many requests, each a day later than the one before."""
    today = site.desk.book.today()
    for each in range(number):
        site.desk.new(
            "erasure" if each % 2 else "access",
            ANN if each % 3 else BOB,
            received=today - timedelta(days=90 - each),
            via="post",
            by="me",
            name="Ann Lee",
        )


def test_it_shows_no_person(site: Workspace, desk: Callable[[str], Desk]) -> None:
    filled(site, 3)
    for role in ("support", "auditor", "privacy_lead"):
        page = desk(role).get("requests/")
        assert page.count("overdue</span>") == 3
        assert not any(each in page for each in ("ann@", "bob@", "Ann Lee", "90000001"))


def test_pages_and_filters(site: Workspace, lead: Desk) -> None:
    filled(site, 70)
    first = lead.get("requests/")
    assert first.count("<tr><td>") == 50
    assert first.index('aria-label="Request 1"') < first.index('aria-label="Request 2"')
    place = first.partition('href="?after=')[2].partition('"')[0]
    second = lead.get(f"requests/?after={place}")
    assert second.count("<tr><td>") == 20
    assert 'aria-label="Request 70"' in second and 'aria-label="Request 50"' not in second
    only = lead.get("requests/?right=erasure&overdue=1")
    late = Request.objects.filter(right="erasure", due__lt=site.desk.book.today()).count()
    assert 0 < late < 35 and only.count("<tr><td>") == late
    assert "70 open" in first
    site.desk.cancel("1", by="me")
    assert 'aria-label="Request 1"' not in lead.get("requests/")
    assert 'aria-label="Request 1"' in lead.get("requests/?state=cancelled")
    assert lead.get("requests/?after=nonsense&state=nonsense&right=nonsense")


def test_the_number_of_questions_stays(site: Workspace, lead: Desk) -> None:
    filled(site, 5)
    lead.get("requests/")  # the session is marked as seen
    with CaptureQueriesContext(connection) as few:
        lead.get("requests/")
    filled(site, 40)
    with CaptureQueriesContext(connection) as many:
        lead.get("requests/")
    assert len(many) == len(few)


def test_five_thousand_requests_are_listed_at_once(site: Workspace, lead: Desk) -> None:
    filled(site, 1)
    row, today = Request.objects.get(), site.desk.book.today()
    rows = [
        Request(
            person=row.person,
            right="access",
            state="received",
            place="",
            via="post",
            received=today,
            opened_at=row.opened_at,
            opened_by="me",
            safe_due=today + timedelta(days=each % 90),
            due=today + timedelta(days=each % 90),
        )
        for each in range(5_000)
    ]
    Request.objects.bulk_create(rows)
    lead.get("requests/")
    began = time.perf_counter()
    page = lead.get("requests/")
    assert time.perf_counter() - began < 1.0  # a few hundredths on an idle machine
    assert "5,001 open" in page and page.count("<tr><td>") == 50
    seen, place = set(re.findall(r"Request (\d+)", page)), page
    while match := re.search(r'href="\?([^"]*after=[^"]+)">Later', place):
        place = lead.get(f"requests/?{match[1]}")
        found = set(re.findall(r'aria-label="Request (\d+)"', place))
        assert found and not found & seen
        seen |= found
        if len(seen) > 300:
            break
    assert len(seen) > 300


def test_who_may(desk: Callable[[str], Desk]) -> None:
    desk("engineer").get("requests/", 403)
    desk("customer").get("requests/", 403)
