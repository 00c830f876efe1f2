"""Mail opens requests: each once, people's only, with the right proposed from plain words."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from servanda.desk.requests import Desk, editing, intake
from servanda.desk.requests.postbag import guess
from servanda.state.models import Request
from tests.desk.requests.desk_world import NOW, make
from tests.desk.requests.mails import eml


def take(desk: Desk, raw: bytes, **more: Any) -> intake.Taken:
    return intake.take(desk.book, raw, by="ann", now=NOW, **more)


def test_a_mail_becomes_a_request_once(each_state: str, tmp_path: Path) -> None:
    desk = make(tmp_path)
    first = take(desk, eml())
    other = take(
        desk, eml("max@example.test", "Copy of my data", "What do you have?", message="two")
    )
    again = take(desk, eml())
    assert [each.outcome for each in (first, other, again)] == ["opened", "opened", "known"]
    assert again.request == first.request
    seen = desk.get(first.request)
    assert (seen.right, seen.state, seen.via) == ("erasure", "received", "mail")
    assert seen.identities == (("email", "jo@example.test"),)
    assert (seen.name, seen.contact) == ("Jo Doe", "jo@example.test")
    assert seen.text == "My data\n\nPlease erase all that you hold about me."
    assert seen.received == date(2026, 3, 18)
    assert not seen.verified
    assert desk.get(other.request).right == "access"
    assert Request.objects.count() == 2


def test_the_guess_is_only_a_proposal(sqlite_state: str, tmp_path: Path) -> None:
    desk = make(tmp_path)
    taken = take(desk, eml(text="I want to correct my name."))
    assert desk.get(taken.request).right == "rectification"
    editing.edit(desk.book, taken.request, by="ann", right="erasure", now=NOW)
    assert desk.get(taken.request).right == "erasure"
    told = take(desk, eml(text="Hello", message="two"), right="access")
    assert (told.outcome, desk.get(told.request).right) == ("opened", "access")
    unclear = take(desk, eml(subject="Hello", text="How are you?", message="three"))
    assert (unclear.outcome, unclear.request) == ("unclear", "")
    assert Request.objects.count() == 2


@pytest.mark.parametrize(
    ("text", "right"),
    [
        ("please delete me", "erasure"),
        ("I'd like a copy of my data", "access"),
        ("I want access, then delete it", "access"),
        ("delete it, I want no access", "erasure"),
        ("> please delete me\nthank you", ""),
        ("I object to marketing", "object"),
        ("I withdraw my consent", "withdraw"),
        ("this is a complaint", "complaint"),
        ("undelete the file", ""),
        ("", ""),
    ],
)
def test_words(text: str, right: str) -> None:
    assert guess(text) == right


@pytest.mark.parametrize(
    "headers",
    [
        {"Auto_Submitted": "auto-replied"},
        {"Auto_Submitted": "Auto-Generated; owner=x"},
        {"Precedence": "bulk"},
        {"Return_Path": "<>"},
        {"List_Id": "<news.example.test>"},
        {"sender": "MAILER-DAEMON@example.test"},
        {"sender": ""},
        {"sender": "a@example.test, b@example.test"},
    ],
)
def test_machines_are_left_alone(
    sqlite_state: str, tmp_path: Path, headers: dict[str, Any]
) -> None:
    desk = make(tmp_path)
    person = take(desk, eml(message="person", Auto_Submitted="no"))
    assert person.outcome == "opened"
    sender = headers.pop("sender", "jo@example.test")
    assert take(desk, eml(sender, **headers)).outcome == "ignored"
    assert Request.objects.count() == 1


def test_the_day_is_ours_unless_believable(sqlite_state: str, tmp_path: Path) -> None:
    desk = make(tmp_path)
    days: dict[str, dict[str, Any]] = {
        "ours": {"Received": "from x by y; Thu, 19 Mar 2026 08:00:00 +0000"},
        "future": {"Date": "Fri, 18 Mar 2033 10:00:00 +0000"},
        "ancient": {"Date": "Mon, 18 Mar 1996 10:00:00 +0000"},
        "broken": {"Date": "yesterday"},
    }
    for name, headers in days.items():
        taken = take(desk, eml(message=name, **headers))
        expected = date(2026, 3, 19) if name == "ours" else NOW.date()
        assert desk.get(taken.request).received == expected, name


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\0\xff\xfe",
        b"From: =?utf-8?q?=FF?= <jo@example.test>\n\n\xff delete",
        b"From: jo@example.test\nContent-Type: text/plain; charset=nonsense\n\ndelete \xe4",
        b"From: jo@example.test\nSubject: =?x?y?z\nContent-Type: multipart/mixed\n\ndelete",
        b"From: <<jo@example.test\nMessage-ID: <a\n b>\n\ndelete",
    ],
)
def test_no_mail_breaks_it(sqlite_state: str, tmp_path: Path, raw: bytes) -> None:
    desk = make(tmp_path)
    first, again = take(desk, raw), take(desk, raw)
    assert again.outcome == ("known" if first.outcome == "opened" else first.outcome)


def test_html_is_read_as_words(sqlite_state: str, tmp_path: Path) -> None:
    desk = make(tmp_path)
    taken = take(desk, eml(text="<p>Please <b>delete</b> my account</p>", html=True))
    assert desk.get(taken.request).text.endswith("Please delete my account")
