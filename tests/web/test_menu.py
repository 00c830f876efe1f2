"""The way around shows each role what it may open, and nothing else; nor do the pages behind it."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from urllib.parse import urlsplit

import pytest
from django.test import Client
from django.urls import resolve, reverse

from servanda.desk import enquiries, incidents
from servanda.desk.roles import GRANTS, Role
from servanda.runtime.workspace import Workspace
from servanda.web.kit.access import said
from servanda.web.kit.shell import WAYS
from servanda.web.models import Member

Made = Callable[..., Member]
Browser = Callable[[str | Member | None], Client]
_MENU = re.compile(r'<nav class="side".*?</nav>', re.DOTALL)
_MAIN = re.compile(r"<main.*?</main>", re.DOTALL)
_HREF = re.compile(r'<a [^>]*?href="([^"#]+)"')


def _of(member: Made, role: Role) -> Member:
    return member(role.value, "acme" if role is Role.CUSTOMER else "")


def _filled(site: Workspace) -> None:
    """Something on each list that links to more."""
    for name in ("Ann", "Bob"):
        enquiries.receive(name=name, email=f"{name}@example.test", message="Do you do roofs?")
        site.desk.new(
            "erasure",
            [("email", f"{name}@example.test")],
            received=site.desk.book.today(),
            via="phone",
            by="member 1",
        )
    incidents.open_(
        site.master,
        kind="loss",
        severity="low",
        noticed_at=datetime.now(UTC),
        summary="A bag was left in a bus.",
        personal=True,
        by="member 1",
    )
    site.checkpoint()


@pytest.mark.parametrize("role", list(Role))
def test_the_menu_lists_what_the_role_may_open(
    site: Workspace, member: Made, client: Browser, role: Role
) -> None:
    browser = client(_of(member, role))
    start = browser.get("/console/", follow=True).content.decode()
    shown = {href for menu in _MENU.findall(start) for href in _HREF.findall(menu)}
    mine = {reverse(each.name) for each in WAYS if each.right in GRANTS[role]}
    assert mine and shown == mine
    for each in WAYS:
        address = reverse(each.name)
        assert said(resolve(address).func) == each.right, each.name
        answer = browser.get(address)
        if address not in mine:
            assert answer.status_code in (302, 403), address
        elif answer.status_code == 302:
            assert urlsplit(answer.headers["Location"]).path == reverse("purpose"), address
        else:
            assert answer.status_code == 200, address


@pytest.mark.parametrize("role", list(Role))
def test_no_page_of_the_menu_leads_to_a_refusal(
    site: Workspace, member: Made, client: Browser, role: Role
) -> None:
    _filled(site)
    browser = client(_of(member, role))
    asked: set[str] = set()
    for each in WAYS:
        if each.right not in GRANTS[role]:
            continue
        answer = browser.get(reverse(each.name))
        if answer.status_code != 200:
            continue
        for href in _HREF.findall(_MAIN.findall(answer.content.decode())[0]):
            link = href.replace("&amp;", "&")
            if link in asked or not link.startswith(("/console/", "?")):
                continue
            asked.add(link)
            at = f"{reverse(each.name)}{link}" if link.startswith("?") else link
            assert browser.get(at).status_code < 400, (each.name, link)
    assert asked or role is Role.CUSTOMER
