"""Corrections: the right value in every kind of column, and refusals before anything is written."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from servanda.connectors.sql.store import SqlStore
from servanda.kernel.errors import StoreRefused
from servanda.kernel.predicate import Compare, OneOf, Predicate
from servanda.stores.mapping import Collection, Column, Field, JsonPath, Lookup, Source
from servanda.stores.port import CorrectRows, Work
from tests.connectors.sql.tables import fetch, opened, run

SECRET = "Zoë-Secret"
SOURCES: dict[str, Source] = {
    "id": Column("id"),
    "name": Column("name"),
    "email": Column("email"),
    "born": Column("born"),
    "seen": Column("seen"),
    "age": Column("age"),
    "city": JsonPath("doc", ("address", "city")),
    "kept": JsonPath("doc", ("kept",)),
    "far": Lookup("people", (("id", "id"),), "name"),
}
PEOPLE = Collection(
    "store",
    "people",
    "people",
    "clients",
    ("id",),
    (),
    tuple(Field(name, source) for name, source in SOURCES.items()),
)
DOCUMENT = '{"address": {"city": "Bonn", "zip": 5}, "kept": "x"}'


@pytest.fixture
def store(url: str) -> Iterator[SqlStore]:
    json = {"postgresql": "jsonb", "mysql": "json", "sqlite": "json"}[
        url.split("+")[0].split(":")[0]
    ]
    run(
        url,
        "CREATE TABLE people (id INTEGER NOT NULL PRIMARY KEY, name VARCHAR(12),"
        f" email VARCHAR(40) UNIQUE, born DATE, seen TIMESTAMP NULL, age SMALLINT, doc {json})",
        f"INSERT INTO people VALUES (1, 'Anna', 'a@x', '1990-01-01', NULL, 30, '{DOCUMENT}')",
        f"INSERT INTO people VALUES (2, NULL, 'b@x', '1990-01-01', NULL, 30, '{DOCUMENT}')",
        "INSERT INTO people VALUES (3, 'Anna', NULL, NULL, NULL, NULL, '{\"kept\": \"y\"}')",
    )
    with opened(url) as made:
        yield made


def work(target: Predicate, **changes: str) -> Work:
    return Work(PEOPLE, CorrectRows(tuple(changes.items())), target)


def corrected(store: SqlStore, target: Predicate, **changes: str) -> int:
    with store.together([work(target, **changes)]) as bundle:
        bundle.commit()
    (keys,) = bundle.keys
    assert store.present(work(target, **changes), keys).count == 0
    return keys.count


ONE = Compare("id", "=", 1)


@pytest.mark.parametrize(
    ("field", "text", "read"),
    [
        ("name", "anna", "anna"),  # only the case differs
        ("name", "Änna 🎈 \\'", "Änna 🎈 \\'"),
        ("name", "Anna ", "Anna "),  # only a blank at the end differs
        ("name", "x" * 12, "x" * 12),
        ("email", "new@x", "new@x"),
        ("born", "1991-12-31", "1991-12-31"),
        ("age", "31", 31),
        ("city", 'Köln "am" Rhein', 'Köln "am" Rhein'),
    ],
)
def test_the_right_value_stands_there_afterwards(
    store: SqlStore, field: str, text: str, read: object
) -> None:
    others = [*store.rows(PEOPLE, OneOf("id", (2, 3)), [*SOURCES])]
    rest = [each for each in SOURCES if each not in (field, "far")]
    before = [*store.rows(PEOPLE, ONE, rest)]
    assert corrected(store, ONE, **{field: text}) == 1
    assert [*store.rows(PEOPLE, ONE, [field])] == [(read,)]
    assert [*store.rows(PEOPLE, ONE, rest)] == before
    assert [*store.rows(PEOPLE, OneOf("id", (2, 3)), [*SOURCES])] == others
    assert corrected(store, ONE, **{field: text}) == 0  # it is right already


def test_what_was_null_is_filled_and_what_a_document_lacks_is_not(store: SqlStore) -> None:
    every = OneOf("id", (1, 2, 3))
    assert corrected(store, every, name="Ann", city="Köln") == 3
    assert sorted(store.rows(PEOPLE, every, ["id", "name"])) == [(1, "Ann"), (2, "Ann"), (3, "Ann")]
    cities = sorted(store.rows(PEOPLE, every, ["id", "city", "kept"]))
    assert cities == [(1, "Köln", "x"), (2, "Köln", "x"), (3, None, "y")]
    assert corrected(store, every, name="Ann", city="Köln") == 0


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"name": f"{SECRET}-too-long"}, "room for 12"),
        ({"age": SECRET}, "cannot hold"),
        ({"age": ""}, "cannot hold"),
        ({"born": SECRET}, "cannot hold"),
        ({"seen": SECRET}, "cannot hold"),
        ({"id": "7"}, "part of the key"),
        ({"far": SECRET}, "another table"),
        ({"email": "b@x"}, "unique"),
        ({"name": "Ann", "age": SECRET}, "cannot hold"),
    ],
)
def test_what_cannot_be_is_refused_without_the_value(
    store: SqlStore, url: str, changes: dict[str, str], says: str
) -> None:
    before = sorted(fetch(url, "SELECT id, name, email, born, age FROM people"))
    with pytest.raises(StoreRefused, match=says) as refused:
        store.together([work(ONE, **changes)])
    assert f'field "{[*changes][-1]}"' in str(refused.value)
    assert SECRET not in str(refused.value)
    assert refused.value.remedy
    assert sorted(fetch(url, "SELECT id, name, email, born, age FROM people")) == before


def test_two_records_cannot_both_get_a_unique_value(store: SqlStore, url: str) -> None:
    with pytest.raises(StoreRefused, match="unique"):
        store.together([work(OneOf("id", (1, 2)), email="one@x")])
    assert fetch(url, "SELECT email FROM people WHERE email = 'one@x'") == []
    assert corrected(store, Compare("id", "=", 3), email="one@x") == 1
