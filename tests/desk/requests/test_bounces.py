"""A mail that came back is marked, by a report or a refusal; a report can do nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from servanda.desk import post
from servanda.desk.requests import Desk, asking, bounces, inbox, outbox
from servanda.desk.requests.arriving import receive
from servanda.state.models import MailArrival, OutboxMail, Request
from tests.desk.requests.desk_world import NOW, entries, opened
from tests.desk.requests.mail_world import Server, desk_of, report, serving


@pytest.fixture
def server() -> Iterator[Server]:
    with serving() as found:
        yield found


def sent(desk: Desk, *emails: str) -> list[str]:
    refs = [opened(desk, email=each) for each in emails]
    for ref in refs:
        asking.mail_code(desk.book, ref, by="ann", now=NOW)
    outbox.deliver(desk.book, now=NOW)
    return refs


def ids() -> list[str]:
    return list(OutboxMail.objects.order_by("id").values_list("message_id", flat=True))


@pytest.mark.parametrize("part", ["message/rfc822", "text/rfc822-headers"])
def test_a_report_marks_its_mail_and_no_other(
    each_state: str, tmp_path: Path, server: Server, part: str
) -> None:
    desk = desk_of(tmp_path, server.port)
    one, two, three = sent(desk, "a@example.test", "jo@example.test", "c@example.test")
    before = list(Request.objects.order_by("id").values())
    raw = report(ids()[1], part=part)
    assert receive(desk.book, raw, NOW, now=NOW).outcome == "bounced"
    (back,) = outbox.bounced(desk.book)
    assert (back.request, back.kind, back.code, back.at) == (two, "code", "5.1.1", NOW)
    assert [(b.kind, b.code) for b in desk.get(two).bounced] == [("code", "5.1.1")]
    assert desk.get(one).bounced == desk.get(three).bounced == ()
    (entry,) = entries("mail.bounced")
    assert {name: entry[name] for name in ("request", "code")} == {"request": two, "code": "5.1.1"}
    assert "example.test" not in str(entry)
    assert [m.bounce for m in outbox.listed()] == ["5.1.1"], "shown until somebody looked"
    assert receive(desk.book, raw, NOW, now=NOW + timedelta(days=1)).outcome == "known"
    assert len(entries("mail.bounced")) == 1
    assert list(Request.objects.order_by("id").values()) == before, "nothing else has changed"
    assert MailArrival.objects.count() == 0
    assert outbox.deliver(desk.book, now=NOW + timedelta(days=2)) == [], "it is not sent again"
    desk.cancel(two, by="ann", now=NOW)
    assert outbox.listed() == [], "nor shown among what needs a look, once the request is over"
    assert len(outbox.bounced(desk.book)) == 1


@pytest.mark.parametrize(
    "raw",
    [
        report("<somebody-elses@acme.example>"),
        report("MINE", action="delayed", status="4.4.1"),
        report("MINE", action="delivered", status="2.0.0"),
        report("", status="5.1.1"),
        report("<%>' OR 1=1 --@x>"),
    ],
)
def test_what_tells_of_no_failure_of_ours_marks_nothing(
    sqlite_state: str, tmp_path: Path, server: Server, raw: bytes
) -> None:
    desk = desk_of(tmp_path, server.port)
    sent(desk, "jo@example.test", "max@example.test")
    raw = raw.replace(b"MINE", ids()[0].encode())
    assert receive(desk.book, raw, NOW, now=NOW).outcome == "known"
    assert outbox.bounced(desk.book) == []
    assert entries("mail.bounced") == []


def test_a_status_that_is_none_becomes_a_plain_one(
    sqlite_state: str, tmp_path: Path, server: Server
) -> None:
    desk = desk_of(tmp_path, server.port)
    sent(desk, "jo@example.test", "max@example.test")
    receive(desk.book, report(ids()[0], status="jo@example.test is gone"), NOW, now=NOW)
    assert [each.code for each in outbox.bounced(desk.book)] == ["5.0.0"]


def test_a_report_of_what_was_never_sent_is_not_believed(
    sqlite_state: str, tmp_path: Path, server: Server
) -> None:
    desk = desk_of(tmp_path, server.port)
    for email in ("jo@example.test", "max@example.test"):
        asking.mail_code(desk.book, opened(desk, email=email), by="ann", now=NOW)
    assert bounces.take(bounces.read(report(ids()[0])) or [], NOW) == 0
    assert len(outbox.deliver(desk.book, now=NOW)) == 2, "it goes out as if nothing was said"


def test_a_refusal_is_a_bounce_and_sending_again_takes_it_back(
    sqlite_state: str, tmp_path: Path, server: Server
) -> None:
    desk = desk_of(tmp_path, server.port)
    server.refuse = {
        "jo@example.test": "550 5.1.1 no jo@example.test here",
        "max@example.test": "553 who is that",
        "late@example.test": "450 4.2.1 later",
    }
    refs = sent(desk, "jo@example.test", "max@example.test", "late@example.test", "a@example.test")
    found = {each.request: each.code for each in outbox.bounced(desk.book)}
    assert found == {refs[0]: "5.1.1", refs[1]: "553"}
    assert {e["request"]: e["code"] for e in entries("mail.bounced")} == found
    server.refuse.clear()
    outbox.settle(1, sent=False, now=NOW)
    outbox.deliver(desk.book, now=NOW)
    assert [each.request for each in outbox.bounced(desk.book)] == [refs[1]]
    assert len(server.to("jo@example.test")) == 1


def test_the_question_to_confirm_may_come_back(
    sqlite_state: str, tmp_path: Path, server: Server
) -> None:
    from tests.desk.requests.mails import eml

    desk = desk_of(tmp_path, server.port)
    for name in ("jo", "max"):
        receive(desk.book, eml(f"{name}@example.test", message=name), NOW, now=NOW)
    post.send(desk.book, "note", "x@example.test", "Hello", "text", about="enquiry:7", now=NOW)
    outbox.deliver(desk.book, now=NOW)
    for number, id_ in enumerate((ids()[0], ids()[2])):
        receive(desk.book, report(id_, number=number), NOW, now=NOW)
    assert [each.asked for each in inbox.pending(desk.book)] == ["bounced", "sent"]
    assert [each.about for each in outbox.bounced(desk.book)] == ["enquiry:7", "arrival:1"]
    assert [each["request"] for each in entries("mail.bounced")] == [None, None]
