"""Acts are kept in order, sealed, with their evidence; a later one knows the earlier."""

from __future__ import annotations

import json
import threading
from datetime import timedelta
from pathlib import Path

import pytest

from servanda import state
from servanda.desk.consents import Act, browser, person, record
from servanda.desk.consents.acts import checked
from servanda.desk.consents.recording import record_all
from servanda.kernel.digest import sha256_hex
from servanda.kernel.errors import UsageError
from servanda.kernel.seal import opens
from servanda.state.models import ConsentMark, ConsentRecord, ConsentSubject, Leaf
from tests.desk.consents import world
from tests.desk.consents.world import JO, KIM, NOW, may, no, said, yes


def test_one_act_is_a_row_an_entry_and_a_standing(each_state: str, tmp_path: Path) -> None:
    book = world.book(tmp_path)
    done = said(book, choices=yes("email") | {"improve": {"": False}}, note="asked at the fair")
    assert done.states == {"marketing/email": "given", "improve": "refused"}
    (entry,) = world.entries()
    row = ConsentRecord.objects.get(id=done.id)
    assert entry["record"] == sha256_hex(done.id.encode()) and row.entry == done.index
    assert entry["states"] == dict(done.states) and entry["edition"] == 3
    assert opens(entry["commitment"], row.data.encode(), bytes(row.salt))
    assert json.loads(row.data)["until"] == {"marketing": "2028-03-20"}
    assert may(book).may and not may(book, channel="phone").may


def test_nothing_personal_lies_open(sqlite_state: str, tmp_path: Path) -> None:
    book = world.book(tmp_path)
    record(
        book,
        Act(
            person(("email", JO), ("phone", "028 9000 0001")),
            yes("email"),
            "phone",
            note="Jo rang about the fair",
        ),
    )
    state.close_thread()
    raw = b"".join(each.read_bytes() for each in tmp_path.glob("state.sqlite3*"))
    for trace in (b"jo@", b"90000001", b"9000 0001", b"rang about"):
        assert trace not in raw
    assert ConsentSubject.objects.count() == 1
    assert ConsentMark.objects.count() == 2


def test_states_follow_each_other(each_state: str, tmp_path: Path) -> None:
    book = world.book(tmp_path)
    found = [
        said(book, choices=choices, now=NOW + timedelta(days=n)).states["marketing/email"]
        for n, choices in enumerate(
            (no("email"), yes("email"), yes("email"), no("email"), no("email"))
        )
    ]
    assert found == ["refused", "given", "renewed", "withdrawn", "withdrawn"]
    later = said(book, KIM, choices=no("email"))
    assert later.states == {"marketing/email": "refused"}


def test_a_withdrawal_for_all_channels_ends_each(each_state: str, tmp_path: Path) -> None:
    book = world.book(tmp_path)
    said(book, choices=yes("email", "phone"))
    said(book, KIM, choices=yes("email", "phone"))
    assert said(book, choices=no("")).states == {"marketing": "withdrawn"}
    for channel in ("email", "phone", "post"):
        assert may(book, channel=channel).detail == "withdrawn"
        assert may(book, f"email:{KIM}", channel=channel).may == (channel != "post")


def test_somebody_elses_address_takes_no_consent_but_a_no(each_state: str, tmp_path: Path) -> None:
    book = world.book(tmp_path)
    said(book, KIM, choices=no("email"))
    both = person(("email", JO), ("email", KIM))
    record(book, Act(both, yes("email"), "form"), now=NOW)
    assert may(book).may and may(book, f"email:{KIM}").detail == "refused"
    said(book, KIM, choices=yes("email"))
    record(book, Act(both, no("email"), "form"), now=NOW)
    assert not may(book).may and not may(book, f"email:{KIM}").may


def test_all_marks_of_a_person_say_the_same(each_state: str, tmp_path: Path) -> None:
    book = world.book(tmp_path)
    record(book, Act(person(("email", JO), ("phone", "028 9000 0001")), yes("email"), "form"))
    said(book, choices=no("email"), now=None)  # type: ignore[arg-type]
    assert not may(book, "phone:+44 28 9000 0001").may
    assert not may(book, "email:JO+news@Example.Test").may


def test_a_browser_is_known_by_its_number_alone(each_state: str, tmp_path: Path) -> None:
    book = world.book(tmp_path)
    ours, other = "ab" * 16, "cd" * 16
    act = Act(browser(ours), {"cookies.analytics": {"": True}}, "chosen")
    assert record(book, act, now=NOW).states == {"cookies.analytics": "given"}
    assert may(book, f"browser:{ours}", purpose="cookies.analytics", channel="").may
    assert not may(book, f"browser:{other}", purpose="cookies.analytics", channel="").may
    assert not ConsentSubject.objects.exists()
    assert ours not in "".join(ConsentRecord.objects.values_list("data", flat=True))


def test_what_fails_leaves_nothing(each_state: str, tmp_path: Path) -> None:
    book = world.book(tmp_path)
    acts = [
        Act(person(("email", JO)), yes("email"), "import"),
        Act(person(("email", KIM)), {}, "import"),
    ]
    with pytest.raises(UsageError, match="nothing was chosen"):
        record_all(book, acts)
    assert not ConsentRecord.objects.exists() and not Leaf.objects.exists()


def test_threads_are_written_together_and_none_is_lost(each_state: str, tmp_path: Path) -> None:
    book = world.book(tmp_path)
    said(book, "first@example.test", choices=yes("email"))
    done: list[str] = []
    errors: list[Exception] = []

    def work(n: int) -> None:
        try:
            for k in range(6):
                channels = ("email", "phone", "post", "sms")
                made = record(
                    book,
                    Act(person(("email", JO)), yes(channels[n % 4]), "form", source=f"t{n}-{k}"),
                )
                done.append(made.id)
        except Exception as error:
            errors.append(error)
        finally:
            state.close_thread()

    threads = [threading.Thread(target=work, args=(n,)) for n in range(6)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert not errors
    assert len(done) == 36
    kept = set(ConsentRecord.objects.values_list("id", flat=True))
    assert set(done) <= kept and len(kept) == 37
    assert ConsentSubject.objects.count() == 2  # of 36 acts on one address, one person
    for channel in ("email", "phone", "post", "sms"):
        assert may(book, channel=channel).may
    states = [
        json.loads(d)["states"]
        for d in ConsentRecord.objects.order_by("entry").values_list("data", flat=True)
    ]
    assert next(s for s in states if "given" in s.values())
    assert sum("given" in s.values() for s in states) == 5  # one for each channel, and the first


def test_one_that_cannot_be_kept_harms_none_beside_it(
    each_state: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from servanda.desk.consents import recording, writing

    book = world.book(tmp_path)
    real = writing._entry

    def refuses(checked, made):  # type: ignore[no-untyped-def]
        if checked.act.source == "bad":
            raise ValueError("no")
        return real(checked, made)

    monkeypatch.setattr(writing, "_entry", refuses)
    waiting = [
        recording._Waiting(
            book,
            checked(
                book,
                Act(person(("email", f"{s}@example.test")), yes("email"), "form", source=s),
                NOW,
            ),
        )
        for s in ("one", "bad", "two")
    ]
    recording._commit(waiting)
    assert [each.error is None for each in waiting] == [True, False, True]
    assert ConsentRecord.objects.count() == 2 and len(world.entries()) == 2
