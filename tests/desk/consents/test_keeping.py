"""Consents end as they said, and records go when their time has passed; the neighbour's stay."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from servanda import state
from servanda.desk.consents import Act, browser, history, keeping, person, record
from servanda.kernel.period import Period
from servanda.state.models import ConsentMark, ConsentRecord, ConsentSubject
from tests.desk.consents import world
from tests.desk.consents.world import JO, KIM, LEE, NOW, may, no, said, yes

TWO_YEARS, KEEP = timedelta(days=731), Period(months=36)


def test_what_ran_out_is_put_down_once(each_state: str, tmp_path: Path) -> None:
    book = world.book(tmp_path)
    said(book, JO, choices=yes("email"))
    said(book, KIM, choices=yes("email"))
    said(book, KIM, choices=yes("email"), now=NOW + timedelta(days=30))  # renewed: later
    said(book, LEE, choices=yes("email"))
    said(book, LEE, choices=no("email"), now=NOW + timedelta(days=1))
    assert keeping.expire(book, NOW) == 0
    later = NOW + TWO_YEARS
    assert keeping.expire(book, later) == 1
    assert keeping.expire(book, later) == 0
    last = world.entries()[-1]
    assert (last["how"], last["states"]) == ("expired", {"marketing/email": "expired"})
    assert may(book, now=later).detail == "expired"
    assert may(book, f"email:{KIM}", now=later).may
    assert may(book, f"email:{LEE}", now=later).detail == "withdrawn"


def test_a_person_whose_time_is_over_cannot_be_read_by_anybody(
    each_state: str, tmp_path: Path
) -> None:
    book = world.book(tmp_path)
    gone = said(book, JO, choices=no("email"), note="Jo rang")
    kept = said(book, KIM, choices=no("email"), now=NOW + timedelta(days=400), note="Kim rang")
    record(book, Act(browser("ab" * 16), {"cookies.analytics": {"": False}}, "chosen"), now=NOW)
    later = NOW + timedelta(days=3 * 366)
    assert keeping.forget(book, KEEP, NOW + timedelta(days=900)) == 0
    before = ConsentRecord.objects.get(id=gone.id)
    assert keeping.forget(book, KEEP, later) == 2
    assert keeping.forget(book, KEEP, later) == 0
    row = ConsentRecord.objects.get(id=gone.id)
    assert bytes(row.salt) == b"" and bytes(row.note) == b"" and row.data == before.data
    assert history.one(gone.id) is None
    assert history.person(book, book.mark("email", JO)) is None
    subject = ConsentSubject.objects.get(id=gone.subject)
    assert bytes(subject.wrapped) == b"" and bytes(subject.data) == b""
    neighbour = history.one(kept.id)
    assert neighbour is not None and history.note(book, neighbour) == "Kim rang"
    found = history.person(book, book.mark("email", KIM))
    assert found is not None and found.identities == (("email", KIM),)
    assert list(ConsentMark.objects.values_list("mark", flat=True)) == [book.mark("email", KIM)]
    assert not may(book, now=later).may


def test_the_old_bytes_are_gone_from_the_files(sqlite_state: str, tmp_path: Path) -> None:
    book = world.book(tmp_path)
    gone = said(book, JO, choices=no("email"))
    said(book, KIM, choices=no("email"))
    row = ConsentSubject.objects.get(id=gone.subject)
    wrapped, mark = bytes(row.wrapped), book.mark("email", JO).encode()
    salt = bytes(ConsentRecord.objects.get(id=gone.id).salt)
    kim = book.mark("email", KIM).encode()

    def lies(what: bytes) -> bool:
        files = tmp_path.glob("state.sqlite3*")
        return any(what in each.read_bytes() for each in files)

    assert all(map(lies, (wrapped, mark, salt, kim)))
    assert keeping.erase(book, book.mark("email", JO))
    state.close_thread()
    assert not any(map(lies, (wrapped, mark, salt)))
    assert lies(kim)


def test_consent_in_force_is_kept_however_old(each_state: str, tmp_path: Path) -> None:
    book = world.book(tmp_path)
    said(book, JO, choices={"improve": {"": True}})  # until withdrawn
    said(book, KIM, choices={"improve": {"": False}})
    later = NOW + timedelta(days=4000)
    assert keeping.forget(book, KEEP, later) == 1
    assert may(book, now=later, purpose="improve", channel="").may
    assert history.person(book, book.mark("email", KIM)) is None


def test_erasing_one_leaves_the_other(each_state: str, tmp_path: Path) -> None:
    book = world.book(tmp_path)
    for email in (JO, KIM):
        record(book, Act(person(("email", email)), yes("email"), "form"), now=NOW)
    assert keeping.erase(book, book.mark("email", JO))
    assert not keeping.erase(book, book.mark("email", JO))
    assert not may(book).may and may(book, f"email:{KIM}").may
