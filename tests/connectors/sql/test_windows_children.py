"""Records go with what hangs on them, and only theirs."""

from __future__ import annotations

from dataclasses import replace

import pytest

from servanda.connectors.sql import windows
from servanda.stores.mapping import Child, Counter, Detach
from tests.connectors.sql.windows_kit import CALLS, DUE, NEW, OLD, Kit, listed, work

FAMILY = replace(
    CALLS,
    children=(Child("notes", (("belongs", "id"),), (Child("words", (("note", "id"),)),)),),
    counters=(Counter("persons", "calls", (("name", "person"),)),),
    detaches=(Detach("calls", "prior", "id", 0),),
)
TABLES = [
    "CREATE TABLE notes (id INTEGER PRIMARY KEY, belongs INTEGER)",
    "CREATE TABLE words (note INTEGER, word VARCHAR(9))",
    "CREATE TABLE persons (name VARCHAR(80), calls INTEGER)",
    "ALTER TABLE calls ADD COLUMN prior INTEGER",
    "INSERT INTO notes VALUES (11, 1), (12, 1), (21, 2), (31, 3)",
    "INSERT INTO words VALUES (11, 'a'), (12, 'b'), (21, 'c'), (31, 'd'), (99, 'e')",
    "INSERT INTO persons VALUES ('ann', 2), ('bob', 3), ('eve', 9)",
    # Of the rows that go, one points at another that goes; of those that stay, one at each kind.
    "UPDATE calls SET prior = 1 WHERE id IN (3, 4)",
    "UPDATE calls SET prior = 2 WHERE id = 5",
]


def family(kit: Kit, key: str = "id BIGINT PRIMARY KEY") -> None:
    kit.calls(
        [(1, OLD, "ann"), (2, NEW, "ann"), (3, OLD, "bob"), (4, NEW, "bob"), (5, NEW, "bob")],
        key=key,
    )
    kit.run(*TABLES)


def state(kit: Kit) -> list[list[tuple[object, ...]]]:
    return [
        kit.all("SELECT id, prior FROM calls ORDER BY id"),
        kit.all("SELECT id FROM notes ORDER BY id"),
        kit.all("SELECT word FROM words ORDER BY word"),
        kit.all("SELECT name, calls FROM persons ORDER BY name"),
    ]


GONE = [
    [(2, None), (4, 0), (5, 2)],
    [(21,)],
    [("c",), ("e",)],
    [("ann", 1), ("bob", 2), ("eve", 9)],
]


@pytest.mark.parametrize("rows", [1, 2, 1000])
def test_children_counters_and_pointers(kit: Kit, rows: int) -> None:
    family(kit)
    before = state(kit)
    (bounds,) = kit.split(work(collection=FAMILY), 1000)
    with windows.open_(kit.mapped(FAMILY), work(collection=FAMILY), bounds, DUE) as window:
        assert listed([window.keys]) == [1, 3]
    assert state(kit) == before
    assert listed(kit.each(work(collection=FAMILY), rows)) == [1, 3]
    assert state(kit) == GONE


def test_one_connection_is_enough(kit: Kit) -> None:
    family(kit)
    kit.db.engine.dispose()
    taken = [kit.db.engine.connect() for _ in range(3)]  # of four
    assert listed(kit.each(work(collection=FAMILY), 2)) == [1, 3]
    assert state(kit) == GONE
    for each in taken:
        each.close()


def test_a_key_that_is_no_primary_key(kit: Kit) -> None:
    simple = replace(FAMILY, detaches=())
    family(kit, key="id BIGINT")
    assert listed(kit.each(work(collection=simple), 2)) == [1, 3]
    assert state(kit)[1:] == GONE[1:]
    assert kit.all("SELECT count(*) FROM calls") == [(3,)]


def test_a_foreign_key_that_forbids_is_obeyed_by_order(kit: Kit) -> None:
    kind = "INTEGER" if kit.dialect == "sqlite" else "BIGINT"
    kit.calls([(1, OLD, "ann"), (2, NEW, "ann")])
    kit.run(
        f"CREATE TABLE notes (id INTEGER PRIMARY KEY, owner {kind},"
        " FOREIGN KEY (owner) REFERENCES calls (id))",
        "INSERT INTO notes VALUES (11, 1), (21, 2)",
    )
    parent = replace(CALLS, children=(Child("notes", (("owner", "id"),)),))
    assert listed(kit.each(work(collection=parent), 2)) == [1]
    assert kit.all("SELECT id FROM notes") == [(21,)]
