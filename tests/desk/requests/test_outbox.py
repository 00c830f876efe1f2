"""Mail goes out once: over a real server, through refusals, lost connections and dead senders."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller

from servanda.desk.requests import Desk, asking, outbox
from servanda.desk.settings import DeskSettings, MailSettings
from servanda.kernel.errors import UsageError
from servanda.state.models import OutboxMail
from tests.desk.requests.desk_world import NOW, make, opened


@dataclass
class Box:
    """A handler: takes mails, unless told to refuse, or to hang up once it has the text."""

    got: list[bytes] = field(default_factory=list)
    rcpt: str = ""
    data: str = ""
    hang_up: bool = False
    port: int = 0

    async def handle_RCPT(self, server: Any, _s: Any, envelope: Any, to: str, _o: Any) -> str:
        if self.rcpt:
            return self.rcpt
        envelope.rcpt_tos.append(to)
        return "250 OK"

    async def handle_DATA(self, server: Any, _s: Any, envelope: Any) -> str:
        if self.data:
            return self.data
        self.got.append(envelope.content)
        if self.hang_up:
            server.transport.abort()
        return "250 OK"


@pytest.fixture
def box() -> Iterator[Box]:
    found = Box()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        found.port = free.getsockname()[1]
    controller = Controller(found, hostname="127.0.0.1", port=found.port)
    controller.start()
    try:
        yield found
    finally:
        controller.stop()


def desk_of(folder: Path, port: int) -> Desk:
    mail = MailSettings(
        host="127.0.0.1", port=port, security="none", sender="privacy@acme.example", tries=3
    )
    return make(folder, settings=DeskSettings(mail=mail))


def queued(desk: Desk, email: str = "jo@example.test") -> int:
    return asking.mail_code(desk.book, opened(desk, email=email), by="ann", now=NOW)


def states() -> list[str]:
    return list(OutboxMail.objects.order_by("id").values_list("state", flat=True))


def test_each_goes_to_its_person_once(each_state: str, tmp_path: Path, box: Box) -> None:
    desk = desk_of(tmp_path, box.port)
    for name in "abc":
        queued(desk, f"{name}@example.test")
    assert [each.state for each in outbox.deliver(desk.book, now=NOW)] == ["sent"] * 3
    assert outbox.deliver(desk.book, now=NOW) == []
    mails = [message_from_bytes(each, policy=default) for each in box.got]
    assert [each["To"] for each in mails] == [f"{name}@example.test" for name in "abc"]
    assert {each["From"] for each in mails} == {"Acme Shop <privacy@acme.example>"}
    assert len({each["Message-ID"] for each in mails}) == 3
    assert outbox.listed() == []


def test_a_server_that_is_away_is_tried_again_later(
    sqlite_state: str, tmp_path: Path, box: Box
) -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        away = desk_of(tmp_path, nobody.getsockname()[1])
        queued(away)
        (tried,) = outbox.deliver(away.book, now=NOW)
    assert (tried.state, tried.error) == ("waiting", "ConnectionRefusedError")
    there = desk_of(tmp_path, box.port)
    assert outbox.deliver(there.book, now=NOW) == [], "not at once"
    (sent,) = outbox.deliver(there.book, now=NOW + timedelta(minutes=3))
    assert sent.state == "sent"
    assert len(box.got) == 1


@pytest.mark.parametrize(
    ("answers", "state", "error"),
    [
        ({"rcpt": "550 no such user jo@example.test"}, "failed", "SMTP 550"),
        ({"rcpt": "450 later"}, "waiting", "SMTP 450"),
        ({"data": "554 spam"}, "failed", "SMTP 554"),
        ({"data": "451 later"}, "waiting", "SMTP 451"),
    ],
)
def test_refusals(
    sqlite_state: str, tmp_path: Path, box: Box, answers: dict[str, str], state: str, error: str
) -> None:
    desk = desk_of(tmp_path, box.port)
    queued(desk)
    vars(box).update(answers)
    (tried,) = outbox.deliver(desk.book, now=NOW)
    assert (tried.state, tried.error) == (state, error)
    for hours in (7, 14, 21):
        outbox.deliver(desk.book, now=NOW + timedelta(hours=hours))
    assert states() == ["failed"], "after the last try it is given up"
    assert box.got == []


def test_what_is_unsure_is_never_sent_by_itself(
    sqlite_state: str, tmp_path: Path, box: Box
) -> None:
    desk = desk_of(tmp_path, box.port)
    lost, fine = queued(desk), queued(desk, "max@example.test")
    box.hang_up = True
    (tried,) = outbox.deliver(desk.book, only=lost, now=NOW)
    assert (tried.state, len(box.got)) == ("unsure", 1)
    box.hang_up = False
    for days in range(3):
        outbox.deliver(desk.book, now=NOW + timedelta(days=days))
    assert states() == ["unsure", "sent"]
    outbox.settle(lost, sent=False, now=NOW)
    outbox.deliver(desk.book, now=NOW)
    first, _, again = (message_from_bytes(each) for each in box.got)
    assert first["Message-ID"] == again["Message-ID"]
    for id_ in (lost, fine, 99):
        with pytest.raises(UsageError, match="no mail"):
            outbox.settle(id_, sent=True, now=NOW)


def test_a_sender_that_died_leaves_it_unsure(sqlite_state: str, tmp_path: Path, box: Box) -> None:
    desk = desk_of(tmp_path, box.port)
    id_ = queued(desk)
    lease = NOW + timedelta(minutes=5)
    OutboxMail.objects.filter(id=id_).update(state="sending", lease_until=lease)
    assert outbox.deliver(desk.book, now=NOW) == [], "another process may be at it"
    assert states() == ["sending"]
    assert outbox.deliver(desk.book, now=NOW + timedelta(minutes=6)) == []
    assert states() == ["unsure"]
    outbox.settle(id_, sent=True, now=NOW)
    assert (states(), box.got) == (["sent"], [])


def test_it_asks_for_encryption(sqlite_state: str, tmp_path: Path, box: Box) -> None:
    mail = MailSettings(host="127.0.0.1", port=box.port, sender="privacy@acme.example")
    desk = make(tmp_path, settings=DeskSettings(mail=mail))
    queued(desk)
    (tried,) = outbox.deliver(desk.book, now=NOW)
    assert (tried.state, box.got) == ("waiting", [])


def test_no_header_is_smuggled_in(sqlite_state: str, tmp_path: Path) -> None:
    desk = desk_of(tmp_path, 1)
    for address in ("a@b.test\nBcc: c@d.test", "a@b.test, c@d.test", "a@b.test;c@d.test"):
        try:
            ref = opened(desk, email=address)
        except UsageError:
            continue
        with pytest.raises(UsageError, match="not one that can be written to"):
            asking.mail_code(desk.book, ref, by="ann", now=NOW)
    assert states() == []
