"""Each engine finds what may hold a card number, in columns of every kind, and leaves the rest."""

from __future__ import annotations

from dataclasses import replace

import pytest

from servanda.inventory.cards import PATTERN
from servanda.kernel.errors import Drift
from servanda.kernel.predicate import Compare
from servanda.stores.mapping import Collection, Column, Field
from tests.connectors.sql.tables import opened, run

NOTES = (
    ("'paid with 4111 1111 1111 1111 today'", True),
    ("'4111-1111-1111-1111'", True),
    ("'4111\n1111\n1111\n1111'", True),
    ("'(+44) 28 9018 0001 and 028 9018 0002'", True),  # only a sieve: more than twelve digits
    ("'case 12345678901'", False),
    ("'4111 and 1111 and 1111 and 1111'", False),
    ("'nothing'", False),
    ("''", False),
    ("NULL", False),
)


def people(*fields: str) -> Collection:
    known = (Field("id", Column("id")), *(Field(n, Column(n), ("comms",)) for n in fields))
    return Collection("store", "people", "people", "calls", ("id",), (), known)


def fill(url: str) -> None:
    big = "INTEGER" if url.startswith("sqlite") else "BIGINT"
    run(
        url,
        f"CREATE TABLE people (id INTEGER NOT NULL, note VARCHAR(200), number {big}, "
        "PRIMARY KEY (id))",
        *(f"INSERT INTO people VALUES ({n}, {note}, 7)" for n, (note, _) in enumerate(NOTES)),
        "INSERT INTO people VALUES (90, 'x', 4111111111111111)",
        "INSERT INTO people VALUES (91, NULL, NULL)",
    )


def test_the_sieve(url: str) -> None:
    fill(url)
    with opened(url) as store:
        found = [str(row[0]) for row in store.suspects(people("note"), ["note"], PATTERN)]
        assert len(found) == sum(suspect for _, suspect in NOTES)
        assert all("1111" in each or "9018" in each for each in found)
        both = list(store.suspects(people("note", "number"), ["note", "number"], PATTERN))
        assert len(both) == len(found) + 1
        assert ("x", "4111111111111111") in [(a, str(b)) for a, b in both]
        assert list(store.suspects(people("note"), ["note"], "no such text")) == []


def test_only_the_collections_own_records(url: str) -> None:
    fill(url)
    some = replace(people("note"), where=Compare("id", "<", 2))
    with opened(url) as store:
        assert len(list(store.suspects(some, ["note"], PATTERN))) == 2
        with pytest.raises(Drift):
            list(store.suspects(people("gone"), ["gone"], PATTERN))
