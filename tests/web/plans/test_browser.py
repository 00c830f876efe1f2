"""A plan from the button to its end, through a real browser and a real server."""

from __future__ import annotations

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from servanda import state
from servanda.web.models import Member
from servanda.web.start import configure
from tests.web.plans.conftest import FRESH, calls, change, fill, limit
from tests.web.world import Served, build_site, factor

DUE = 300


@pytest.fixture
def slow(tmp_path: Path) -> Iterator[Served]:
    """Three hundred calls go, in more than a second."""
    folder = tmp_path / "served"
    build_site(folder)
    fill(folder, list(range(100, 100 + DUE)))
    limit(folder, 100)
    change(folder, "stores.yaml", "limit: {breaker", "limit: {rows_per_second: 60, breaker")
    with Served(folder) as found:
        yield found


def session_of(folder: Path) -> str:
    """The session of an owner with a second factor; signing in itself is another test's."""
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.contrib.sessions.backends.db import SessionStore

    configure(folder)
    member = Member.objects.create_user("o@firm.test", "x" * 20, name="Olive", role="owner")
    factor(member)
    session = SessionStore()
    session[SESSION_KEY] = str(member.pk)
    session[BACKEND_SESSION_KEY] = "allauth.account.auth_backends.AuthenticationBackend"
    session[HASH_SESSION_KEY] = member.get_session_auth_hash()
    session.create()
    state.close()
    return str(session.session_key)


def signed_in(served: Served, browser: Browser) -> Page:
    with ThreadPoolExecutor(1) as pool:  # the browser's loop is in this thread
        key = pool.submit(session_of, served.folder).result()
    context = browser.new_context(base_url=served.url)
    context.add_cookies([{"name": "servanda", "value": key, "url": served.url}])
    return context.new_page()


def test_from_the_button_to_the_end(slow: Served, browser: Browser) -> None:
    page = signed_in(slow, browser)
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.goto("/console/plans/")
    page.get_by_role("button", name="Make a plan").click()
    page.get_by_role("link", name="Look at it").click(timeout=20_000)  # it came by itself
    expect(page.get_by_text("300 records would be deleted or changed")).to_be_visible()
    expect(page.get_by_text("more than 100 records")).to_be_visible()
    assert page.get_by_role("button", name="Run", exact=True).count() == 0
    page.get_by_label(re.compile("Why it may go")).fill("an old import")
    page.get_by_role("button", name="Approve").click()
    run = page.get_by_role("button", name="Run", exact=True)
    expect(run).to_be_disabled()
    page.get_by_label(re.compile("Type the number")).fill("301")
    expect(run).to_be_disabled()
    page.get_by_label(re.compile("Type the number")).fill("300")
    assert len(calls(slow.folder)) == DUE + len(FRESH)
    run.click()
    expect(page.locator("progress")).to_be_visible()
    begun = re.compile(r": [1-9][0-9]* of 300")  # one stopped before that has nothing to go on with
    expect(page.get_by_text(begun)).to_be_visible(timeout=20_000)
    page.get_by_role("button", name="Pause").click()
    expect(page.get_by_text("Paused. What was done is done")).to_be_visible(timeout=20_000)
    left = len(calls(slow.folder))
    assert len(FRESH) < left
    page.get_by_label(re.compile("Type the number")).fill("300")
    page.get_by_role("button", name="Go on").click()
    done = page.get_by_text("300 of 300 records were deleted or changed")
    expect(done).to_be_visible(timeout=30_000)  # the page loaded itself anew
    assert calls(slow.folder) == FRESH
    assert said == []  # nothing the content policy refused
