"""What nobody confirms is destroyed; what is confirmed, or still on its way, is not."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from servanda.desk.requests import Desk, inbox, outbox
from servanda.desk.requests.arriving import receive
from servanda.state.models import MailArrival, OutboxMail
from tests.desk.requests.desk_world import NOW, entries
from tests.desk.requests.mail_world import Server, desk_of, serving, token
from tests.desk.requests.mails import eml

SECRETS = ("zelda.marker@example.test", "Zelda Marker", "marker words of mine", "marker-id")
DAY = timedelta(days=1)


@pytest.fixture
def server() -> Iterator[Server]:
    with serving() as found:
        yield found


def marked(text: str = "Please delete the marker words of mine") -> bytes:
    return eml(f"{SECRETS[1]} <{SECRETS[0]}>", "My data", text, message=SECRETS[3])


def three(desk: Desk) -> None:
    receive(desk.book, marked(), NOW, now=NOW)
    receive(desk.book, eml("max@example.test", message="max"), NOW, now=NOW + DAY)
    receive(desk.book, eml("kim@example.test", message="kim"), NOW, now=NOW + DAY)


def files(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.glob("state.sqlite3*"))


def test_nothing_of_it_is_left(each_state: str, tmp_path: Path, server: Server) -> None:
    desk = desk_of(tmp_path, server.port)
    three(desk)
    row = MailArrival.objects.get(id=1)
    key, data, sender, hashed = bytes(row.wrapped), bytes(row.data), row.sender, row.token
    outbox.deliver(desk.book, now=NOW + DAY)
    for secret in SECRETS:
        assert secret.encode() not in files(tmp_path)
    assert inbox.expire(desk.book, now=NOW + 14 * DAY - timedelta(seconds=1)) == 0
    assert inbox.expire(desk.book, now=NOW + 14 * DAY) == 1
    assert inbox.expire(desk.book, now=NOW + 14 * DAY) == 0
    row.refresh_from_db()
    assert (row.state, bytes(row.wrapped), bytes(row.data)) == ("expired", b"", b"")
    assert (row.sender, row.token, row.right) == ("", "", "")
    assert [each.sender for each in inbox.pending(desk.book)] == [
        "max@example.test",
        "kim@example.test",
    ], "the neighbours are unharmed"
    (entry,) = entries("arrivals.expired")
    assert entry["count"] == 1
    assert not any(secret in str(entries()) for secret in SECRETS)
    if each_state.startswith("sqlite"):
        found = files(tmp_path)
        assert not any(each in found for each in (key, data, sender.encode(), hashed.encode()))
    again = receive(desk.book, marked(), NOW, now=NOW + 15 * DAY)
    assert again.outcome == "known", "the same mail is not taken once more"


def test_one_whose_question_is_on_its_way_waits(
    sqlite_state: str, tmp_path: Path, server: Server
) -> None:
    desk = desk_of(tmp_path, server.port)
    three(desk)
    later = NOW + 20 * DAY
    assert inbox.expire(desk.book, now=later) == 0, "nobody was asked yet"
    server.refuse["max@example.test"] = "550 5.1.1 no"
    outbox.deliver(desk.book, now=later)
    secret = token(server.to(SECRETS[0])[0])
    inbox.expire(desk.book, now=later)
    assert inbox.pending(desk.book) == []
    assert inbox.shown(desk.book, secret, now=later) is None
    assert all(bytes(mail.content) == b"" for mail in OutboxMail.objects.all())


def test_what_was_confirmed_keeps_no_key_of_its_own(
    sqlite_state: str, tmp_path: Path, server: Server
) -> None:
    desk = desk_of(tmp_path, server.port)
    three(desk)
    outbox.deliver(desk.book, now=NOW + DAY)
    key = bytes(MailArrival.objects.get(id=1).wrapped)
    ref = inbox.confirm(desk.book, token(server.to(SECRETS[0])[0]), now=NOW + DAY)
    assert inbox.expire(desk.book, now=NOW + 30 * DAY) == 2
    row = MailArrival.objects.get(id=1)
    assert (row.state, row.token, row.sender, row.request_id) == ("opened", "", "", int(ref))
    assert desk.get(ref).name == SECRETS[1]
    assert key not in files(tmp_path)


def test_dismissed(sqlite_state: str, tmp_path: Path, server: Server) -> None:
    desk = desk_of(tmp_path, server.port)
    three(desk)
    row = MailArrival.objects.get(id=1)
    key, data = bytes(row.wrapped), bytes(row.data)
    inbox.dismiss(desk.book, 1, by="ann", now=NOW)
    outbox.deliver(desk.book, now=NOW + DAY)
    assert server.to(SECRETS[0]) == [], "what was not sent yet is not sent any more"
    assert [each.id for each in inbox.pending(desk.book)] == [2, 3]
    found = files(tmp_path)
    assert key not in found
    assert data not in found
    row.refresh_from_db()
    assert (row.state, row.ended_by) == ("dismissed", "ann")


def test_seals_cannot_be_exchanged(sqlite_state: str, tmp_path: Path, server: Server) -> None:
    desk = desk_of(tmp_path, server.port)
    three(desk)
    other = MailArrival.objects.get(id=2)
    MailArrival.objects.filter(id=1).update(wrapped=other.wrapped, data=other.data)
    with pytest.raises(Exception, match="does not open"):
        inbox.pending(desk.book)
