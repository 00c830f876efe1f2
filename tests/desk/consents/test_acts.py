"""An act that the policy does not ask for, or that says what it may not, is not kept."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from servanda.desk.consents import Act, browser, person, record
from servanda.desk.consents.acts import mailings
from servanda.kernel.errors import UsageError
from servanda.state.models import ConsentRecord
from tests.desk.consents import world
from tests.desk.consents.world import JO, NOW, may, no, said, yes

COOKIE = {"cookies.analytics": {"": True}}
WRONG: list[tuple[dict[str, Any], str]] = [
    ({"choices": {}}, "nothing was chosen"),
    ({"choices": {"marketing": {}}}, "nothing was chosen"),
    ({"choices": {"sell": {"": True}}}, "asks nobody"),
    ({"choices": {"sell": {"": False}}}, "no activity"),
    ({"choices": {"billing": {"": True}}}, "asks nobody"),
    ({"choices": yes("fax")}, "no channel"),
    ({"choices": yes("")}, "for each of"),
    ({"choices": yes("mms")}, "for each of"),
    ({"choices": COOKIE | {"cookies.analytics": {"email": True}}}, "no channels"),
    ({"choices": {"terms": {"": True}}, "edition": None}, "which edition"),
    ({"how": "hearsay"}, "no way"),
    ({"notice": "jo@example.test"}, "digest"),
    ({"proof": "x"}, "digest"),
    ({"language": "Jo's own"}, "no language"),
    ({"place": "12 High Street"}, "no place"),
    ({"source": "Jo told Kim"}, "no source"),
    ({"edition": 0}, "edition"),
    ({"age": 200}, "age"),
    ({"who": person()}, "somebody"),
    ({"who": person(("email", "nobody"))}, "e-mail"),
    ({"who": browser("ab" * 16)}, "a browser chooses cookies"),
]


@pytest.mark.parametrize(("more", "says"), WRONG)
def test_it_is_refused(sqlite_state: str, tmp_path: Path, more: dict[str, Any], says: str) -> None:
    given = {"who": person(("email", JO)), "choices": yes("email"), "how": "form", "edition": 3}
    with pytest.raises(UsageError, match=says) as refused:
        record(world.book(tmp_path), Act(**{**given, **more}))
    assert "@" not in refused.value.what and "High Street" not in refused.value.what
    assert not ConsentRecord.objects.exists()


def test_a_no_is_always_taken(sqlite_state: str, tmp_path: Path) -> None:
    book = world.book(tmp_path)
    assert said(book, choices={"crm": {"email": False}}).states == {"crm/email": "refused"}
    assert may(book, purpose="crm", channel="email").reason == "objection"
    assert may(book, purpose="crm", channel="phone").may
    assert said(book, choices=no("")).states == {"marketing": "refused"}


def test_unsubscribing_ends_what_is_mailed_on_that_channel(tmp_path: Path) -> None:
    policy = world.book(tmp_path).policy
    assert mailings(policy, "email") == ("marketing",)
    assert mailings(policy, "") == ("improve", "marketing")


def test_a_child_is_not_written_to_until_a_parent_agrees(sqlite_state: str, tmp_path: Path) -> None:
    book = world.book(tmp_path)
    said(book, choices=yes("email"), age=12)
    said(book, world.KIM, choices=yes("email"), age=16)
    assert may(book).reason == "age" and may(book, f"email:{world.KIM}").may
    act = Act(person(("email", JO)), yes("email"), "parent", note="her mother rang")
    record(book, act, now=NOW)
    assert may(book).may


def test_asking_is_counted_and_changes_no_answer(sqlite_state: str, tmp_path: Path) -> None:
    book = world.book(tmp_path, "JM")
    assert may(book, asking=True).may
    said(book, choices={"marketing": {"": False}}, how="requested")
    assert may(book, asking=True).reason == "asked"
    assert may(book).detail == "missing"
    said(book, choices=yes("email"))
    assert may(book).may
