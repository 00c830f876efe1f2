"""A yes that comes late undoes no later no, and what runs out undoes nothing said meanwhile."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from servanda.desk.consents import Act, importing, keeping, person, writing
from servanda.desk.consents.acts import EVERYWHERE
from servanda.desk.consents.recording import record_all
from servanda.kernel.digest import sha256_hex
from servanda.kernel.errors import UsageError
from servanda.state.models import ConsentRecord
from tests.desk.consents import world
from tests.desk.consents.world import JO, KIM, LEE, NOW, may, no, said, yes

DAY = timedelta(days=1)


def test_an_older_yes_leaves_the_newer_no(each_state: str, tmp_path: Path) -> None:
    book = world.book(tmp_path)
    for email in (JO, KIM):
        said(book, email, choices=no("email"))
    said(book, LEE, choices=no(EVERYWHERE))
    later = NOW + DAY
    late = said(book, JO, choices=yes("email"), at=NOW - DAY, now=later)
    assert late.states == {"marketing/email": "refused"}
    said(book, KIM, choices=yes("email"), at=NOW + DAY / 2, now=later)
    said(book, LEE, choices=yes("sms"), at=NOW - DAY, now=later)
    assert not may(book, now=later).may and may(book, f"email:{KIM}", now=later).may
    assert not may(book, f"email:{LEE}", now=later, channel="sms").may
    said(book, JO, choices=yes("email"), now=later)  # said now
    assert may(book, now=later).may


def test_the_order_of_an_import_does_not_matter(each_state: str, tmp_path: Path) -> None:
    book = world.book(tmp_path)
    head = "email,purpose,channel,choice,at,evidence\n"
    rows = f"{JO},marketing,email,no,2025-05-01,\n{JO},marketing,email,yes,2025-03-01,form\n"
    other = f"{KIM},marketing,email,yes,2025-05-01,form\n{KIM},marketing,email,no,2025-03-01,\n"
    importing.load(book, importing.read(book, head + rows + other), NOW)
    assert may(book).detail == "withdrawn" and may(book, f"email:{KIM}").may


def test_two_in_one_batch(each_state: str, tmp_path: Path) -> None:
    book = world.book(tmp_path)
    who = person(("email", JO))
    acts = [
        Act(who, no("email"), "phone", at=NOW - DAY),
        Act(who, yes("email"), "form", at=NOW - 2 * DAY),
        Act(person(("email", KIM)), yes("email"), "form", at=NOW - 2 * DAY),
    ]
    record_all(book, acts, now=NOW)
    assert not may(book).may and may(book, f"email:{KIM}").may


def test_what_was_said_meanwhile_does_not_expire(
    each_state: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    book = world.book(tmp_path)
    for email in (JO, KIM, LEE):
        said(book, email, choices=yes("email"))
    later, write = NOW + timedelta(days=731), writing.write

    def first(*args: object) -> object:  # between the reading and the lock
        monkeypatch.setattr(writing, "write", write)
        said(book, JO, choices=yes("email"), now=later)
        said(book, KIM, choices=no("email"), now=later)
        return write(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(writing, "write", first)
    assert keeping.expire(book, later) == 1
    assert may(book, now=later).may
    assert may(book, f"email:{KIM}", now=later).detail == "withdrawn"
    assert may(book, f"email:{LEE}", now=later).detail == "expired"
    with pytest.raises(UsageError):
        said(book, JO, how="expired", choices=no("email"), now=later)


def test_only_a_parents_yes_lifts_the_gate(each_state: str, tmp_path: Path) -> None:
    book = world.book(tmp_path)
    for email in (JO, KIM):
        said(book, email, choices=yes("email"), age=12)
        said(book, email, how="parent", choices=no("sms"))
        assert may(book, f"email:{email}").reason == "age"
    said(book, JO, how="parent", choices=yes("email"), age=12)
    assert may(book).may
    assert may(book, f"email:{KIM}").reason == "age"
    said(book, LEE, how="parent", choices=yes("email"), age=12)
    assert may(book, f"email:{LEE}").may


def test_being_asked_hides_no_refusal(each_state: str, tmp_path: Path) -> None:
    book = world.book(tmp_path)
    said(book, JO, choices=no(EVERYWHERE))
    said(book, KIM, choices=yes("email"))
    for email in (JO, KIM):
        said(book, email, how="requested", choices=no("email"))
    assert may(book).detail == "refused" and not may(book, asking=True).may
    assert may(book, f"email:{KIM}").may


def test_the_ledger_does_not_tell_where_the_receipt_lies(each_state: str, tmp_path: Path) -> None:
    book = world.book(tmp_path)
    done = [said(book, email, choices=yes("email")) for email in (JO, KIM)]
    assert [e["record"] for e in world.entries()] == [sha256_hex(e.id.encode()) for e in done]
    assert ConsentRecord.objects.count() == 2
