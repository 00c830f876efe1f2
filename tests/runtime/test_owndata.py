"""Only what is one person's alone is shown and corrected."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from servanda.kernel.errors import UsageError
from servanda.runtime import owndata, requests
from servanda.runtime.workspace import Workspace
from tests.apply.requests.house import build_house, rows
from tests.plan.requests.reading import sql

ANN, BOB = "ann@example.test", "bob@example.test"
CLIENTS = "SELECT id, name, email, phone FROM clients ORDER BY id"


@pytest.fixture
def house(tmp_path: Path) -> Iterator[Workspace]:
    build_house(tmp_path)
    with Workspace.open(tmp_path) as workspace:
        workspace.use_state()
        yield workspace


def seen(house: Workspace, mailbox: str) -> list[tuple[str, str]]:
    return [(each.category, each.value) for each in owndata.look(house, mailbox).values]


def test_what_is_hers_alone(house: Workspace) -> None:
    found = owndata.look(house, ANN)
    assert [(e.category, e.value, e.fields) for e in found.values] == [
        ("name", "Ann", ("crm.clients.name",)),
        ("contact.email", ANN, ("crm.clients.email",)),
        ("contact.phone", "028 9000 0001", ("crm.clients.phone",)),
    ]
    assert found.records == (("crm.clients", (1,)),) and not found.pending


def test_an_address_of_several_shows_nobody(house: Workspace) -> None:
    assert seen(house, "office@example.test") == []
    assert seen(house, "nobody@example.test") == []


def test_several_values_are_left_to_staff(house: Workspace) -> None:
    sql(house.folder, "crm", f"INSERT INTO clients VALUES (9, 'Anna', '{ANN}', '', 'no', '')")
    assert seen(house, ANN) == []  # one address, two persons perhaps


def test_a_store_that_may_only_be_read_offers_nothing(tmp_path: Path) -> None:
    build_house(tmp_path)
    path = tmp_path / "stores.yaml"
    said = path.read_text().replace(
        "connect: sqlite:///crm.sqlite", "connect: sqlite:///crm.sqlite\n    mode: verify"
    )
    path.write_text(said)
    with Workspace.open(tmp_path) as workspace:
        workspace.use_state()
        assert owndata.look(workspace, ANN).values == ()


def test_a_store_that_does_not_answer_is_told(house: Workspace) -> None:
    (house.folder / "crm.sqlite").unlink()
    found = owndata.look(house, ANN)
    assert found.pending and not found.values


def test_a_correction_reaches_its_record_and_no_other(house: Workspace) -> None:
    sql(house.folder, "crm", "UPDATE clients SET phone = '028 9000 0001' WHERE id = 2")
    before = rows(house.folder, "crm", CLIENTS)
    own = {each.category: each for each in owndata.look(house, ANN).values}
    done = owndata.correct(house, ANN, {own["name"]: "Anne", own["contact.phone"]: "028 9000 7777"})
    assert not done.at_once  # a number is looked at by staff
    view = house.desk.get(done.ref)
    assert view.verified and view.only == (("crm.clients", (1,)),)
    house.desk.decide(done.ref, "act", by="member 1")
    with requests.acting(house) as actor:
        requests.act(house, requests.plan(house, [house.desk.get(done.ref)], actor), actor)
    after = rows(house.folder, "crm", CLIENTS)
    assert after[0] == (1, "Anne", ANN, "028 9000 7777")
    assert after[1:] == before[1:]  # Bob has the same number, and keeps his name and it


def test_what_changed_meanwhile_is_not_overwritten(house: Workspace) -> None:
    own = owndata.look(house, ANN).values[0]
    sql(house.folder, "crm", "UPDATE clients SET name = 'Annie' WHERE id = 1")
    with pytest.raises(UsageError):
        owndata.correct(house, ANN, {own: "Anne"})
    with pytest.raises(UsageError):
        owndata.correct(house, ANN, {})
    with pytest.raises(UsageError):  # somebody else's
        owndata.correct(house, BOB, {own: "Mallory"})
    assert house.desk.listed() == []
