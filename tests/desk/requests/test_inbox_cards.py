"""A mail with a card number is not taken in: its sender is told, and the number stands nowhere."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import quote, urlsplit

import pytest

from servanda.desk.intake import counts
from servanda.desk.requests import Desk, inbox, intake, outbox
from servanda.state.models import MailArrival, OutboxMail, Request
from tests.desk.requests.desk_world import NOW, entries
from tests.desk.requests.mail_world import Server, body, desk_of, serving, token
from tests.desk.requests.mails import eml
from tests.services.dovecot import Dovecot

pytestmark = pytest.mark.services
CAME = datetime(2026, 3, 19, 22, 30, tzinfo=UTC)
CARDS = ("4111 1111 1111 1111", "5555-5555-5555-4444", "378282246310005")
PIECES = ("4111", "5555", "3782822463")


@pytest.fixture
def server() -> Iterator[Server]:
    with serving() as found:
        yield found


def reading(folder: Path, dovecot: Dovecot, port: int) -> tuple[Desk, str]:
    user = dovecot.user(f"privacy-{secrets.token_hex(4)}@msp.example")
    parts = urlsplit(dovecot.url(user))
    address = f"imap://{quote(user, safe='@')}@{parts.hostname}:{parts.port}/INBOX"
    return desk_of(folder, port, inbox=address, password=parts.password or ""), user


def mails() -> list[bytes]:
    """In the text, in the subject and split over lines, as HTML; and two that hold none."""
    first, second, third = CARDS
    return [
        eml("Ann <ann@example.test>", "Erase", f"Erase me. I paid with {first}.", message="ann"),
        eml("Bob <bob@example.test>", f"Access {second}", "Send my data", message="bob"),
        eml("cid@example.test", text=f"<p>Delete {third}</p>", html=True, message="cid"),
        eml("Dee <dee@example.test>", "Erase", "Call +44 28 9018 0001", message="dee"),
        eml("Eva <eva@example.test>", "Erase", "Case 4111 1111 1111 1112", message="eva"),
    ]


def everywhere(folder: Path) -> bytes:
    """What lies in any file of the workspace, the database's among them."""
    return b"".join(each.read_bytes() for each in folder.rglob("*") if each.is_file())


def test_the_number_is_nowhere_and_the_sender_knows(
    sqlite_state: str,
    tmp_path: Path,
    dovecot: Dovecot,
    server: Server,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    desk, user = reading(tmp_path, dovecot, server.port)
    for message in mails():
        dovecot.deliver(user, message, CAME)
    assert sum(piece.encode() in each for each in mails() for piece in PIECES) >= 4, "presence"
    done = inbox.poll(desk.book, now=NOW)
    assert (done.counts["refused"], done.counts["arrived"], done.look) == (3, 2, 3)

    assert {each.sender for each in inbox.pending(desk.book)} == {
        "dee@example.test",
        "eva@example.test",
    }
    refused = MailArrival.objects.filter(state="refused")
    assert [bytes(row.data) + bytes(row.wrapped) for row in refused] == [b"", b"", b""]
    assert Request.objects.count() == 0
    assert counts.totals() == {"mail": {"card": 3}}

    outbox.deliver(desk.book, now=NOW)
    told = {m["To"]: m for m in server.mails if "not taken in" in m["Subject"]}
    assert set(told) == {"ann@example.test", "bob@example.test", "cid@example.test"}
    for letter in told.values():
        assert "number of a payment card" in body(letter)
        assert "19 March" in body(letter) or "2026-03-19" in body(letter)
    sent = b"".join(server.got)
    for piece in PIECES:
        assert piece.encode() not in sent, "no letter repeats it"
        assert piece not in caplog.text
        assert piece not in str(entries())
        assert piece.encode() not in everywhere(tmp_path)

    moved = dovecot.messages(user, "Servanda")
    assert len(moved) == 5 and dovecot.messages(user) == []
    flagged = [each for each in moved if b"\\Flagged" in each]
    assert len(flagged) == 3, "somebody takes the request in without the number, and deletes it"


def test_the_same_mail_again_tells_nobody_twice(
    sqlite_state: str, tmp_path: Path, dovecot: Dovecot, server: Server
) -> None:
    desk, user = reading(tmp_path, dovecot, server.port)
    for message in (mails()[0], mails()[0], mails()[3]):
        dovecot.deliver(user, message, CAME)
    done = inbox.poll(desk.book, now=NOW)
    assert (done.counts["refused"], done.counts["known"], done.counts["arrived"]) == (1, 1, 1)
    assert OutboxMail.objects.filter(kind="card").count() == 1


def test_one_sender_is_told_three_times_a_day_at_most(
    sqlite_state: str, tmp_path: Path, dovecot: Dovecot, server: Server
) -> None:
    desk, user = reading(tmp_path, dovecot, server.port)
    for number in range(5):
        text = f"Pay with {CARDS[0]}"
        dovecot.deliver(user, eml("ann@example.test", text=text, message=f"m{number}"), CAME)
    assert inbox.poll(desk.book, now=NOW).counts["refused"] == 5
    assert OutboxMail.objects.filter(kind="card").count() == 3
    dovecot.deliver(user, eml("ann@example.test", text=CARDS[1], message="later"), CAME)
    inbox.poll(desk.book, now=NOW + timedelta(days=2))
    assert OutboxMail.objects.filter(kind="card").count() == 4


def test_an_answer_that_confirms_and_holds_a_number_confirms_nothing(
    sqlite_state: str, tmp_path: Path, dovecot: Dovecot, server: Server
) -> None:
    desk, user = reading(tmp_path, dovecot, server.port)
    for name in ("ann", "bob"):
        dovecot.deliver(user, eml(f"{name}@example.test", message=name), CAME)
    inbox.poll(desk.book, now=NOW)
    outbox.deliver(desk.book, now=NOW)
    codes = {name: token(server.to(f"{name}@example.test")[0]) for name in ("ann", "bob")}
    for name, more in (("ann", f" by the way {CARDS[0]}"), ("bob", "")):
        answer = eml(f"{name}@example.test", "Re", codes[name] + more, message=f"re-{name}")
        dovecot.deliver(user, answer, CAME)
    done = inbox.poll(desk.book, now=NOW)
    assert (done.counts["refused"], done.counts["confirmed"]) == (1, 1)
    assert [view.contact for view in desk.listed()] == ["bob@example.test"]
    assert {each.sender for each in inbox.pending(desk.book)} == {"ann@example.test"}


def test_a_mail_from_a_file_is_refused_as_well(sqlite_state: str, tmp_path: Path) -> None:
    desk = desk_of(tmp_path, 1)
    found = [
        intake.take(desk.book, raw, by="ann", right="erasure", now=NOW)
        for raw in (mails()[0], mails()[3], mails()[2])
    ]
    assert [each.outcome for each in found] == ["refused", "opened", "refused"]
    assert [view.contact for view in desk.listed()] == ["dee@example.test"]
    assert not any(piece in str(found) for piece in PIECES)
