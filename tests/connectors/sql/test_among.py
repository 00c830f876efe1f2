"""Many rows at once: what was read of a record finds that record again, and no other."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import product
from typing import Any

import pytest
import sqlalchemy as sa

from servanda.connectors.sql import compile
from servanda.connectors.sql.reflect import mapped
from servanda.connectors.sql.store import SqlStore
from servanda.kernel.predicate import Among, Everything, Not, all_of
from servanda.stores.mapping import Collection, Column, Field
from tests.connectors.sql.tables import engine_of, opened, run

PG, MY, LITE = "postgresql", "mysql", "sqlite"


def engine(url: str) -> str:
    return url.split(":")[0].split("+")[0]


def things(*columns: str) -> Collection:
    fields = tuple(Field(name, Column(name)) for name in ("id", *columns))
    return Collection("store", "things", "things", "calls", ("id",), (), fields)


def words(*texts: str) -> list[str]:
    return ["'" + text.replace("'", "''") + "'" for text in texts]


def hexed(*raw: bytes) -> dict[str, list[str]]:
    plain = [f"x'{each.hex()}'" for each in raw]
    return {PG: [f"'\\x{each.hex()}'" for each in raw], MY: plain, LITE: plain}


# Kind -> engine -> (type of the column, literals). `*` stands for every engine.
TEXTS = words("anna", "Anna", "änna", "anna ", "", " ", 'O\'Neill \\ "x",{}', "王 🎈", "NULL", "5")
KINDS: dict[str, dict[str, tuple[str, list[str]]]] = {
    "integer": {"*": ("bigint", ["-5", "0", "1", "9223372036854775807", "-9223372036854775808"])},
    "small": {"*": ("smallint", ["-5", "0", "1", "32767"])},
    "text": {
        PG: ("varchar(40)", TEXTS),
        MY: ("varchar(40) CHARACTER SET utf8mb4", TEXTS),
        LITE: ("varchar(40) COLLATE NOCASE", [*TEXTS, "x'616e6e61'", "'a' || char(0) || 'b'"]),
    },
    "char": {"*": ("char(6)", words("anna", "Anna", "an", "a"))},
    "latin": {MY: ("varchar(40) CHARACTER SET latin1", words("anna", "änna", "ANNA", "anna "))},
    "decimal": {
        PG: ("numeric(20,4)", ["1.5", "20", "-0.0001", "0", "'NaN'", "1234567890123456.7891"]),
        MY: ("decimal(20,4)", ["1.5", "20", "-0.0001", "0", "1234567890123456.7891"]),
        LITE: ("decimal(20,4)", ["1.5", "20", "-0.0001", "0", "'odd'"]),
    },
    "real": {
        PG: ("real", ["0.1", "1e30", "-2.5", "3", "'infinity'", "16777216"]),
        MY: ("float", ["0.1", "1e30", "-2.5", "3"]),
        LITE: ("real", ["0.1", "1e30", "-2.5", "3", "2.2250738585072014e-308"]),
    },
    "double": {"*": ("double precision", ["0.1", "1e300", "-2.5", "3", "0.30000000000000004"])},
    "boolean": {"*": ("boolean", ["true", "false"])},
    "uuid": {
        PG: ("uuid", words(*(str(uuid.uuid4()) for _ in range(3)))),
        MY: ("uuid", words(*(str(uuid.uuid4()) for _ in range(3)))),
        LITE: ("char(36)", words(*(str(uuid.uuid4()) for _ in range(3)))),
    },
    "bytes": {
        each: ({PG: "bytea", MY: "varbinary(20)", LITE: "blob"}[each], raw)
        for each, raw in hexed(b"\0\xff", b"'", b"\\.-", b"", b"abc", b"ABC").items()
    },
    "date": {"*": ("date", words("2020-01-01", "1999-12-31", "2025-06-15"))},
    "far date": {
        PG: ("date", words("infinity", "2025-06-15")),
        MY: ("date", words("0000-00-00", "2025-06-15")),
    },
    "datetime": {
        PG: ("timestamp", words("2025-03-30 02:30:00", "2025-10-26 02:30:00.25", "1999-01-01")),
        MY: ("datetime(6)", words("2025-03-30 02:30:00", "2025-10-26 02:30:00.25", "1999-01-01")),
        LITE: (
            "datetime",
            words(
                "2025-03-30 02:30:00", "2025-10-26T02:30:00.25", "1999-01-01", "2025-01-01Z", "no"
            ),
        ),
    },
    "instant": {
        PG: ("timestamptz", words("2025-03-30 02:30:00+01", "2025-10-26 00:30:00.25Z")),
        MY: ("timestamp(6) NULL", words("2025-03-30 02:30:00", "2025-10-26 00:30:00.25")),
    },
    "inet": {PG: ("inet", words("10.0.0.1", "10.0.0.0/8", "fe80::1"))},
    "enum": {MY: ("enum('a','B','b2')", words("a", "B", "b2"))},
    "json": {
        PG: ("jsonb", words('{"a": 1}', "[]", '"x"')),
        MY: ("json", words('{"a": 1}', "[]", '"x"')),
    },
    "time": {"*": ("time", words("10:00:00", "23:59:59"))},
}


@contextmanager
def store_of(
    url: str, columns: dict[str, str], rows: Sequence[tuple[str, ...]]
) -> Iterator[SqlStore]:
    declared = ", ".join(f"{name} {type_}" for name, type_ in columns.items())
    filled = [f"({n}, {', '.join(row)})" for n, row in enumerate(rows, 1)]
    strict = ["SET SESSION sql_mode = ''"] if engine(url) == MY else []
    run(
        url,
        *strict,
        f"CREATE TABLE things (id INTEGER NOT NULL PRIMARY KEY, {declared})",
        f"INSERT INTO things VALUES {', '.join(filled)}",
    )
    with opened(url, zone="Europe/Berlin") as store:
        yield store


def finds_itself(store: SqlStore, collection: Collection, fields: tuple[str, ...]) -> None:
    """Each record's values find just the records with these values; all together, all."""
    read = list(store.rows(collection, Everything(), ["id", *fields]))
    assert read
    for row in read:
        meant = {other[0] for other in read if [*map(typed, other[1:])] == [*map(typed, row[1:])]}
        where = Among(fields, (row[1:],))
        assert {r[0] for r in store.rows(collection, where, ["id"])} == meant, row
        others = {r[0] for r in store.rows(collection, Not(where), ["id"])}
        assert others == {other[0] for other in read} - meant, row
    every = Among(fields, tuple(row[1:] for row in read))
    assert store.tally(collection, every).count == len(read)
    assert store.tally(collection, Not(every)).count == 0
    some = Among(fields, tuple(row[1:] for row in read[1:]))
    first = [r for r in read[1:] if [*map(typed, r[1:])] == [*map(typed, read[0][1:])]]
    assert store.tally(collection, Not(some)).count == (0 if first else 1)


def typed(value: object) -> object:
    return (isinstance(value, str), isinstance(value, bytes), repr(value))


@pytest.mark.parametrize("name", KINDS)
@pytest.mark.parametrize("beside", [False, True], ids=["alone", "with-others"])
def test_what_was_read_is_found_again(url: str, name: str, beside: bool) -> None:
    kinds = KINDS[name]
    if engine(url) not in kinds and "*" not in kinds:
        return
    type_, literals = kinds.get(engine(url)) or kinds["*"]
    columns = {"v": type_, "w": "varchar(10)"}
    rows = [*product([*literals, "NULL"], ["'x'", "'X'", "NULL"])]
    fields = ("w", "v") if beside else ("v",)
    with store_of(url, columns, rows) as store:
        finds_itself(store, things("v", "w"), fields)


@pytest.mark.parametrize("key", [("n",), ("code",), ("branch", "n")], ids="-".join)
@pytest.mark.parametrize("many", [1, 20, 20_000])
def test_an_index_serves_however_many(url: str, key: tuple[str, ...], many: int) -> None:
    """The plan for reading and the plan for deleting walk the key's index, not the table, and
    twenty thousand rows go in one statement."""
    run(
        url,
        "CREATE TABLE things (id INTEGER NOT NULL, n INTEGER NOT NULL, branch VARCHAR(8) NOT NULL,"
        f" code VARCHAR(20) NOT NULL, PRIMARY KEY ({', '.join(key)}))",
    )
    numbers = [*range(60_000)]
    fill(url, [(n, n, f"b{n % 50}", f"Code {n}") for n in numbers])
    analysed = {PG: "ANALYZE things", MY: "ANALYZE TABLE things", LITE: "ANALYZE"}
    run(url, analysed[engine(url)])
    collection = things("n", "branch", "code")
    with opened(url) as store:
        read = [*store.rows(collection, Everything(), key)]
        where = Among(key, tuple(read[:: len(read) // many][:many]))
        found = [*store.rows(collection, all_of([where, Not(Among(key, (read[0],)))]), key)]
        assert sorted(found) == sorted(set(where.rows) - {read[0]})
        if many == 20_000:  # a third of the table: the engine may as well read all of it
            return
        here = mapped(store.db, collection)
        condition = compile.target(here, where)
        for doing in (sa.select(here.table), sa.delete(here.table)):
            plan = explained(store, doing.where(condition))
            assert "things" in plan
            assert not any(each in plan for each in WALKED[engine(url)]), plan


WALKED = {PG: ("Seq Scan on things",), MY: ("'ALL'", "'index'"), LITE: ("SCAN things",)}


def fill(url: str, rows: list[tuple[object, ...]]) -> None:
    with engine_of(url) as made, made.begin() as connection:
        table = sa.table("things", *map(sa.column, ("id", "n", "branch", "code")))
        names = [column.name for column in table.columns]
        connection.execute(table.insert(), [dict(zip(names, row, strict=True)) for row in rows])


def explained(store: SqlStore, statement: sa.Executable) -> str:
    word = "EXPLAIN QUERY PLAN" if store.db.dialect == "sqlite" else "EXPLAIN"

    with store.db.engine.connect() as connection:

        @sa.event.listens_for(connection, "before_cursor_execute", retval=True)
        def _explain(
            _c: object, _k: object, text: str, given: object, *_: object
        ) -> tuple[str, object]:
            return f"{word} {text}", given

        cursor: Any = connection.execute(statement).cursor
        return repr(cursor.fetchall())
