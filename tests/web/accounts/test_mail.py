"""Invitations and notices go out by mail where a server is set; a page never fails for a mail."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from email import message_from_bytes, policy
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from django.test import Client

from servanda.desk import invitations
from servanda.desk.requests import outbox
from servanda.runtime import hub
from servanda.runtime.workspace import Workspace
from servanda.web.models import Member
from tests.web.accounts.test_people import _fresh
from tests.web.conftest import PASSWORD

FORM = {"name": "Ben", "email": "ben@firm.test", "role": "support", "tenant": ""}
INVITE = "/console/people/invite/"


class Box:
    def __init__(self) -> None:
        self.got: list[tuple[str, str, str]] = []

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        found = message_from_bytes(envelope.content, policy=policy.default)
        body = found.get_body()
        assert body is not None
        self.got.append((str(found["To"]), str(found["Subject"]), body.get_content()))
        return "250 OK"


def _port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def _mail_goes_to(site: Workspace, port: int) -> None:
    (site.folder / "servanda.toml").write_text(
        f'[mail]\nhost = "127.0.0.1"\nport = {port}\nsecurity = "none"\nsender = "p@firm.test"\n'
    )
    assert hub.workspace().settings.mail.port == port


@pytest.fixture
def box(site: Workspace) -> Iterator[Box]:
    found, port = Box(), _port()
    controller = Controller(found, hostname="127.0.0.1", port=port)
    controller.start()
    _mail_goes_to(site, port)
    yield found
    controller.stop()


def _delivered(box: Box) -> list[tuple[str, str, str]]:
    outbox.deliver(hub.workspace().desk.book)
    return box.got


def test_an_invitation_is_mailed_with_the_link_of_the_page(
    box: Box, client: Callable[[str], Client]
) -> None:
    page = _fresh(client("owner")).post(INVITE, FORM).content.decode()
    assert "it is also mailed" in page
    ((to, _, text),) = _delivered(box)
    assert to == "ben@firm.test"
    link = page.partition('class="mono" value="')[2].partition('"')[0]
    assert link in text
    assert invitations.find(link.rstrip("/").rpartition("/")[2]) is not None


def test_who_changes_the_password_hears_of_it_and_is_signed_out(
    box: Box, member: Callable[[str], Member], client: Callable[[Member], Client]
) -> None:
    owner, auditor = member("owner"), member("auditor")
    mine, phone, other = client(owner), client(owner), client(auditor)
    assert [each.get("/console/").status_code for each in (mine, phone, other)] == [200] * 3
    new = "something else entirely"
    form = {"oldpassword": "wrong", "password1": new, "password2": new}
    assert mine.post("/accounts/password/change/", form).status_code == 200
    assert _delivered(box) == []
    told = mine.post("/accounts/password/change/", {**form, "oldpassword": PASSWORD})
    assert told.status_code == 302
    assert [each.get("/console/").status_code for each in (mine, phone, other)] == [302, 302, 200]
    ((to, subject, text),) = _delivered(box)
    assert to == owner.email
    assert "assword" in subject
    assert new not in text


def test_where_no_mail_can_be_sent_the_page_still_shows_the_link(
    site: Workspace, client: Callable[[str], Client]
) -> None:
    _mail_goes_to(site, _port())  # nobody listens there
    told = _fresh(client("owner")).post(INVITE, FORM)
    assert told.status_code == 200
    assert b"/accounts/join/" in told.content
    asked = Client(SERVER_NAME="localhost").post(
        "/accounts/password/reset/", {"email": "owner@firm.test"}
    )
    assert asked.headers["Location"] == "/accounts/password/reset/done/"
