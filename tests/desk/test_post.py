"""Mails of no request: sent once, sealed under a key of their own, and nothing of them is left."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from servanda.desk import post
from servanda.desk.requests import Desk, outbox
from servanda.desk.settings import DeskSettings, MailSettings
from servanda.kernel.errors import UsageError
from servanda.state import transaction
from servanda.state.models import OutboxMail
from tests.desk.requests.desk_world import NOW, make
from tests.desk.requests.mail_world import Server, body, desk_of, serving

LATER = NOW + timedelta(days=15)
SECRET = "zelda.marker@example.test"


@pytest.fixture
def server() -> Iterator[Server]:
    with serving() as found:
        yield found


def put(
    desk: Desk, to: str, about: str = "enquiry:1", text: str = "marker words", **more: str
) -> int:
    return post.send(desk.book, "answer", to, "Hello", text, about=about, now=NOW, **more)  # type: ignore[arg-type]


def states() -> list[str]:
    return list(OutboxMail.objects.order_by("id").values_list("state", flat=True))


def test_it_goes_out_once_and_its_key_is_gone(
    each_state: str, tmp_path: Path, server: Server
) -> None:
    desk = desk_of(tmp_path, server.port)
    one, two, three = (put(desk, to) for to in (SECRET, "b@example.test", "c@example.test"))
    row = OutboxMail.objects.get(id=one)
    key, content = bytes(row.wrapped), bytes(row.content)
    neighbour = OutboxMail.objects.get(id=two)
    assert SECRET.encode() not in content
    (sent,) = outbox.deliver(desk.book, only=one, now=NOW)
    assert (sent.state, sent.request, sent.about) == ("sent", "", "enquiry:1")
    assert outbox.deliver(desk.book, only=one, now=NOW) == []
    row.refresh_from_db()
    assert (bytes(row.wrapped), bytes(row.content)) == (b"", b"")
    again = OutboxMail.objects.get(id=two)
    assert (bytes(again.wrapped), bytes(again.content)) == (
        bytes(neighbour.wrapped),
        bytes(neighbour.content),
    ), "the one that waits is unharmed"
    assert [m["To"] for m in server.mails] == [SECRET]
    assert len(outbox.deliver(desk.book, now=NOW)) == 2
    assert [body(m).strip() for m in server.to("c@example.test")] == ["marker words"]
    assert three == 3
    assert post.forget(desk.book, now=NOW) == 0
    if each_state.startswith("sqlite"):
        files = b"".join(path.read_bytes() for path in tmp_path.glob("state.sqlite3*"))
        for secret in (key, content, SECRET.encode(), b"marker words"):
            assert secret not in files


def test_seals_cannot_be_exchanged(sqlite_state: str, tmp_path: Path, server: Server) -> None:
    desk = desk_of(tmp_path, server.port)
    one, two = put(desk, "a@example.test"), put(desk, "b@example.test")
    other = OutboxMail.objects.get(id=two)
    OutboxMail.objects.filter(id=one).update(wrapped=other.wrapped, content=other.content)
    with pytest.raises(Exception, match="does not open"):
        outbox.deliver(desk.book, only=one, now=NOW)
    assert server.got == []


def test_what_could_not_be_sent_is_kept_for_a_while(
    sqlite_state: str, tmp_path: Path, server: Server
) -> None:
    desk = desk_of(tmp_path, server.port)
    server.refuse = {"no@example.test": "550 5.1.1 no", "b@example.test": "550 5.1.1 no"}
    refused, again, fine = (put(desk, f"{n}@example.test") for n in ("no", "b", "c"))
    outbox.deliver(desk.book, now=NOW)
    assert states() == ["failed", "failed", "sent"]
    assert post.forget(desk.book, now=NOW + timedelta(days=13)) == 0
    server.refuse.clear()
    outbox.settle(again, sent=False, now=NOW)
    outbox.deliver(desk.book, now=NOW)
    assert post.forget(desk.book, now=LATER) == 1
    assert [bytes(m.content) for m in OutboxMail.objects.all()] == [b"", b"", b""]
    with pytest.raises(UsageError, match="destroyed"):
        outbox.settle(refused, sent=False, now=LATER)
    assert len(server.to("b@example.test")) == 1
    assert fine == 3


def test_a_sender_that_died_leaves_it_unsure(
    sqlite_state: str, tmp_path: Path, server: Server
) -> None:
    desk = desk_of(tmp_path, server.port)
    one, two = put(desk, "a@example.test"), put(desk, "b@example.test")
    OutboxMail.objects.filter(id=one).update(state="sending", lease_until=NOW)
    outbox.deliver(desk.book, now=NOW + timedelta(minutes=1))
    assert states() == ["unsure", "sent"]
    outbox.settle(one, sent=True, now=NOW)
    assert bytes(OutboxMail.objects.get(id=one).content) == b""
    assert [m["To"] for m in server.mails] == ["b@example.test"]
    assert two == 2


def test_without_a_server_the_file_goes_too(sqlite_state: str, tmp_path: Path) -> None:
    folder = tmp_path / "letters"
    desk = make(tmp_path, settings=DeskSettings(mail=MailSettings(folder=str(folder))))
    put(desk, "a@example.test")
    outbox.deliver(desk.book, now=NOW)
    put(desk, "b@example.test", about="enquiry:2")
    outbox.deliver(desk.book, now=LATER - timedelta(days=3))
    assert len(list(folder.iterdir())) == 2
    post.forget(desk.book, now=LATER)
    assert [path.name for path in folder.iterdir()] == ["mail-answer-2.eml"]


def test_it_joins_the_callers_transaction(sqlite_state: str, tmp_path: Path) -> None:
    desk = desk_of(tmp_path, 1)
    with pytest.raises(ZeroDivisionError), transaction():
        put(desk, "a@example.test")
        raise ZeroDivisionError
    assert states() == []


def test_withdrawn_is_not_sent(sqlite_state: str, tmp_path: Path, server: Server) -> None:
    desk = desk_of(tmp_path, server.port)
    put(desk, "a@example.test", about="enquiry:1")
    put(desk, "b@example.test", about="enquiry:2")
    with transaction():
        post.withdraw("enquiry:1")
    outbox.deliver(desk.book, now=NOW)
    assert [m["To"] for m in server.mails] == ["b@example.test"]
    assert states() == ["failed", "sent"]


def test_html_and_headers(sqlite_state: str, tmp_path: Path, server: Server) -> None:
    desk = desk_of(tmp_path, server.port)
    put(desk, "a@example.test", html="<p>Hello</p>", headers={"In-Reply-To": "<x@y>\r\nBcc: e@x"})  # type: ignore[arg-type]
    outbox.deliver(desk.book, now=NOW)
    (mail,) = server.mails
    assert mail.get_content_type() == "multipart/alternative"
    assert mail["Bcc"] is None
    assert mail["In-Reply-To"].startswith("<x@y>")


@pytest.mark.parametrize(
    "more",
    [
        {"to": "a@b.test, c@d.test"},
        {"to": "a@b.test\nBcc: c@d.test"},
        {"about": "jo@example.test"},
        {"about": "Jo Doe"},
        {"headers": {"Bcc": "x@y.test"}},
        {"headers": {"To": "x@y.test"}},
    ],
)
def test_what_is_refused(sqlite_state: str, tmp_path: Path, more: dict[str, str]) -> None:
    desk = desk_of(tmp_path, 1)
    with pytest.raises(UsageError) as refused:
        put(desk, **{"to": "a@example.test", **more})
    assert "c@d.test" not in str(refused.value)
    assert states() == []
