"""Intake: what comes in comes out as it was, with its dates, and never twice the same."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest

from servanda.kernel.errors import UsageError
from servanda.kernel.seal import SealBroken
from servanda.state.models import Person, Request
from tests.desk.requests.desk_world import NOW, RECEIVED, entries, make, opened


def test_comes_back_as_it_was(each_state: str, tmp_path: Path) -> None:
    desk = make(tmp_path)
    ref = desk.new(
        "correction",
        [("email", " Jo@Example.TEST"), ("phone", "028 9024 0000"), ("email", "jo@example.test")],
        received=RECEIVED,
        via="form",
        place="gb-nir",
        name="Jo Doe",
        text="My name is wrong",
        contact="1 High Street",
        corrections=[("name", "Jo Dough")],
        by="ann",
        now=NOW,
    )
    other = opened(desk, email="max@example.test")
    assert (ref, other) == ("1", "2")
    seen = desk.get(ref)
    assert (seen.right, seen.state, seen.place) == ("rectification", "received", "GB-NIR")
    assert seen.identities == (("email", "jo@example.test"), ("phone", "+442890240000"))
    assert (seen.name, seen.text, seen.contact) == ("Jo Doe", "My name is wrong", "1 High Street")
    assert seen.corrections == (("name", "Jo Dough"),)
    assert (seen.statutory_due, seen.safe_due) == (date(2026, 4, 16), date(2026, 4, 15))
    assert seen.because
    assert desk.get(other).identities == (("email", "max@example.test"),)
    first, second = entries("request.received")
    assert (first["request"], first["safe_due"], first["via"]) == ("1", "2026-04-15", "form")
    assert first["person"] != second["person"]


def test_the_soonest_comes_first(sqlite_state: str, tmp_path: Path) -> None:
    desk = make(tmp_path)
    late, soon, middle = (
        opened(desk, received=RECEIVED - timedelta(days=days)) for days in (0, 14, 7)
    )
    assert [each.ref for each in desk.listed()] == [soon, middle, late]
    desk.cancel(middle, by="ann", now=NOW)
    assert [each.ref for each in desk.listed()] == [soon, late]
    assert [each.ref for each in desk.listed(open_only=False)] == [soon, middle, late]
    assert desk.get(soon).days_left(date(2026, 4, 3)) == -2


def test_a_seal_is_for_one_request_and_purpose(sqlite_state: str, tmp_path: Path) -> None:
    desk = make(tmp_path)
    one, two, three = (opened(desk, email=f"{name}@example.test") for name in ("a", "b", "c"))
    sealed = desk.seal(one, "manifest", b"keys")
    assert desk.unseal(one, "manifest", sealed) == b"keys"
    for ref, purpose in ((two, "manifest"), (three, "manifest"), (one, "letter")):
        with pytest.raises(SealBroken):
            desk.unseal(ref, purpose, sealed)
    assert Person.objects.count() == 3


def test_the_same_person_is_found_but_never_merged(sqlite_state: str, tmp_path: Path) -> None:
    desk = make(tmp_path)
    first, stranger, again = (
        opened(desk, email=each)
        for each in ("jo@example.test", "max@example.test", "JO@example.test")
    )
    assert desk.others(first) == [again]
    assert desk.others(stranger) == []
    assert Person.objects.count() == 3


@pytest.mark.parametrize(
    ("right", "more", "said"),
    [
        ("acess", {}, 'did you mean "access"?'),
        ("access", {"via": "pigeon"}, "no way to arrive"),
        ("access", {"place": "GB-NIX"}, "no law is known"),
        ("access", {"tenant": "harbour"}, "no tenant"),
        ("access", {"by": " "}, "who did it"),
        ("access", {"received": date(2026, 3, 21)}, "after today"),
        ("access", {"email": "  "}, "not an e-mail"),
        ("object", {"purpose": "marketting"}, 'did you mean "marketing"?'),
    ],
)
def test_what_is_no_request_is_refused_whole(
    sqlite_state: str, tmp_path: Path, right: str, more: dict[str, object], said: str
) -> None:
    with pytest.raises(UsageError) as refused:
        opened(make(tmp_path, tenants=("harbor",)), right, **more)
    assert said in str(refused.value)
    assert Request.objects.count() == Person.objects.count() == len(entries()) == 0


def test_no_request_of_that_number(sqlite_state: str, tmp_path: Path) -> None:
    desk = make(tmp_path)
    opened(desk)
    for ref in ("2", "x", "", "-1", "9" * 30, "²"):
        with pytest.raises(UsageError, match="there is no request"):
            desk.get(ref)
