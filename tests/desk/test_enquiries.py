"""Closing an enquiry erases what is personal in it, at once, and nothing of anybody else's."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from servanda import ledger, state
from servanda.desk import enquiries
from servanda.kernel.errors import UsageError
from servanda.state.enquiries.models import Enquiry
from servanda.state.models import OutboxMail
from tests.desk.requests.desk_world import make

NOW = datetime(2026, 3, 1, 9, tzinfo=UTC)


@pytest.fixture
def three(tmp_path: Path) -> Iterator[tuple[Path, list[int]]]:
    """Two enquiries of Ann, and one of Bob."""
    file = tmp_path / "enquiries.sqlite3"
    state.setup(f"sqlite:///{tmp_path / 'state.sqlite3'}", f"sqlite:///{file}")
    state.migrate()
    numbers = [
        enquiries.receive(
            name=name,
            email=f"{name.lower()}@example.test",
            phone="028 9018 0001",
            message=f"{name} asks for the {what} number {place}.",
            region="GB",
            now=NOW,
        )
        for place, (name, what) in enumerate(
            [("Ann", "backup"), ("Ann", "telephone"), ("Bob", "backup")]
        )
    ]
    yield file, numbers
    state.close()


def _closed() -> list[dict[str, object]]:
    return [dict(each.data) for each in ledger.history.entries("enquiry.closed")]


def test_closing_erases_what_is_personal_and_nothing_of_anybody_else(
    three: tuple[Path, list[int]],
) -> None:
    file, (first, second, bob) = three
    before = {row.pk: row for row in Enquiry.objects.all()}
    assert before[first].email == "ann@example.test"
    assert b"telephone number 1" in _bytes(file)
    assert enquiries.close(second, by="member 1", now=NOW) == 4
    after = {row.pk: row for row in Enquiry.objects.all()}
    assert [getattr(after[second], field) for field in enquiries.PERSONAL] == [None] * 5
    assert after[second].closed_at == NOW
    for other in (first, bob):
        for field in (*enquiries.PERSONAL, "closed_at"):
            assert getattr(after[other], field) == getattr(before[other], field)
    assert b"telephone number 1" not in _bytes(file)
    assert b"backup number 0" in _bytes(file)
    entry = _closed()[0]
    assert (entry["enquiry"], entry["fields"], entry["left"]) == (str(second), 4, 0)
    assert "ann@" not in str([each.raw for each in ledger.history.entries()])


def test_closing_twice_is_refused(three: tuple[Path, list[int]]) -> None:
    _, (first, *_) = three
    enquiries.close(first, by="member 1")
    with pytest.raises(UsageError):
        enquiries.close(first, by="member 1")
    assert len(_closed()) == 1


def test_the_word_of_a_closing_that_was_lost_comes_later(
    three: tuple[Path, list[int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    _, (first, second, _) = three

    def dies(*_: object, **__: object) -> int:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(enquiries, "_tell", dies)
        with pytest.raises(KeyboardInterrupt):
            enquiries.close(first, by="member 1", now=NOW)
    assert _closed() == []
    assert Enquiry.objects.get(id=first).email is None
    assert enquiries.tell_closed(now=NOW) == 0  # whoever closed it may be telling it now
    assert enquiries.tell_closed() == 1
    assert [each["enquiry"] for each in _closed()] == [str(first)]
    assert enquiries.tell_closed() == 0
    assert Enquiry.objects.get(id=second).email == "ann@example.test"


def test_each_closing_is_told_once_and_by_whoever_closed_it(
    three: tuple[Path, list[int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    _, (first, second, _) = three
    scrub = enquiries._scrub

    def meanwhile() -> None:  # another member closes one, after ours is erased and before its word
        monkeypatch.setattr(enquiries, "_scrub", scrub)
        enquiries.close(second, by="member 2")
        enquiries.tell_closed()

    monkeypatch.setattr(enquiries, "_scrub", meanwhile)
    enquiries.close(first, by="member 1")
    told = sorted((each["enquiry"], each["by"]) for each in _closed())
    assert told == [(str(first), "member 1"), (str(second), "member 2")]


def test_an_answer_that_could_not_be_sent_goes_with_its_enquiry(
    three: tuple[Path, list[int]],
) -> None:
    file, (first, second, bob) = three
    book = make(file.parent).book
    mails = [
        enquiries.answer(book, each, "As you like.", by="member 1", now=NOW)
        for each in (first, first, second, bob)
    ]
    failed, waits, _, other = mails
    OutboxMail.objects.filter(id__in=(failed, other)).update(state="failed", error="550")
    assert all(bytes(each.content) for each in OutboxMail.objects.all())
    enquiries.close(first, by="member 1", now=NOW)
    left = {each.id for each in OutboxMail.objects.all() if bytes(each.content)}
    assert left == {*mails} - {failed}
    gone = OutboxMail.objects.get(id=failed)
    assert bytes(gone.wrapped) == b"" and gone.error == "550"
    assert OutboxMail.objects.get(id=waits).state == "waiting"


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": " "},
        {"message": ""},
        {"email": "nobody"},
        {"phone": "call me"},
        {"message": "x" * 5001},
        {"topic": "nothing"},
    ],
)
def test_what_is_no_enquiry_is_refused_without_repeating_it(
    three: tuple[Path, list[int]], wrong: dict[str, str]
) -> None:
    told = {"name": "Cid", "email": "cid@example.test", "message": "Hello"} | wrong
    with pytest.raises(UsageError) as refused:
        enquiries.receive(**told)  # type: ignore[arg-type]
    assert "Cid" not in str(refused.value)
    assert "cid@" not in str(refused.value)
    assert Enquiry.objects.count() == 3


def test_what_looks_like_spam_is_marked_and_kept(three: tuple[Path, list[int]]) -> None:
    message = "see https://a.example and https://b.example and www.c.example"
    number = enquiries.receive(name="Cid", email="cid@example.test", message=message)
    assert Enquiry.objects.get(id=number).suspect
    assert enquiries.counts().suspect == 1


def _bytes(file: Path) -> bytes:
    return b"".join(
        each.read_bytes() for each in file.parent.glob("enquiries.sqlite3*") if each.is_file()
    )
