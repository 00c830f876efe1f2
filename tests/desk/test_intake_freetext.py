"""Wherever text is taken down without a form: with a card number nothing of it is written."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from servanda import state
from servanda.desk import contacts, enquiries, holds, incidents
from servanda.desk.contactlists import read
from servanda.desk.contacts import Details
from servanda.desk.intake import counts
from servanda.desk.intake.freetext import CardRefused
from servanda.desk.requests import Desk, editing
from servanda.kernel.errors import UsageError
from servanda.state.enquiries.models import Enquiry
from servanda.state.models import Contact, Hold, Incident, IncidentEvent, Request, RequestEvent
from tests.desk.requests.desk_world import MASTER, NOW, make, opened

CARD = "5555-5555-5555-4444"
ALMOST = "5555-5555-5555-4445"
WITH, WITHOUT = f"They said {CARD}.", f"They said {ALMOST}."
Deed = Callable[[Desk, str], object]


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    enquiry = f"sqlite:///{tmp_path / 'enquiries.sqlite3'}"
    state.setup(f"sqlite:///{tmp_path / 'state.sqlite3'}", enquiry)
    state.migrate()
    yield make(tmp_path)
    state.close()


def rows() -> int:
    """Of every table that may have come to hold it."""
    tables = (Request, RequestEvent, Incident, IncidentEvent, Hold, Contact, Enquiry)
    return sum(each.objects.count() for each in tables)


def _incident(desk: Desk, text: str) -> int:
    return incidents.open_(
        MASTER,
        kind="loss",
        severity="low",
        noticed_at=datetime(2026, 1, 2, tzinfo=UTC),
        summary=text,
        personal=True,
        by="ann",
    )


def _list(desk: Desk) -> contacts.List:
    return contacts.List(MASTER, "GB")


def _contact(desk: Desk, **more: str) -> int:
    details = Details(**{"name": "Carol", "role": "", "phone": "", "email": "", **more})
    return _list(desk).add(_list(desk).add_customer("Harbour"), details, by="ann")


DEEDS: dict[str, Deed] = {
    "a request's text": lambda d, text: opened(d, text=text),
    "its name": lambda d, text: opened(d, name=text),
    "its contact": lambda d, text: opened(d, contact=text),
    "a correction": lambda d, text: opened(d, "rectification", corrections=[("name", text)]),
    "an incident": _incident,
    "a hold": lambda d, text: holds.add_person(
        MASTER, [("email", "cid@example.test")], reason=text, by="ann"
    ),
    "a contact's name": lambda d, text: _contact(d, name=text),
    "a contact's role": lambda d, text: _contact(d, role=text),
    "a contact in a list": lambda d, text: read(
        _list(d), _list(d).add_customer("Harbour"), f"name\nBob\n{text}\n".encode(), by="ann"
    ),
    "an enquiry": lambda d, text: enquiries.receive(
        name="Ann", email="ann@example.test", message=text
    ),
}


@pytest.mark.parametrize("what", DEEDS)
def test_with_a_card_number_nothing_is_written(desk: Desk, what: str) -> None:
    with pytest.raises(UsageError, match="looks like the number of a payment card") as refused:
        DEEDS[what](desk, WITH)
    assert "5555" not in str(refused.value) and "4444" not in str(refused.value)
    assert rows() == 0
    place = "enquiry" if what == "an enquiry" else "console"
    assert counts.totals() == {place: {"card": 1}}
    DEEDS[what](desk, WITHOUT)
    assert rows() > 0, "almost the same is taken"


def test_what_is_added_later_is_looked_at_as_well(desk: Desk) -> None:
    first, second = opened(desk), opened(desk, email="max@example.test")
    incident = _incident(desk, "A telephone was lost.")
    before = rows()
    for deed in (
        lambda: desk.event(first, "extended", NOW.date(), "ann", WITH, NOW),
        lambda: editing.edit(desk.book, first, by="ann", text=WITH),
        lambda: incidents.add(MASTER, incident, "note", note=WITH, by="ann"),
        lambda: incidents.close(MASTER, incident, "resolved", note=WITH, by="ann"),
        lambda: enquiries.answer(desk.book, 1, WITH, by="ann"),
    ):
        with pytest.raises(CardRefused):
            deed()
    assert rows() == before
    assert [desk.get(ref).text for ref in (first, second)] == ["", ""]
    editing.edit(desk.book, first, by="ann", text=WITHOUT)
    assert [desk.get(ref).text for ref in (first, second)] == [WITHOUT, ""]


def test_numbers_by_which_a_person_is_found_are_not_texts(desk: Desk) -> None:
    """A customer number may look like a card's by chance: who has it can still ask."""
    ref = desk.new(
        "access",
        [("customer", CARD.replace("-", ""))],
        received=NOW.date(),
        via="post",
        by="ann",
        now=NOW,
    )
    assert desk.get(ref).identities[0][1] == CARD.replace("-", "")
