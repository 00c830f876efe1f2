"""Somebody who visits the portal, without a browser: fills in pages, reads the mailbox."""

from __future__ import annotations

import re
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any

from django.test import Client

from servanda.runtime.workspace import Workspace

CODE = re.compile(r"^ {4}([A-Z2-9]{5}-[A-Z2-9]{5})$", re.MULTILINE)
LINK = re.compile(r"https?://\S+/privacy/follow/\S+/")


class Visitor:
    """`last`: the newest answer."""

    def __init__(self, site: Workspace, **more: Any) -> None:
        self.site = site
        self.client = Client(SERVER_NAME="localhost", **more)
        self.folder = Path(site.desk.book.settings.mail.folder)

    def get(self, path: str) -> str:
        self.last = self.client.get(path, follow=True)
        return self.last.content.decode()

    def post(self, path: str, **fields: str) -> str:
        self.last = self.client.post(path, fields, follow=True)
        return self.last.content.decode()

    @property
    def path(self) -> str:
        return str(self.last.request["PATH_INFO"])

    def mails(self, to: str = "") -> list[EmailMessage]:
        """In the order in which they were written."""
        paths = sorted(self.folder.glob("*.eml"), key=lambda each: each.stat().st_mtime_ns)
        found = [
            message_from_bytes(each.read_bytes(), _class=EmailMessage, policy=default)
            for each in paths
        ]
        return [each for each in found if to in each["To"]]

    def code(self, to: str = "") -> str:
        """Of the newest mail with one."""
        found = [CODE.search(text(each)) for each in self.mails(to)]
        return [each for each in found if each][-1][1]

    def answer(self, **pages: dict[str, str]) -> str:
        """One page after the other; the last one's address."""
        for name, fields in pages.items():
            said = self.post(f"/privacy/request/{name}/", **fields)
            assert self.last.status_code == 200, (name, said)
        return self.path

    def request(self, right: str, email: str, relation: str = "client", **more: Any) -> str:
        """From the first page to the number; the address to follow it."""
        self.post("/privacy/request/")
        self.answer(relation={"relation": relation}, right={"right": right}, **more)
        self.answer(who={"email": email}, place={"place": "GB-NIR"}, text={"text": ""})
        assert self.path == "/privacy/request/verify/"
        self.post("/privacy/request/verify/")
        self.post("/privacy/request/verify/", code=self.code(email))
        assert self.path == "/privacy/request/review/", self.last.content.decode()
        self.post("/privacy/request/review/")
        assert self.path.startswith("/privacy/follow/"), self.last.content.decode()
        return self.path

    def prove(self, follow: str, to: str, goal: str = "") -> str:
        """Ask for a code on a request's page, and give it back."""
        at = f"{follow}code/" + (f"?for={goal}" if goal else "")
        self.client.post(at)
        self.last = self.client.post(at, {"code": self.code(to)}, follow=True)
        return self.last.content.decode()


def text(mail: EmailMessage) -> str:
    body = mail.get_body(("plain",))
    assert body is not None
    return str(body.get_content()).replace("\r\n", "\n")
