"""What is forgotten never becomes a yes, and nobody waits behind those who stay."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest

from servanda.desk.consents import history, keeping, writing
from servanda.desk.requests import identity
from servanda.kernel.period import Period
from servanda.state.models import ConsentMark, ConsentRecord
from tests.desk.consents import world
from tests.desk.consents.world import JO, KIM, LEE, NOW, may, no, said, yes

KEEP, LATER = Period(months=36), NOW + timedelta(days=3 * 366)
OBJECTED = {"crm": {"": False}}


def test_an_objection_and_a_child_stay(each_state: str, tmp_path: Path) -> None:
    book = world.book(tmp_path)
    said(book, JO, choices=OBJECTED)
    said(book, KIM, choices=no("email"))
    said(book, LEE, choices=no("email"), age=8)
    assert keeping.forget(book, KEEP, LATER) == 1
    assert may(book, now=LATER, purpose="crm").reason == "objection"
    assert may(book, f"email:{LEE}", now=LATER, purpose="crm").reason == "age"
    assert history.person(book, book.mark("email", KIM)) is None


def test_those_who_stay_do_not_block(
    each_state: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    book = world.book(tmp_path)
    monkeypatch.setattr(keeping, "_AT_ONCE", 1)
    for n in range(4):
        said(book, f"stays{n}@example.test", choices={"improve": {"": True}})
        said(book, f"goes{n}@example.test", choices=no("email"), now=NOW + timedelta(days=1))
    assert [keeping.forget(book, KEEP, LATER) for _ in range(5)] == [1, 1, 1, 1, 0]
    assert ConsentMark.objects.count() == 4


def test_who_speaks_meanwhile_is_not_forgotten(
    each_state: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    book = world.book(tmp_path)
    for email in (JO, KIM):
        said(book, email, choices=no("email"))
    locked = writing.locked

    def first() -> object:
        monkeypatch.setattr(writing, "locked", locked)
        for email in (JO, KIM):
            said(book, email, choices=yes("email"), now=LATER)
        return locked()

    monkeypatch.setattr(writing, "locked", first)
    assert keeping.forget(book, KEEP, LATER) == 0
    assert may(book, now=LATER).may and may(book, f"email:{KIM}", now=LATER).may


@pytest.mark.parametrize(("right", "gone"), [("erasure", True), ("access", False)])
def test_a_request_that_is_done_reaches_consents(
    each_state: str, tmp_path: Path, right: str, gone: bool
) -> None:
    desk = world.desk(tmp_path)
    book = desk.book
    for email in (JO, KIM):
        said(book, email, choices=yes("email") | OBJECTED, note="rang")
    on = date(2026, 3, 20)
    ref = desk.new(right, [("email", JO)], received=on, via="mail", by="Ann")
    identity.seen(book, ref, "known_in_person", by="Ann", now=NOW)
    desk.decide(ref, "act", by="Ann", now=NOW)
    desk.acted(ref, {"complete": True})
    desk.replied(ref, b"done", by="Ann", now=NOW)
    desk.close(ref, "done", by="Ann", now=NOW)
    found = history.person(book, book.mark("email", JO))
    assert found is not None and (found.identities == ()) is gone
    assert may(book).may is not gone and may(book, f"email:{KIM}").may
    for email in (JO, KIM):
        assert may(book, f"email:{email}", purpose="crm").reason == "objection"
    assert ConsentRecord.objects.filter(salt=b"").count() == gone
    if gone:  # a later word of theirs is kept like anybody's
        assert not keeping.erase(book, book.mark("email", JO), NOW)
        said(book, JO, choices=yes("email"), note="came back")
        assert may(book).may
