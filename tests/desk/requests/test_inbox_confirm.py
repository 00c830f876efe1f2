"""A mail becomes a request when its sender confirms, or staff take it in; dated by its arrival."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from servanda.desk.requests import Desk, arriving, asking, confirming, inbox, intake, outbox
from servanda.desk.requests.arriving import receive
from servanda.kernel.errors import UsageError
from servanda.state.models import MailArrival, OutboxMail, Request
from tests.desk.requests.desk_world import NOW, entries, opened
from tests.desk.requests.mail_world import Server, body, desk_of, serving, token
from tests.desk.requests.mails import eml

CAME = NOW - timedelta(days=2)
JO, MAX = "jo@example.test", "max@example.test"


@pytest.fixture
def server() -> Iterator[Server]:
    with serving() as found:
        yield found


def arrive(desk: Desk, sender: str, text: str = "Please erase my data", **more: str) -> None:
    message = more.pop("message", sender.partition("@")[0])
    raw = eml(sender, more.pop("subject", "My data"), text, message=message)
    assert receive(desk.book, raw, CAME, now=NOW).outcome == "arrived"


def asked(desk: Desk, server: Server, sender: str) -> str:
    outbox.deliver(desk.book, now=NOW)
    (mail,) = server.to(sender, "confirm")
    return token(mail)


def test_by_the_link(each_state: str, tmp_path: Path, server: Server) -> None:
    desk = desk_of(tmp_path, server.port)
    for sender in (JO, MAX):
        arrive(desk, sender)
    assert desk.listed() == [], "nothing is a request yet"
    assert entries("request") == []
    secret = asked(desk, server, JO)
    assert inbox.shown(desk.book, secret, now=NOW).sender == JO  # type: ignore[union-attr]
    ref = inbox.confirm(desk.book, secret, now=NOW + timedelta(days=3))
    view = desk.get(ref)
    assert (view.right, view.via, view.received) == ("erasure", "mail", CAME.date())
    assert (view.identities, view.contact) == ((("email", JO),), JO)
    assert view.verified
    assert "Please erase my data" in view.text
    (entry,) = [e for e in entries("request.event") if e["event"] == "identity_received"]
    assert (entry["way"], entry["by"]) == ("code by mail", "the sender")
    arrival = MailArrival.objects.get(id=1)
    assert (bytes(arrival.wrapped), bytes(arrival.data), arrival.state) == (b"", b"", "opened")
    assert [each.sender for each in inbox.pending(desk.book)] == [MAX], "the other still waits"
    assert inbox.confirm(desk.book, secret, now=NOW + timedelta(days=4)) == ref, "a second click"
    assert Request.objects.count() == 1
    outbox.deliver(desk.book, now=NOW + timedelta(days=4))
    (told,) = server.to(JO, "received")
    assert f"number is {ref}" in body(told)
    assert str(view.due) in body(told)


def test_the_clock_is_that_of_a_letter_of_the_same_day(
    sqlite_state: str, tmp_path: Path, server: Server
) -> None:
    desk = desk_of(tmp_path, server.port)
    arrive(desk, JO)
    (waiting,) = inbox.pending(desk.book)
    ref = inbox.confirm(desk.book, asked(desk, server, JO), now=NOW + timedelta(days=9))
    letter = desk.get(opened(desk, "erasure", MAX, received=CAME.date()))
    view = desk.get(ref)
    assert (view.safe_due, view.due) == (letter.safe_due, letter.due)
    assert waiting.safe_due == letter.safe_due, "staff saw the same day before it was confirmed"


@pytest.mark.parametrize(
    ("subject", "text"),
    [
        ("Re: Please confirm", "yes, it was me\n{token}\n> quoted"),
        ("Re: {token}", "ok"),
        ("Re: Please confirm", "{lower} thank you"),
    ],
)
def test_by_an_answer(
    sqlite_state: str, tmp_path: Path, server: Server, subject: str, text: str
) -> None:
    desk = desk_of(tmp_path, server.port)
    for sender in (JO, MAX):
        arrive(desk, sender)
    secret = asked(desk, server, JO)
    words = {"token": secret, "lower": secret.lower()}
    raw = eml(JO, subject.format(**words), text.format(**words), message="reply")
    first = receive(desk.book, raw, NOW, now=NOW)
    assert (first.outcome, first.request) == ("confirmed", "1")
    assert receive(desk.book, raw, NOW, now=NOW).request == "1", "read again after a crash"
    assert (Request.objects.count(), desk.get("1").verified) == (1, True)
    note = next(e.note for e in desk.get("1").events if e.kind == "identity_received")
    assert secret not in note
    assert [each.sender for each in inbox.pending(desk.book)] == [MAX]


@pytest.mark.parametrize("rewritten", [False, True])
def test_an_answer_that_holds_our_whole_mail_does_not_confirm(
    sqlite_state: str, tmp_path: Path, server: Server, rewritten: bool
) -> None:
    """As some programs write it: under the answer, and not marked as quoted."""
    desk = desk_of(tmp_path, server.port)
    for sender in (JO, MAX):
        arrive(desk, sender)
    secret = asked(desk, server, JO)
    (ours,) = server.to(JO)
    whole = body(ours)
    if rewritten:
        whole = whole.replace(
            "https://privacy.acme.example/privacy/confirm/", "https://safe.test/?u=x%2Fconfirm%2F"
        )
    said = f"It was not me!\n\nFrom: Acme\nTo: Jo\n\n{whole}"
    told = {"In_Reply_To": ours["Message-ID"]}
    raw = eml(JO, "AW: Please confirm", said, message="no", **told)
    assert receive(desk.book, raw, NOW, now=NOW).outcome == "arrived"
    assert Request.objects.count() == 0
    outbox.deliver(desk.book, now=NOW)
    assert len(server.to(JO)) == 1, "and is not asked once more for it"
    raw = eml(JO, "AW: Please confirm", f"{secret}\n{said}", message="yes", **told)
    assert receive(desk.book, raw, NOW, now=NOW).outcome == "confirmed"


def test_what_does_not_confirm(sqlite_state: str, tmp_path: Path, server: Server) -> None:
    desk = desk_of(tmp_path, server.port)
    for sender in (JO, MAX):
        arrive(desk, sender)
    secret = asked(desk, server, JO)
    quoted = eml(MAX, "Re: Please confirm", f"I am away\n> {secret}", message="a")
    assert receive(desk.book, quoted, NOW, now=NOW).outcome == "arrived"
    robot = eml(MAX, "Away", secret, message="b", Auto_Submitted="auto-replied")
    assert receive(desk.book, robot, NOW, now=NOW).outcome == "ignored"
    other = ("A" if secret[0] != "A" else "B") + secret[1:]
    wrong = eml(JO, "Re", other, message="c")
    assert receive(desk.book, wrong, NOW, now=NOW).outcome == "arrived"
    for guess in (other, "", "x" * 5000, secret[:-1]):
        with pytest.raises(UsageError, match="nothing to confirm"):
            inbox.confirm(desk.book, guess, now=NOW)
    late = NOW + timedelta(days=14)
    assert inbox.shown(desk.book, secret, now=late) is None
    with pytest.raises(UsageError, match="nothing to confirm"):
        inbox.confirm(desk.book, secret, now=late)
    assert Request.objects.count() == 0


def test_staff_take_one_in(sqlite_state: str, tmp_path: Path, server: Server) -> None:
    desk = desk_of(tmp_path, server.port)
    for sender in (JO, MAX):
        arrive(desk, sender)
    secret = asked(desk, server, JO)
    with pytest.raises(UsageError, match="who did it"):
        inbox.take_in(desk.book, 1, by=" ")
    ref = inbox.take_in(desk.book, 1, by="ann", right="access", place="GB-NIR", now=NOW)
    view = desk.get(ref)
    assert (view.right, view.received, view.verified) == ("access", CAME.date(), False)
    with pytest.raises(UsageError, match="no mail 1 waits"):
        inbox.take_in(desk.book, 1, by="ann", now=NOW)
    assert inbox.confirm(desk.book, secret, now=NOW) == ref, "the link still proves who asks"
    assert desk.get(ref).verified
    assert [each.id for each in inbox.pending(desk.book)] == [2]


def test_no_right_is_guessed_and_staff_say_which(
    sqlite_state: str, tmp_path: Path, server: Server
) -> None:
    desk = desk_of(tmp_path, server.port)
    arrive(desk, JO, "Hello, a word please", subject="Hello")
    arrive(desk, MAX)
    (one, _) = sorted(inbox.pending(desk.book), key=lambda each: each.id)
    assert (one.right, one.safe_due is not None) == ("", True)
    assert inbox.confirm(desk.book, asked(desk, server, JO), now=NOW) == ""
    (one, _) = sorted(inbox.pending(desk.book), key=lambda each: each.id)
    assert one.confirmed
    assert inbox.expire(desk.book, now=NOW + timedelta(days=99)) == 1, "only Max's is let go"
    with pytest.raises(UsageError, match="no word in it names a right"):
        inbox.take_in(desk.book, 1, by="ann", now=NOW)
    ref = inbox.take_in(desk.book, 1, by="ann", right="access", now=NOW)
    assert (desk.get(ref).verified, desk.get(ref).right) == (True, "access")


def test_opened_from_its_file_meanwhile(sqlite_state: str, tmp_path: Path, server: Server) -> None:
    desk = desk_of(tmp_path, server.port)
    arrive(desk, MAX)
    arrive(desk, JO)
    raw = eml(JO, "My data", "Please erase my data", message="jo")
    ref = intake.take(desk.book, raw, by="ann", now=NOW).request
    assert inbox.confirm(desk.book, asked(desk, server, JO), now=NOW) == ref
    assert (Request.objects.count(), desk.get(ref).verified) == (1, True)


def test_an_answer_with_the_code_verifies(
    sqlite_state: str, tmp_path: Path, server: Server
) -> None:
    desk = desk_of(tmp_path, server.port)
    one, two = opened(desk, email=JO), opened(desk, email=MAX)
    for ref in (one, two):
        asking.mail_code(desk.book, ref, by="ann", now=NOW)
    outbox.deliver(desk.book, now=NOW)
    sent = server.to(JO)[0]
    code = next(line.strip() for line in body(sent).splitlines() if line.startswith("    "))
    told = {"In_Reply_To": sent["Message-ID"]}
    wrong = receive(desk.book, eml(JO, "Re", "AAAAA-AAAAA", message="w", **told), NOW, now=NOW)
    assert wrong.outcome == "arrived", "shown to staff"
    assert inbox.pending(desk.book)[0].answers == one
    right = receive(desk.book, eml(JO, "Re", f"it is {code}", message="r", **told), NOW, now=NOW)
    assert (right.outcome, right.request) == ("answered", one)
    assert (desk.get(one).verified, desk.get(two).verified) == (True, False)
    outbox.deliver(desk.book, now=NOW)
    assert len(server.got) == 2, "who answers a request is not asked to confirm"


def test_one_sender_is_not_flooded(sqlite_state: str, tmp_path: Path, server: Server) -> None:
    desk = desk_of(tmp_path, server.port)
    for number in range(5):
        arrive(desk, JO, message=f"n{number}")
    arrive(desk, MAX)
    outbox.deliver(desk.book, now=NOW)
    assert (len(server.to(JO)), len(server.to(MAX))) == (3, 1)
    assert sorted(each.asked for each in inbox.pending(desk.book)) == ["", ""] + ["sent"] * 4


def test_tokens_are_long_and_kept_as_hashes(
    sqlite_state: str, tmp_path: Path, server: Server
) -> None:
    desk = desk_of(tmp_path, server.port)
    arrive(desk, JO)
    arrive(desk, MAX)
    secret = asked(desk, server, JO)
    assert len(secret.replace("-", "")) == 25
    assert len({confirming.new_token() for _ in range(500)}) == 500
    assert confirming.tokens_in(f"x {secret.lower()} y") == [secret]
    files = b"".join(path.read_bytes() for path in tmp_path.glob("state.sqlite3*"))
    assert secret.encode() not in files


def test_a_confirmation_ends_the_question(
    sqlite_state: str, tmp_path: Path, server: Server
) -> None:
    desk = desk_of(tmp_path, server.port)
    arrive(desk, JO)
    arrive(desk, MAX)
    secret = asked(desk, server, JO)
    OutboxMail.objects.filter(about="arrival:1").update(state="unsure")
    inbox.confirm(desk.book, secret, now=NOW)
    assert OutboxMail.objects.get(about="arrival:1").state == "sent", "it arrived, evidently"


def test_two_processes_take_the_same_mail(
    each_state: str, tmp_path: Path, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither sees that the other has it; the database does."""
    desk = desk_of(tmp_path, server.port)
    arrive(desk, MAX)
    monkeypatch.setattr(arriving, "_known", lambda book, message: False)
    arrive(desk, JO)
    raw = eml(JO, "My data", "Please erase my data", message="jo")
    assert receive(desk.book, raw, CAME, now=NOW).outcome == "known"
    outbox.deliver(desk.book, now=NOW)
    assert (len(server.to(JO)), MailArrival.objects.count()) == (1, 2)
