"""Card numbers in the stores are counted by field, and never told."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from servanda.connectors.sql.store import SqlStore
from servanda.inventory.cards import entry, search, summary
from servanda.kernel.errors import StoreUnreachable
from servanda.stores.mapping import Field, FilePart, StoreConfig
from tests.cli.shop import Cli
from tests.connectors.files.loglines import LOG, NEW, line
from tests.connectors.files.shelves import opened
from tests.plan import database
from tests.plan.builders import collection, field

CARD = "4111 1111 1111 1111"
PEOPLE = collection(
    fields=[
        field("name", "name"),
        field("note", "comms"),
        field("pan", "pay.card_number"),
        field("ticket"),
    ]
)
OTHERS = collection("others", fields=[field("note", "comms")])
ROWS = [
    (1, "Ann", f"said {CARD} by phone", "4222222222222", CARD),
    (2, "Bob", "case 4111 1111 1111 1112", CARD, "x"),
    (3, f"Cid {CARD}", "5555-5555-5555-4444", None, "x"),
    (4, None, None, None, None),
]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    made = database.make(
        tmp_path / "crm.sqlite",
        "CREATE TABLE people (id INTEGER PRIMARY KEY, name TEXT, note TEXT, pan TEXT, ticket TEXT)",
        "CREATE TABLE others (id INTEGER PRIMARY KEY, note TEXT)",
    )
    database.insert(made, "people", ROWS)
    database.insert(made, "others", [(1, "+44 28 9018 0001 and 028 9018 0002")])
    return made


@pytest.fixture
def store(path: Path) -> Iterator[SqlStore]:
    crm = database.open_store(database.config(path, PEOPLE, OTHERS))
    yield crm
    crm.close()


def test_numbers_are_counted_where_none_is_declared(path: Path, store: SqlStore) -> None:
    config = database.config(path, PEOPLE, OTHERS)
    found = search([config], {"crm": store})
    assert [(each.collection, each.found) for each in found] == [
        ("crm.people", (("name", 1), ("note", 2))),
        ("crm.others", ()),
    ]
    assert entry(found) == {
        "found": {"crm.people": {"name": 1, "note": 2}},
        "searched": 2,
        "not_searched": [],
    }
    said = summary(found) + str(entry(found)) + str(found)
    assert "crm.people.note: 2 records" in said
    for piece in ("4111", "5555", "Ann", "Cid"):
        assert piece not in said


class Plain:
    """The same store, as one that searches no texts itself."""

    def __init__(self, store: SqlStore) -> None:
        self._store = store

    def rows(self, *told: Any, **named: Any) -> Any:
        return self._store.rows(*told, **named)


def test_a_store_that_searches_no_texts_is_read(path: Path, store: SqlStore) -> None:
    config = database.config(path, PEOPLE, OTHERS)
    plain: Any = Plain(store)
    assert search([config], {"crm": plain}) == search([config], {"crm": store})


def test_lines_of_logs_are_searched_by_what_the_mapping_reads_in_them(tmp_path: Path) -> None:
    text = b"".join(
        line(NEW + n, each) for n, each in enumerate(["07001", CARD, "07002", "4111-1111"])
    )
    (tmp_path / "queue_log").write_bytes(text)
    with opened(tmp_path) as files:
        config = StoreConfig("logs", f"file://{tmp_path}", collections=(LOG,))
        (found,) = search([config], {"logs": files})
    assert (found.found, found.why) == ((("caller", 1),), "")


def test_what_cannot_be_searched_is_said(path: Path, store: SqlStore) -> None:
    away = StoreUnreachable("crm", "it is away")
    config = database.config(path, PEOPLE, OTHERS)
    assert [each.why for each in search([config], {"crm": away})] == [
        "its store was not reached"
    ] * 2
    gone = replace(PEOPLE, fields=(*PEOPLE.fields, field("gone", "comms")))
    found = search([database.config(path, gone, OTHERS)], {"crm": store})
    assert found[0].why and not found[1].why
    assert "not searched: crm.people" in summary(found)
    files = replace(PEOPLE, fields=(Field("file", FilePart("size"), ("comms",)),))
    assert search([database.config(path, files)], {"crm": store})[0].found == ()


def test_the_command_says_it_and_leaves_evidence(cli: Cli) -> None:
    clean = cli("inventory", "--cards")
    assert "No card number was found" in clean.out
    cli.add(101, 1, email=f"{CARD}@example.test")
    cli.add(102, 1, email="4111 1111 1111 1112@example.test")
    cli.add(103, 1, email="jo@example.test")
    done = cli("inventory", "--cards")
    assert done.code == 1
    assert "shop.messages.email: 1 record\n" in done.out
    assert "4111" not in done.out + done.err
    told = cli("inventory", "--cards", "--json").json()
    assert told["cards"]["found"] == {"shop.messages": {"email": 1}}
    assert "cards" not in cli("inventory", "--json").json()
    assert cli("inventory", "--cards", "--graph").code == 2
