"""A real mailbox is read to its end, each mail once, and emptied into the folder of the done."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import quote, urlsplit

import pytest

from servanda.connectors.imap.session import Session
from servanda.desk.requests import Desk, inbox, outbox
from servanda.desk.settings import MailSettings
from servanda.kernel.errors import StoreRefused, StoreUnreachable, UsageError
from servanda.state.models import MailArrival, OutboxMail
from tests.desk.requests.desk_world import NOW
from tests.desk.requests.mail_world import Server, desk_of, report, serving, token
from tests.desk.requests.mails import eml
from tests.services.dovecot import Dovecot

pytestmark = pytest.mark.services
CAME = datetime(2026, 3, 17, 22, 30, tzinfo=UTC)


@pytest.fixture
def server() -> Iterator[Server]:
    with serving() as found:
        yield found


def box(dovecot: Dovecot) -> tuple[str, str, str]:
    """A new user; its inbox as a setting; its password."""
    user = dovecot.user(f"privacy-{secrets.token_hex(4)}@msp.example")
    parts = urlsplit(dovecot.url(user))
    address = f"imap://{quote(user, safe='@')}@{parts.hostname}:{parts.port}/INBOX"
    return user, address, parts.password or ""


def reading(folder: Path, dovecot: Dovecot, port: int) -> tuple[Desk, str]:
    user, address, password = box(dovecot)
    return desk_of(folder, port, inbox=address, password=password), user


def test_each_mail_becomes_what_it_is(
    sqlite_state: str, tmp_path: Path, dovecot: Dovecot, server: Server
) -> None:
    desk, user = reading(tmp_path, dovecot, server.port)
    deep = b"From: a@example.test\r\nSubject: deep\r\nMIME-Version: 1.0\r\n"
    for level in range(4_000):
        deep += b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (level, level)
    for message in (
        eml("Jo <jo@example.test>", message="one"),
        eml("list@example.test", "News", "delete", message="list", Precedence="bulk"),
        eml("max@example.test", "Data", "Send me a copy of my data", message="two"),
        eml("", "Data", "no sender", message="none"),
        deep,
        b"\x00\xff not a mail at all \xfe",
        eml("Jo <jo@example.test>", message="one"),
    ):
        dovecot.deliver(user, message, CAME)
    done = inbox.poll(desk.book, now=NOW)
    assert done.counts["arrived"] == 2
    assert done.counts["known"] == 1
    assert sum(done.counts.values()) == 7
    assert done.look == 4
    assert dovecot.messages(user) == []
    moved = dovecot.messages(user, "Servanda")
    assert len(moved) == 7, "nothing is lost"
    assert sum(b"\\Flagged" in each for each in moved) == done.look
    waiting = inbox.pending(desk.book)
    assert {each.sender: each.right for each in waiting} == {
        "jo@example.test": "erasure",
        "max@example.test": "access",
    }
    assert {each.received for each in waiting} == {CAME.date()}, "not what the sender wrote"
    outbox.deliver(desk.book, now=NOW)
    assert sorted(m["To"] for m in server.mails) == ["jo@example.test", "max@example.test"]
    assert server.to("jo@example.test")[0]["In-Reply-To"] == "<one@example.test>"
    assert server.to("jo@example.test")[0]["Auto-Submitted"] == "auto-generated"
    assert inbox.poll(desk.book, now=NOW).counts == {}


def test_put_back_it_is_known(
    sqlite_state: str, tmp_path: Path, dovecot: Dovecot, server: Server
) -> None:
    desk, user = reading(tmp_path, dovecot, server.port)
    for name in ("jo", "max", "kim"):
        dovecot.deliver(user, eml(f"{name}@example.test", message=name), CAME)
    assert inbox.poll(desk.book, now=NOW, most=2).more
    assert len(dovecot.messages(user)) == 1, "the oldest first, and no more than asked for"
    assert not inbox.poll(desk.book, now=NOW, most=2).more
    with dovecot.mail_program(user) as program:
        program.select('"Servanda"')
        program.uid("MOVE", "1:3", "INBOX")
    assert inbox.poll(desk.book, now=NOW).counts == {"known": 3}
    outbox.deliver(desk.book, now=NOW)
    assert (len(server.got), MailArrival.objects.count()) == (3, 3)


def test_answers_and_reports_come_by_it_too(
    sqlite_state: str, tmp_path: Path, dovecot: Dovecot, server: Server
) -> None:
    desk, user = reading(tmp_path, dovecot, server.port)
    for name in ("jo", "max"):
        dovecot.deliver(user, eml(f"{name}@example.test", message=name), CAME)
    inbox.poll(desk.book, now=NOW)
    outbox.deliver(desk.book, now=NOW)
    secret = token(server.to("jo@example.test")[0])
    dovecot.deliver(user, eml("jo@example.test", f"Re: {secret}", "yes", message="re"), NOW)
    lost = OutboxMail.objects.get(about="arrival:2").message_id
    dovecot.deliver(user, report(lost), NOW)
    done = inbox.poll(desk.book, now=NOW + timedelta(days=1))
    assert (done.counts, done.opened) == ({"confirmed": 1, "bounced": 1}, ("1",))
    assert desk.get("1").received == CAME.date()
    assert [each.asked for each in inbox.pending(desk.book)] == ["bounced"]


def test_of_a_great_mail_only_the_beginning_is_read(
    sqlite_state: str,
    tmp_path: Path,
    dovecot: Dovecot,
    server: Server,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    desk, user = reading(tmp_path, dovecot, server.port)
    large = eml("jo@example.test", text="Please erase\n" + "x" * 70 + "\n" + "y\n" * 2_000_000)
    dovecot.deliver(user, large, CAME)
    dovecot.deliver(user, eml("max@example.test", message="max"), CAME)
    sizes: list[int] = []
    fetch = Session.fetch

    def watched(self: Session, uids: list[int], items: str) -> object:
        found = fetch(self, uids, items)
        sizes.extend(len(each.get("BODY[]<0>", b"")) for each in found.values())
        return found

    monkeypatch.setattr(Session, "fetch", watched)
    assert inbox.poll(desk.book, now=NOW).counts == {"arrived": 2}
    assert max(sizes) == 256 * 1024
    assert {each.right for each in inbox.pending(desk.book)} == {"erasure"}
    assert len(dovecot.messages(user, "Servanda")[0]) > len(large), "whole in the folder"


def test_other_folders_and_names(
    sqlite_state: str, tmp_path: Path, dovecot: Dovecot, server: Server
) -> None:
    desk, user = reading(tmp_path, dovecot, server.port)
    mail = desk.book.settings.mail
    mail = replace(mail, inbox=mail.inbox.replace("/INBOX", "/Anfragen"), inbox_done="Erledigt ä")
    book = replace(desk.book, settings=replace(desk.book.settings, mail=mail))
    with pytest.raises(UsageError, match="no mailbox"):
        inbox.poll(book, now=NOW)
    dovecot.deliver(user, eml(message="x"), CAME)
    dovecot.deliver(user, eml("max@example.test", message="y"), CAME, folder="Anfragen")
    assert inbox.poll(book, now=NOW).counts == {"arrived": 1}
    assert len(dovecot.messages(user)) == 1, "the inbox of the others is not touched"
    assert len(dovecot.messages(user, "Erledigt &AOQ-")) == 1
    with pytest.raises(UsageError, match="the inbox itself"):
        same = replace(mail, inbox_done="Anfragen")
        inbox.poll(replace(book, settings=replace(book.settings, mail=same)), now=NOW)


def test_without_move_it_copies_and_removes_exactly_that(
    sqlite_state: str,
    tmp_path: Path,
    dovecot: Dovecot,
    server: Server,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    desk, user = reading(tmp_path, dovecot, server.port)
    dovecot.deliver(user, eml("kim@example.test", message="k"), CAME, flags="\\Deleted")
    for name in ("jo", "max"):
        dovecot.deliver(user, eml(f"{name}@example.test", message=name), CAME)
    began = Session.__init__

    def poor(without: set[str]) -> None:
        def init(self: Session, *args: object) -> None:
            began(self, *args)  # type: ignore[arg-type]
            self.capabilities -= without

        monkeypatch.setattr(Session, "__init__", init)

    poor({"MOVE", "UIDPLUS"})
    with pytest.raises(StoreRefused, match="neither move"):
        inbox.poll(desk.book, now=NOW)
    assert len(dovecot.messages(user)) == 3
    poor({"MOVE"})
    assert inbox.poll(desk.book, now=NOW).counts == {"known": 1, "arrived": 1}
    assert len(dovecot.messages(user, "Servanda")) == 2
    (left,) = dovecot.messages(user)
    assert b"kim@example.test" in left, "what a colleague marked as deleted is not ours"


def test_it_must_be_there_and_let_us_in(
    sqlite_state: str, tmp_path: Path, dovecot: Dovecot
) -> None:
    _, address, _ = box(dovecot)
    desk = desk_of(tmp_path, 1, inbox=address, password="not it")
    with pytest.raises(StoreUnreachable, match="sign-in was refused") as refused:
        inbox.poll(desk.book, now=NOW)
    assert "msp.example" not in str(refused.value)


def test_encrypted_with_the_companys_own_authority(
    sqlite_state: str, tmp_path: Path, dovecot: Dovecot, server: Server
) -> None:
    user, address, password = box(dovecot)
    inside = address.replace("imap://", "imaps://").replace(
        str(dovecot.port), str(dovecot.tls_port)
    )
    dovecot.deliver(user, eml(), CAME)
    desk = desk_of(tmp_path, server.port, inbox=inside, password=password)
    with pytest.raises(StoreUnreachable, match="certificate"):
        inbox.poll(desk.book, now=NOW)
    mail = replace(desk.book.settings.mail, ca=str(dovecot.certificate))
    book = replace(desk.book, settings=replace(desk.book.settings, mail=mail))
    assert inbox.poll(book, now=NOW).counts == {"arrived": 1}


@pytest.mark.parametrize(
    "wrong",
    [
        "imaps://mail.example/INBOX",
        "imaps://jo:secret@mail.example/INBOX",
        "http://jo@mail.example",
        "imaps://jo@mail.example:x/INBOX",
        "imaps://jo@mail.example/INBOX?ca=x",
    ],
)
def test_an_address_that_is_wrong(wrong: str) -> None:
    with pytest.raises(UsageError, match=r"mail\.inbox cannot be read") as refused:
        inbox.address_of(MailSettings(inbox=wrong, inbox_password="x"))
    assert "secret" not in str(refused.value)


def test_an_address_is_read() -> None:
    given = MailSettings(inbox="imaps://privacy@msp.example@mail.example", inbox_password="p w")
    address, folder = inbox.address_of(given)
    assert (address.login, address.host, address.port) == (
        "privacy@msp.example",
        "mail.example",
        993,
    )
    assert (folder, address.implicit_tls) == ("INBOX", True)
    assert "p w" not in repr(given) + repr(address)
    with pytest.raises(UsageError, match="no password"):
        inbox.address_of(MailSettings(inbox="imaps://jo@mail.example"))
