"""What is asked is what is needed; card numbers are known by their check digit."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from servanda import policy
from servanda.desk.intake import counts
from servanda.desk.portal import form
from servanda.kernel.errors import UsageError
from tests.desk.requests.desk_world import make

TODAY = date(2026, 3, 20)


@pytest.mark.parametrize(
    ("text", "card"),
    [
        ("4111111111111111", True),
        ("4111 1111 1111 1111", True),
        ("4111-1111-1111-1111", True),
        ("my card is 5500005555555559, please", True),
        ("378282246310005", True),  # 15 digits
        ("4222222222222", True),  # 13 digits
        ("4111111111111112", False),
        ("order 1234567890123456", False),
        ("call +44 28 9018 0001", False),
        ("0000000000000000", False),
        ("411111111111111", False),
        ("nothing", False),
        ("", False),
    ],
)
def test_card_numbers(sqlite_state: str, text: str, card: bool) -> None:
    assert form.card_refused(text) is card
    assert counts.totals() == ({"portal": {"card": 1}} if card else {})


def test_only_kinds_by_which_somebody_is_found_are_asked_for() -> None:
    assert form.kinds(["phone", "name", "email", "cookie", "customer_number"]) == [
        *("email", "phone"),
        *("cookie", "customer_number"),
    ]
    assert form.kinds(["phone"]) == ["phone"]
    assert form.kinds(["name"]) == ["email"]


def test_rights_are_promised_or_the_laws(tmp_path: Path, sqlite_state: str) -> None:
    british = make(tmp_path)
    assert set(form.rights(british.book, TODAY)) >= {"access", "erasure", "object", "complaint"}
    assert "withdraw" not in form.rights(british.book, TODAY)  # nothing rests on consent
    californian = make(tmp_path, jurisdictions="US-CA")
    assert "access" in form.rights(californian.book, TODAY)


def test_relations_are_the_policys(tmp_path: Path, sqlite_state: str) -> None:
    assert form.relations(make(tmp_path).book.policy) == ["enquirer", "parent", "agent"]


def test_corrections_are_of_what_is_held(tmp_path: Path, sqlite_state: str) -> None:
    assert form.corrections(make(tmp_path).book.policy) == ["name", "contact.email"]


def test_age_is_asked_only_where_it_makes_a_difference(tmp_path: Path, sqlite_state: str) -> None:
    desk = make(tmp_path)
    assert (
        form.child_age(desk.book, "GB", TODAY) == 0
    )  # nothing here rests on consent, or is a child's
    path = tmp_path / "policy.yaml"
    path.write_text(path.read_text().replace("[enquirer]", "[enquirer, child]"))
    from servanda import policy
    from servanda.desk.requests import Desk

    childrens = policy.load(path).policy
    assert childrens is not None
    book = Desk(bytes(32), childrens).book
    assert form.child_age(book, "GB", TODAY) == 13
    assert form.child_age(book, "EU-DE", TODAY) == 16


def test_places_begin_with_the_policys_own(tmp_path: Path, sqlite_state: str) -> None:
    found = form.places(make(tmp_path).book.policy)
    assert found[0] == ("GB-NIR", "Northern Ireland")
    assert ("EU-DE", "Germany") in found and ("KE", "Kenya") in found
    assert len(found) == len(dict(found))


def test_what_is_no_identity_is_refused_without_repeating_it(
    tmp_path: Path, sqlite_state: str
) -> None:
    book = make(tmp_path).book
    with pytest.raises(UsageError) as told:
        form.normal(book, "email", "jo at example")
    assert "jo at" not in str(told.value)


def test_the_policys_age_is_asked_for_as_well_as_the_laws(
    tmp_path: Path, sqlite_state: str
) -> None:
    desk = make(tmp_path)
    assert form.child_age(desk.book, "GB", TODAY) == 0, "nothing rests on consent"
    path = tmp_path / "policy.yaml"
    for below, asked in ((16, 16), (9, 13)):  # in Great Britain the law says 13
        path.write_text(
            f"{path.read_text().partition('children:')[0]}children: {{below: {below}}}\n"
        )
        loaded = policy.load(path).policy
        assert loaded is not None
        book = replace(desk.book, policy=loaded)
        assert form.child_age(book, "GB", TODAY) == asked
