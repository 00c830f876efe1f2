"""A mail server that takes mails, or refuses them; and reports on deliveries, as servers write."""

from __future__ import annotations

import re
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller

from servanda.desk.requests import Desk
from servanda.desk.settings import DeskSettings, MailSettings, RequestSettings
from tests.desk.requests.desk_world import make

ADDRESS = "https://privacy.acme.example"
TOKEN = re.compile(r"^    ([A-Z2-9]{5}(?:-[A-Z2-9]{5}){4})$", re.MULTILINE)
LINK = re.compile(rf"{ADDRESS}/privacy/confirm/([A-Z2-9-]+)")


@dataclass
class Server:
    """A handler. `refuse`: what it answers to an address, by address."""

    got: list[bytes] = field(default_factory=list)
    refuse: dict[str, str] = field(default_factory=dict)
    port: int = 0

    async def handle_RCPT(self, server: Any, _s: Any, envelope: Any, to: str, _o: Any) -> str:
        if to in self.refuse:
            return self.refuse[to]
        envelope.rcpt_tos.append(to)
        return "250 OK"

    async def handle_DATA(self, server: Any, _s: Any, envelope: Any) -> str:
        self.got.append(envelope.content)
        return "250 OK"

    @property
    def mails(self) -> list[EmailMessage]:
        return [message_from_bytes(raw, _class=EmailMessage, policy=default) for raw in self.got]

    def to(self, address: str, words: str = "") -> list[EmailMessage]:
        return [m for m in self.mails if m["To"] == address and words in (m["Subject"] or "")]


@contextmanager
def serving(tls: ssl.SSLContext | None = None, *, start: bool = False) -> Iterator[Server]:
    """`tls`: encrypted from the beginning, or with `start` by STARTTLS, and not else."""
    server = Server()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        server.port = free.getsockname()[1]
    more: dict[str, Any] = {}
    if tls is not None and start:
        more = {"tls_context": tls, "require_starttls": True}
    elif tls is not None:
        more = {"ssl_context": tls}
    controller = Controller(server, hostname="127.0.0.1", port=server.port, **more)
    controller.start()
    try:
        yield server
    finally:
        controller.stop()


def desk_of(
    folder: Path, port: int, *, inbox: str = "", password: str = "", days: int = 14
) -> Desk:
    mail = MailSettings(
        host="127.0.0.1",
        port=port,
        security="none",
        sender="privacy@acme.example",
        tries=3,
        folder=str(folder / "letters"),
        templates=str(folder / "templates" / "mail"),
        inbox=inbox,
        inbox_password=password,
    )
    requests = RequestSettings(confirm_days=days)
    return make(folder, settings=DeskSettings(requests, mail, ADDRESS))


def body(mail: EmailMessage) -> str:
    part = mail.get_body(("plain",))
    assert part is not None
    return str(part.get_content()).replace("\r\n", "\n")


def token(mail: EmailMessage) -> str:
    """Of a mail that asks to confirm: what to write into an answer, which is the link's end too."""
    found = TOKEN.search(body(mail))
    link = LINK.search(body(mail))
    assert found and link and found[1] == link[1]
    return found[1]


REPORT = """\
From: MAILER-DAEMON@mx.example.test
To: privacy@acme.example
Subject: Undelivered Mail Returned to Sender
Date: Thu, 19 Mar 2026 10:00:00 +0000
Message-ID: <report-%(number)s@mx.example.test>
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="B"

--B
Content-Type: text/plain

I am sorry to say that jo@example.test is no more.

--B
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.test

Final-Recipient: rfc822; jo@example.test
Action: %(action)s
Status: %(status)s
Diagnostic-Code: smtp; 550 5.1.1 <jo@example.test> unknown

--B
Content-Type: %(part)s

From: privacy@acme.example
To: jo@example.test
Message-ID: %(message_id)s
Subject: Your request

--B--
"""


def report(
    message_id: str,
    *,
    status: str = "5.1.1",
    action: str = "failed",
    part: str = "message/rfc822",
    number: int = 1,
) -> bytes:
    told = {"number": number, "action": action, "status": status, "part": part}
    return (REPORT % {**told, "message_id": message_id}).replace("\n", "\r\n").encode()
