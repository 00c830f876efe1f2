"""In Chromium, with a real server and a real mailbox: the life of an enquiry, what roles are
refused, and the way from the sign-in to a request with nothing but a keyboard."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from django.test import Client
from playwright.sync_api import Browser, Page, expect

from servanda.desk import access
from servanda.desk.roles import Role
from servanda.runtime import hub
from servanda.runtime.workspace import Workspace
from servanda.web.enquiry import guard
from servanda.web.models import Member
from servanda.web.start import configure_django
from tests.desk.requests.mail_world import Server, body, serving
from tests.web.conftest import PASSWORD
from tests.web.requests.tenants import with_tenants
from tests.web.world import Served, build_site, code, factor

pytestmark = pytest.mark.services

Prepare = Callable[[Workspace], dict[str, str]]


def _members(workspace: Workspace) -> dict[str, str]:
    """One of each role: role to the cookie of their session, and the owner's secret."""
    with_tenants(workspace)
    found = {}
    for role in Role:
        tenant = "acme" if role is Role.CUSTOMER else ""
        member = Member.objects.create_user(
            f"{role.value}@firm.test", PASSWORD, name=role.label.title(), role=role, tenant=tenant
        )
        secret = factor(member)
        client = Client(SERVER_NAME="localhost")
        client.force_login(member)
        found[role.value] = client.cookies["servanda"].value
        if role is Role.OWNER:
            found["secret"] = secret
            ref = workspace.desk.new(
                "erasure",
                [("email", "ann@example.test")],
                received=workspace.desk.book.today(),
                via="phone",
                by=member.by,
            )
            access.begin(
                access.Reader(member.by, role.value),
                "rights",
                f"request:{ref}",
                policy=workspace.policy,
                lasts=timedelta(hours=1),
            )
    return found


def _prepared(folder: Path) -> dict[str, str]:
    with Workspace.open(folder) as workspace:
        configure_django(workspace.settings.web, workspace.master)
        workspace.use_state(every=True)
        hub.begin(workspace)
        return _members(workspace)


@pytest.fixture
def mailbox() -> Iterator[Server]:
    with serving() as found:
        yield found


@pytest.fixture
def firm(tmp_path: Path, mailbox: Server) -> Iterator[tuple[Served, dict[str, str]]]:
    folder = tmp_path / "served"
    mail = f'[mail]\nhost = "127.0.0.1"\nport = {mailbox.port}\nsecurity = "none"\n'
    build_site(folder, f'{mail}sender = "privacy@house.test"\n')
    with ThreadPoolExecutor(1) as pool:  # the browser's loop is in this thread
        cookies = pool.submit(_prepared, folder).result()
    with Served(folder) as served:
        yield served, cookies


def _page(browser: Browser, firm: tuple[Served, dict[str, str]], role: str = "") -> Page:
    served, cookies = firm
    context = browser.new_context(base_url=served.url)
    if role:
        context.add_cookies([{"name": "servanda", "value": cookies[role], "url": served.url}])
    return context.new_page()


def _kept(folder: Path) -> list[tuple[str | None, ...]]:
    with closing(sqlite3.connect(folder / ".servanda" / "enquiries.sqlite3")) as database:
        query = "SELECT name, email, message, answer FROM enquiries ORDER BY id"
        return list(database.execute(query))


def _write(page: Page, name: str) -> None:
    page.goto("/enquiry/")
    page.get_by_label("Your name").fill(name)
    page.get_by_label("Your e-mail address").fill(f"{name.lower()}@visitor.test")
    page.get_by_label("Your message").fill(f"A question of {name}.")
    page.wait_for_timeout((guard.SOONEST_S + 1) * 1000)  # people do not write faster
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Thank you")


def test_an_enquiry_from_the_form_to_its_end(
    firm: tuple[Served, dict[str, str]], browser: Browser, mailbox: Server
) -> None:
    folder = firm[0].folder
    visitor = _page(browser, firm)
    for name in ("Ann", "Bob", "Cid"):
        _write(visitor, name)
    assert [row[0] for row in _kept(folder)] == ["Ann", "Bob", "Cid"]

    staff = _page(browser, firm, "support")
    staff.goto("/console/enquiries/")
    expect(staff.get_by_text("3 open, 3 without an answer")).to_be_visible()
    assert "Bob" not in staff.content()
    staff.get_by_role("link", name="2", exact=True).click()
    expect(staff.get_by_role("heading", level=1)).to_have_text("Why do you read this?")
    staff.get_by_label("customer support").check()
    staff.get_by_role("button", name="Go on").click()
    expect(staff.get_by_text("A question of Bob.")).to_be_visible()
    staff.get_by_label("Your answer, sent by mail").fill("It is so, and not otherwise.")
    staff.get_by_role("button", name="Send the answer").click()
    expect(staff.get_by_text("It is so, and not otherwise.")).to_be_visible()
    for _ in range(100):
        if mailbox.to("bob@visitor.test"):
            break
        staff.wait_for_timeout(100)
    (letter,) = mailbox.to("bob@visitor.test")
    assert "It is so, and not otherwise." in body(letter)
    assert not mailbox.to("ann@visitor.test") and not mailbox.to("cid@visitor.test")

    close = staff.get_by_role("button", name="Erase and close")
    expect(close).to_be_disabled()
    number = staff.locator("form[data-confirm]").get_attribute("data-confirm")
    assert number and int(number) > 2
    staff.get_by_label(f"Type {number} to confirm").fill("1")
    expect(close).to_be_disabled()
    assert _kept(folder)[1][0] == "Bob"
    staff.get_by_label(f"Type {number} to confirm").fill(number)
    close.click()
    staff.goto("/console/enquiries/2/")
    expect(staff.get_by_text("personal fields were erased")).to_be_visible()
    ann, bob, cid = _kept(folder)
    assert bob == (None, None, None, None)
    assert (ann[0], cid[0]) == ("Ann", "Cid")


REFUSED = {
    "auditor": ("requests/1/", "requests/new/", "settings/policy.yaml/edit/", "holds/add/"),
    "support": ("plans/", "evidence/", "stores/", "people/", "settings/policy.yaml/edit/"),
    "engineer": ("requests/", "enquiries/", "callers/", "access-log/", "contacts/"),
    "customer": ("requests/", "plans/", "people/", "evidence/", "settings/", "map/"),
}
ALLOWED = {
    "auditor": ("Evidence", "evidence/"),
    "support": ("Enquiries", "enquiries/"),
    "engineer": ("Plans", "plans/"),
    "customer": ("Acme", "own/"),
}


def test_a_role_is_refused_what_is_not_its_own(
    firm: tuple[Served, dict[str, str]], browser: Browser
) -> None:
    for role in REFUSED:
        _refused(firm, browser, role)


def _refused(firm: tuple[Served, dict[str, str]], browser: Browser, role: str) -> None:
    page = _page(browser, firm, role)
    heading, allowed = ALLOWED[role]
    page.goto(f"/console/{allowed}")
    expect(page.get_by_role("heading", level=1)).to_have_text(heading)  # presence
    shown = page.get_by_role("navigation", name="Pages").get_by_role("link")
    offered = {each.get_attribute("href") for each in shown.all()}
    for path in REFUSED[role]:
        told = page.goto(f"/console/{path}")
        assert told is not None
        assert told.status == 403, (role, path, told.status)
        assert "example.test" not in page.content()
        assert f"/console/{path}" not in offered
    page.goto("/console/")
    expected = "Acme" if role == "customer" else "Promises"
    expect(page.get_by_role("heading", level=1)).to_contain_text(expected)


def _focused(page: Page) -> str:
    return str(page.evaluate("() => (document.activeElement.innerText || '').trim()"))


def _visible_focus(page: Page) -> bool:
    """Whether what has the focus is outlined, and within the window."""
    return bool(
        page.evaluate(
            """() => { const node = document.activeElement, box = node.getBoundingClientRect();
            const style = getComputedStyle(node);
            return node !== document.body && style.outlineStyle !== 'none'
              && parseFloat(style.outlineWidth) >= 2 && box.width > 0 && box.left >= 0; }"""
        )
    )


def _tab_to(page: Page, words: str, most: int = 60) -> None:
    """Go on by Tab until something with these words has the focus, which is seen all the way."""
    for _ in range(most):
        page.keyboard.press("Tab")
        assert _visible_focus(page), _focused(page)
        if _focused(page) == words:
            return
    raise AssertionError(f"no way to {words} by keyboard")


def test_from_the_sign_in_to_a_request_by_keyboard_alone(
    firm: tuple[Served, dict[str, str]], browser: Browser
) -> None:
    page = _page(browser, firm)
    page.goto("/console/")
    expect(page).to_have_url(re.compile("/accounts/login/"))
    _type(page, "login", "owner@firm.test")
    _type(page, "password", PASSWORD)
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/accounts/2fa/authenticate/"))
    _type(page, "code", code(firm[1]["secret"]))
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Promises")

    page.keyboard.press("Tab")
    assert _focused(page) == "Skip to the content" and _visible_focus(page)
    page.keyboard.press("Enter")
    assert page.evaluate("() => document.activeElement.id") == "main"
    page.keyboard.press("Tab")
    assert page.evaluate("() => !!document.activeElement.closest('main')")  # not the menu again

    page.goto("/console/")
    _tab_to(page, "Requests")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Requests")
    _tab_to(page, "1")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Request 1: erasure")
    _tab_to(page, "What is theirs")


def _type(page: Page, field: str, text: str) -> None:
    """Tab to a field and write into it."""
    for _ in range(12):
        if page.evaluate("() => document.activeElement.name || ''") == field:
            break
        page.keyboard.press("Tab")
        assert _visible_focus(page)
    else:
        raise AssertionError(f"no way to {field} by keyboard")
    page.keyboard.type(text)
