"""Columns of every kind: keys, comparisons, values read, whole stores described."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from servanda.kernel.errors import StoreRefused
from servanda.kernel.predicate import (
    ClockBy,
    ClockMissing,
    Compare,
    Contains,
    Erased,
    Everything,
    Missing,
    Not,
    OneOf,
    Predicate,
    Scalar,
)
from servanda.stores.mapping import Clock, Collection, Column, Field, JsonPath, SetText
from servanda.stores.port import DeleteRows, RedactRows, Work
from tests.connectors.sql.tables import fetch, opened, run

UUID = "0f8fad5b-d9cb-469f-a165-70867728950e"


def engine(url: str) -> str:
    return url.split(":")[0].split("+")[0]


def things(key: str = "id") -> Collection:
    fields = tuple(Field(n, Column(n)) for n in ("id", "w"))
    return Collection("store", "things", "things", "calls", (key,), (), fields)


def fill(url: str, type_: str, literals: list[str], key: str = "id") -> None:
    run(
        url,
        f"CREATE TABLE things (id INTEGER NOT NULL, w {type_}, PRIMARY KEY ({key}))",
        *(f"INSERT INTO things VALUES ({n}, {each})" for n, each in enumerate(literals, 1)),
    )


def ids(url: str, where: Predicate) -> list[Any]:
    with opened(url) as store:
        return sorted(row[0] for row in store.rows(things(), where, ["id"]))


KEYS = {
    "integer": ("integer", ["-5", "0", "2147483647"]),
    "big": ("bigint", ["-9223372036854775808", "9007199254740993", "9223372036854775807"]),
    "text": ("varchar(40)", ["'Ødegård'", "'a'", "'O''Neill \"x\"'"]),
    "char": ("char(12)", ["'a'", "'b '", "'cc'"]),
    "date": ("date", ["'2020-01-01'", "'1999-12-31'", "'2025-06-15'"]),
    "number": ("numeric(20,4)", ["1.5", "20", "-0.0001"]),
}


@pytest.mark.parametrize("kind", [*KEYS, "uuid", "bytes", "datetime"])
def test_keys_of_any_kind(url: str, kind: str) -> None:
    """Three records, two of them go; presence is right before, meanwhile, and after."""
    if kind == "uuid":
        type_ = {"postgresql": "uuid", "mysql": "uuid", "sqlite": "char(36)"}[engine(url)]
        literals = [f"'{uuid.uuid4()}'" for _ in range(3)]
    elif kind == "bytes":
        type_ = {"postgresql": "bytea", "mysql": "varbinary(20)", "sqlite": "blob"}[engine(url)]
        mark = "'\\x{}'" if engine(url) == "postgresql" else "x'{}'"
        literals = [mark.format(each) for each in ("00ff", "27", "5c2e2d")]
    elif kind == "datetime":
        type_ = {"postgresql": "timestamp", "mysql": "datetime(6)", "sqlite": "datetime"}[
            engine(url)
        ]
        literals = [f"'2025-06-15 12:00:0{n}.250000'" for n in range(3)]
    else:
        type_, literals = KEYS[kind]
    fill(url, type_, literals, key="w")
    keyed = things("w")
    with opened(url) as store:
        work = Work(keyed, DeleteRows(), Not(Compare("id", "=", 2)))
        before = fetch(url, "SELECT id FROM things ORDER BY id")
        keys = []
        for bounds in store.split(work, 1):
            with store.open(work, bounds, work.target) as window:
                keys.append(window.keys)
        assert sum(each.count for each in keys) == 2
        assert all(store.present(work, each) == each for each in keys)
        assert fetch(url, "SELECT id FROM things ORDER BY id") == before == [(1,), (2,), (3,)]
        for bounds in store.split(work, 1):
            with store.open(work, bounds, work.target) as window:
                window.commit()
        assert all(store.present(work, each).count == 0 for each in keys)
        # What is read of a key finds its record again.
        ((key,),) = store.rows(keyed, Everything(), ["w"])
        assert store.tally(keyed, Compare("w", "=", key)).count == 1
        assert store.tally(keyed, OneOf("w", (key,))).count == 1
    assert fetch(url, "SELECT id FROM things") == [(2,)]


@pytest.mark.parametrize(
    ("wanted", "found"),
    [(True, [1]), ("yes", [1]), ("1", [1]), (1, [1]), (False, [2]), ("off", [2]), ("maybe", [])],
)
def test_booleans(url: str, wanted: Scalar, found: list[int]) -> None:
    fill(url, "boolean", ["TRUE", "FALSE", "NULL"])
    if engine(url) == "mysql" and wanted in ("yes", "off"):
        found = []  # there a boolean is a number
    assert ids(url, Compare("w", "=", wanted)) == found
    assert ids(url, OneOf("w", (wanted,))) == found


def test_numbers_against_text_and_text_against_numbers(url: str) -> None:
    fill(url, "integer", ["7", "70", "NULL"])
    assert ids(url, Compare("w", "=", "7")) == [1]
    assert ids(url, Compare("w", ">", "7")) == [2]
    assert ids(url, Compare("w", "=", "seven")) == []
    assert ids(url, Compare("w", "!=", "seven")) == [1, 2]
    assert ids(url, Compare("w", "<=", 10**15)) == [1, 2]
    assert ids(url, Contains("w", "0")) == [2]
    run(url, "DROP TABLE things")
    fill(url, "varchar(10)", ["'7'", "'70'", "'x'", "NULL"])
    assert ids(url, Compare("w", "=", 7)) == [1]
    assert ids(url, Compare("w", ">=", 8)) == [2]
    assert ids(url, OneOf("w", (70, "x"))) == [2, 3]


NULLS: list[Predicate] = [
    Compare("w", "=", "x"),
    Compare("w", "!=", "x"),
    Compare("w", "<", "x"),
    Compare("w", "=", 5),
    Compare("w", ">", 5),
    OneOf("w", ("x", "y")),
    Contains("w", "x"),
    Missing("w"),
    ClockBy("recorded", datetime(2025, 1, 1, tzinfo=UTC)),
    ClockMissing("recorded"),
    *(Erased("w", form) for form in ("year", "number:10", "ip", "postcode", "pseudonym")),
]


@pytest.mark.parametrize("type_", ["varchar(40)", "char(10)", "integer", "date"])
def test_a_predicate_and_its_opposite_share_out_all_records(url: str, type_: str) -> None:
    """Also where the value is null: no record falls between the two, or counts twice."""
    literals = {"integer": ["5", "7", "NULL"], "date": ["'2024-05-05'", "'2030-01-01'", "NULL"]}
    fill(url, type_, literals.get(type_, ["'x'", "'2024-05-05'", "NULL", "''"]))
    collection = replace(things(), clocks=(Clock("recorded", Column("w")),))
    with opened(url) as store:
        total = store.tally(collection, Everything()).count
        for where in NULLS:
            try:
                counts = [store.tally(collection, each).count for each in (where, Not(where))]
            except StoreRefused:  # a form or clock that such a column cannot have
                assert isinstance(where, Erased | ClockBy | ClockMissing)
                continue
            assert sum(counts) == total, where
            assert store.tally(collection, Not(Not(where))).count == counts[0]


def test_blank_padded_text(url: str) -> None:
    fill(url, "char(12)", ["'Anna'", "'Bob'", "''", "NULL"])
    assert ids(url, Compare("w", "=", "Anna")) == [1]
    assert ids(url, OneOf("w", ("Anna", "Bob"))) == [1, 2]
    assert ids(url, Missing("w")) == [3, 4]
    assert ids(url, Compare("w", "=", "anna")) == []
    with opened(url) as store:
        assert {row[0] for row in store.rows(things(), Not(Missing("w")), ["w"])} == {"Anna", "Bob"}
        work = Work(things(), RedactRows((("w", SetText("gone")),)), Everything())
        for expected in (3, 0):
            changed = 0
            for bounds in store.split(work, 10):
                with store.open(work, bounds, work.target) as window:
                    changed += window.keys.count
                    window.commit()
            assert changed == expected


def test_collations_do_not_widen_a_comparison(mariadb_db: str) -> None:
    """The server's default tells no cases and accents apart; a predicate does."""
    fill(mariadb_db, "varchar(20)", ["'Anna'", "'ANNA'", "'Änna'", "'Anna '"])
    assert ids(mariadb_db, Compare("w", "=", "Anna")) == [1, 4]
    assert ids(mariadb_db, Compare("w", "!=", "Anna")) == [2, 3]
    assert ids(mariadb_db, OneOf("w", ("anna", "Änna"))) == [3]
    assert ids(mariadb_db, OneOf("w", tuple(f"x{n}" for n in range(900)))) == []


def test_values_are_read_as_the_few_kinds_there_are(url: str) -> None:
    types = {
        "postgresql": "n numeric(9,2), t time, j jsonb, u uuid, b bytea, i interval, a text[]",
        "mysql": "n decimal(9,2), t time, j json, u uuid, b blob, i enum('x'), a set('p','q')",
        "sqlite": "n numeric, t time, j json, u char(36), b blob, i text, a text",
    }[engine(url)]
    blob = "'\\x00ff'" if engine(url) == "postgresql" else "x'00ff'"
    odd = {"postgresql": "'1 day', '{p,q}'", "mysql": "'x', 'p,q'", "sqlite": "'x', 'p,q'"}
    run(
        url,
        f"CREATE TABLE things (id integer PRIMARY KEY, {types})",
        f"INSERT INTO things VALUES (1, 2.5, '10:30:00', '{{\"a\": 1}}', '{UUID}', {blob},"
        f" {odd[engine(url)]})",
        "INSERT INTO things (id) VALUES (2)",
    )
    names = ("n", "t", "j", "u", "b", "i", "a")
    fields = tuple(Field(n, Column(n)) for n in ("id", *names))
    collection = Collection("store", "things", "things", "calls", ("id",), (), fields)
    with opened(url) as store:
        one, two = sorted(store.rows(collection, Everything(), ["id", *names]))[:2]
        assert store.tally(collection, Compare("u", "=", UUID)).count == 1
        assert store.tally(collection, Compare("u", "=", "no uuid")).count == 0
        assert store.tally(collection, Compare("b", "=", b"\x00\xff")).count == 1
        assert store.tally(collection, Contains("j", '"A"')).count == 1
    assert two == (2, *[None] * 7)
    assert float(str(one[1])) == 2.5
    assert str(one[2]).startswith("10:30")
    assert str(one[3]).replace(" ", "") == '{"a":1}'
    assert one[4:6] == (UUID, b"\x00\xff")
    assert all(isinstance(each, str) for each in one[6:])


def test_documents_compare_alike(url: str) -> None:
    fill(url, "text", ["'{\"a\": true}'", "'{\"a\": 1}'", "'{\"a\": null}'", '\'{"a": "x"}\''])
    fields = (Field("id", Column("id")), Field("a", JsonPath("w", ("a",))))
    collection = Collection("store", "things", "things", "calls", ("id",), (), fields)
    with opened(url) as store:

        def found(where: Predicate) -> list[Scalar]:
            return sorted(row[0] for row in store.rows(collection, where, ["id"]))  # type: ignore

        assert found(Compare("a", "=", True)) == [1]
        assert found(Compare("a", "=", "true")) == [1]
        assert found(Compare("a", "=", 1)) == [2]
        assert found(Missing("a")) == [3]
        assert found(OneOf("a", ("x", 1))) == [2, 4]
        rows = dict(store.rows(collection, Everything(), ["id", "a"]))  # type: ignore
    assert rows == {1: "true", 2: "1", 3: None, 4: "x"}


def test_a_store_is_described(url: str) -> None:
    run(
        url,
        "CREATE TABLE people (id integer PRIMARY KEY, name varchar(40), seen date)",
        "CREATE TABLE keyless (note varchar(10))",
        *(f"CREATE TABLE many_{n} (a integer, b integer)" for n in range(60)),
    )
    if engine(url) == "postgresql":
        run(
            url,
            "CREATE SCHEMA accounts",
            "CREATE TABLE accounts.invoices (id bigint PRIMARY KEY, day date)",
            "INSERT INTO accounts.invoices VALUES (1, '2020-01-01'), (2, '2025-01-01')",
            "CREATE TABLE parted (id integer, day date) PARTITION BY RANGE (day)",
            "CREATE TABLE parted_2020 PARTITION OF parted"
            " FOR VALUES FROM ('2020-01-01') TO ('2021-01-01')",
            "CREATE VIEW seen AS SELECT name FROM people",
        )
    with opened(url) as store:
        shape = store.shape()
        people = shape.table("people")
        keyless = shape.table("keyless")
        assert people is not None
        assert [name for name, _ in people.columns] == ["id", "name", "seen"]
        assert people.key == ("id",)
        assert keyless is not None
        assert keyless.key == ()
        product = {"postgresql": "PostgreSQL", "mysql": "MariaDB", "sqlite": "SQLite"}[engine(url)]
        assert shape.product.startswith(f"{product} ")
        assert len([t for t in shape.tables if t.name.startswith("many_")]) == 60
        if engine(url) == "postgresql":
            assert shape.table("parted") is not None
            assert shape.table("parted_2020") is None
            assert shape.table("seen") is None
            fields = (Field("id", Column("id")),)
            clocks = (Clock("issued", Column("day")),)
            invoices = Collection(
                "store", "invoices", "accounts.invoices", "books", ("id",), clocks, fields
            )
            tally = store.tally(invoices, Everything(), "issued")
            assert tally.count == 2
            assert tally.oldest == datetime(2020, 1, 1, tzinfo=UTC)


def test_a_field_that_is_a_file_part_is_refused(url: str) -> None:
    from servanda.stores.mapping import FilePart

    fill(url, "varchar(5)", ["'x'"])
    fields = (Field("id", Column("id")), Field("name", FilePart("name")))
    collection = Collection("store", "things", "things", "calls", ("id",), (), fields)
    with opened(url) as store, pytest.raises(StoreRefused, match="file"):
        list(store.rows(collection, Everything(), ["name"]))
