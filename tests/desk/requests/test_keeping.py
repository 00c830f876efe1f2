"""After its time a request is closed to everybody; what restricts or is young stays."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from servanda.desk.requests import Desk, PersonGone, asking, counting, identity, keeping, outbox
from servanda.desk.settings import DeskSettings, MailSettings, RequestSettings
from servanda.kernel.errors import UsageError
from servanda.kernel.period import Period
from servanda.state.models import Letter, OutboxMail, Person, PersonMark, Request
from tests.desk.requests.desk_world import NOW, entries, make, opened

YEARS = NOW + timedelta(days=3 * 366)


def closed(desk: Desk, ref: str) -> str:
    desk.decide(ref, "act", by="ann", now=NOW)
    desk.replied(ref, b"letter to a person", by="ann", now=NOW)
    desk.close(ref, "done", by="ann", now=NOW)
    return ref


def test_what_is_past_its_time_is_gone_for_good(each_state: str, tmp_path: Path) -> None:
    mail = MailSettings(folder=str(tmp_path / "letters"))
    desk = make(tmp_path, settings=DeskSettings(mail=mail))
    old, young = opened(desk), opened(desk, email="max@example.test")
    for ref in (old, young):
        asking.mail_code(desk.book, ref, by="ann", now=NOW)
        identity.seen(desk.book, ref, "passport", by="ann", note="fits", now=NOW)
    outbox.deliver(desk.book, now=NOW)
    closed(desk, old)
    key = bytes(Person.objects.get(requests__id=int(old)).wrapped)
    assert keeping.forget(desk.book, now=NOW + timedelta(days=300)) == []
    assert desk.get(old).name == desk.get(young).name
    assert keeping.forget(desk.book, now=YEARS) == [old]
    assert keeping.forget(desk.book, now=YEARS) == []
    gone = desk.get(old)
    assert (gone.readable, gone.identities, gone.right, gone.outcome) == (
        False,
        (),
        "access",
        "done",
    )
    for attempt in (lambda: desk.letters(old), lambda: desk.seal(old, "x", b"y")):
        with pytest.raises(PersonGone):
            attempt()
    person = Person.objects.get(requests__id=int(old))
    assert (bytes(person.wrapped), bytes(person.salt)) == (b"", b"")
    assert PersonMark.objects.filter(person=person).count() == 0
    assert bytes(Request.objects.get(id=int(old)).data) == b""
    assert all(bytes(each.content) == b"" for each in Letter.objects.filter(request_id=int(old)))
    assert all(bytes(m.content) == b"" for m in OutboxMail.objects.filter(request_id=int(old)))
    assert [each.name.split("-")[1] for each in (tmp_path / "letters").iterdir()] == [young]
    assert [each["request"] for each in entries("key.destroyed")] == [old]
    assert desk.get(young).identities == (("email", "max@example.test"),)
    if each_state.startswith("sqlite"):
        files = b"".join(path.read_bytes() for path in tmp_path.glob("state.sqlite3*"))
        assert key not in files


def test_a_restriction_in_force_is_kept(sqlite_state: str, tmp_path: Path) -> None:
    desk = make(tmp_path)
    ref = opened(desk, "restriction")
    identity.seen(desk.book, ref, "passport", by="ann", now=NOW)
    closed(desk, ref)
    assert keeping.forget(desk.book, now=YEARS) == []
    desk.event(ref, "told_before_lifting", NOW.date(), "ann", now=NOW)
    desk.lift(ref, by="ann", reason="settled", now=NOW)
    assert keeping.forget(desk.book, now=YEARS) == [ref]


def test_objections_outlive_their_requests(sqlite_state: str, tmp_path: Path) -> None:
    desk = make(tmp_path)
    ref = closed(desk, opened(desk, "object", purpose="marketing"))
    assert keeping.forget(desk.book, now=YEARS) == [ref]
    assert desk.suppressed("email", "jo@example.test", "marketing")
    assert not desk.suppressed("email", "max@example.test", "marketing")


def test_california_wants_two_years(sqlite_state: str, tmp_path: Path) -> None:
    short = DeskSettings(RequestSettings(keep=Period(months=12)))
    assert keeping.forget(make(tmp_path, settings=short).book, now=NOW) == []
    with pytest.raises(UsageError, match="2 years"):
        keeping.forget(make(tmp_path, settings=short, jurisdictions="US-CA").book, now=NOW)
    make(tmp_path, jurisdictions="US-CA")
    keeping.check(Period(months=24), ["US-CA", "GB"])


def test_the_census_counts_what_is_open_and_overdue(sqlite_state: str, tmp_path: Path) -> None:
    desk = make(tmp_path, tenants=("harbour",))
    for email in ("a@example.test", "b@example.test"):
        opened(desk, email=email)
    opened(desk, tenant="harbour")
    closed(desk, opened(desk, "object", "c@example.test"))
    due = desk.get("1").due
    assert due is not None
    last = NOW.replace(year=due.year, month=due.month, day=due.day, hour=23)
    assert counting.census(desk.book, now=last) == {"open": 3, "overdue": 0, "acting": 0}
    after = last + timedelta(hours=1)
    assert counting.census(desk.book, now=after) == {"open": 3, "overdue": 2, "acting": 0}
    assert [each["overdue"] for each in entries("requests.census")] == [0, 2]
