"""Erased forms: every engine against Python, twice, and what is refused beforehand."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from servanda.connectors.files import erase as files_erase
from servanda.connectors.sql.store import SqlStore
from servanda.kernel.erased import is_erased
from servanda.kernel.errors import StoreRefused
from servanda.kernel.predicate import Compare, Erased, Everything, Not
from servanda.stores.mapping import (
    RENAMED,
    Clock,
    Collection,
    Column,
    Erasure,
    Field,
    Generalise,
    JsonPath,
    Lookup,
    Pseudonym,
    SetNull,
    SetText,
    Source,
)
from servanda.stores.port import RedactRows, Work
from tests.connectors.sql.tables import engine_of, fetch, opened, run

KEY = bytes(range(32))
_KEPT = Field("kept", Column("kept"), ("name",))


def engine(url: str) -> str:
    return url.split(":")[0].split("+")[0]


def things(source: Source, *clocks: Clock) -> Collection:
    fields = (Field("id", Column("id")), Field("w", source, ("name",)))
    return Collection("store", "things", "things", "calls", ("id",), clocks, fields)


def fill(url: str, type_: str, values: Sequence[Any]) -> None:
    run(url, f"CREATE TABLE things (id INTEGER PRIMARY KEY, w {type_}, kept INTEGER)")
    mark = "?" if engine(url) == "sqlite" else "%s"
    with engine_of(url) as made, made.begin() as connection:
        for n, each in enumerate(values, 1):
            connection.exec_driver_sql(f"INSERT INTO things VALUES ({n}, {mark}, {n})", (each,))


def erase(store: SqlStore, collection: Collection, erasure: Erasure, key: bytes = KEY) -> int:
    """How many rows a run changed."""
    work = Work(collection, RedactRows((("w", erasure),)), Everything(), None, key)
    changed = 0
    for bounds in store.split(work, 100):
        with store.open(work, bounds, work.target) as window:
            changed += window.keys.count
            window.commit()
        assert store.present(work, window.keys).count == 0
    return changed


def outcome(url: str) -> list[Any]:
    rows = fetch(url, "SELECT w, id, kept FROM things ORDER BY id")
    assert all(id_ == kept for _, id_, kept in rows)  # the neighbour column
    return [each for each, _, _ in rows]


def check(
    url: str, collection: Collection, erasure: Erasure, wanted: list[Any], changed: int
) -> None:
    """One run gives what is wanted, a second changes nothing, and the reference agrees."""
    with opened(url) as store:
        assert erase(store, collection, erasure) == changed
        assert outcome(url) == wanted
        assert erase(store, collection, erasure) == 0
        assert outcome(url) == wanted


def test_pseudonyms_are_the_same_everywhere(url: str) -> None:
    values = ["Anna", "Ødegård 王 🎈", "anna", "O'Neill\\", None, "", "x" * 300]
    fill(url, "varchar(400)", values)

    def python(text: str | None) -> str | None:
        if not text:
            return text
        return "ps_" + hmac.new(KEY, text.encode(), hashlib.sha256).hexdigest()[:32]

    collection = things(Column("w"))
    check(url, collection, Pseudonym(), [python(each) for each in values], 5)
    with opened(url) as store:
        assert store.tally(collection, Not(Erased("w", "pseudonym"))).count == 0


def test_the_name_of_a_file_is_what_the_file_is_called_then(url: str) -> None:
    """Twice gives the same even where another field of the row is still to be erased."""
    names = ["in-200-02890180001-1.12.wav", "Ødegård.WAV", "no-ending", "a.b\n", "x.toolongending"]
    fill(url, "varchar(400)", [*names, None, ""])
    wanted = [files_erase.erased(each, RENAMED, KEY) for each in names]
    assert [each[35:] for each in wanted[:3]] == [".wav", ".WAV", ""]
    check(url, things(Column("w")), RENAMED, [*wanted, None, ""], 5)
    both = replace(things(Column("w")), fields=(*things(Column("w")).fields, _KEPT))
    work = Work(both, RedactRows((("w", RENAMED), ("kept", SetNull()))), Everything(), None, KEY)
    with opened(url) as store, store.open(work, store.split(work, 100)[0], work.target) as window:
        window.commit()
    assert [each for (each,) in fetch(url, "SELECT w FROM things ORDER BY id")][:5] == wanted


@pytest.mark.parametrize("length", [1, 63, 64, 65, 200])
def test_pseudonyms_with_keys_of_any_length(url: str, length: int) -> None:
    fill(url, "varchar(40)", ["Anna"])
    key = bytes(n % 256 for n in range(200, 200 + length))
    with opened(url) as store:
        erase(store, things(Column("w")), Pseudonym(), key)
    assert outcome(url) == ["ps_" + hmac.new(key, b"Anna", hashlib.sha256).hexdigest()[:32]]


def test_a_pseudonym_needs_a_key(url: str) -> None:
    fill(url, "varchar(40)", ["Anna"])
    with opened(url) as store, pytest.raises(StoreRefused, match="key"):
        erase(store, things(Column("w")), Pseudonym(), b"")
    assert outcome(url) == ["Anna"]


def test_null_and_text(url: str) -> None:
    fill(url, "varchar(10)", ["Anna", None, "gone", "GONE", "gone ", ""])
    collection = things(Column("w"))
    padded = engine(url) == "mysql"  # where `gone ` equals `gone`
    last = "gone " if padded else "gone"
    wanted = ["gone", None, "gone", "gone", last, "gone"]
    check(url, collection, SetText("gone"), wanted, 3 if padded else 4)
    check(url, collection, SetText(""), ["", None, "", "", "", ""], 5)
    check(url, collection, SetNull(), [None] * 6, 5)


ADDRESSES = {
    "192.168.17.250": "192.168.17.0",
    " 10.0.0.1 ": "10.0.0.0",
    "10.0.0.0": "10.0.0.0",
    "2001:db8:1234:5678::9": "2001:db8:1234::",
    "2001:0DB8:0:0:0:0:0:1": "2001:db8::",
    "::1": "::",
    "::": "::",
    "fe80::1:2:3:4": "fe80::",
    "1:2:3:4:5:6:7:8": "1:2:3::",
    "0:0:5:6:7:8:9:a": "0:0:5::",
    "::ffff:192.0.2.77": "::",
    "256.1.1.1": None,
    "1.2.3": None,
    "1:2:3": None,
    "1::2::3": None,
    "fe80::1%eth0": None,
    "10.0.0.1/24": None,
    "unknown": None,
    "": "",
}


def test_addresses(url: str) -> None:
    fill(url, "varchar(60)", [*ADDRESSES, None])
    wanted = [*ADDRESSES.values(), None]
    before = [*ADDRESSES, None]
    changed = sum(a != b for a, b in zip(before, wanted, strict=True))
    check(url, things(Column("w")), Generalise("ip"), wanted, changed)
    assert all(is_erased(each, "ip") for each in wanted if each)


def test_addresses_that_cannot_be_null_become_blank(url: str) -> None:
    fill(url, "varchar(60) NOT NULL", ["unknown", "10.1.2.3"])
    check(url, things(Column("w")), Generalise("ip"), ["", "10.1.2.0"], 2)


def test_addresses_of_their_own_type(postgres_db: str) -> None:
    fill(postgres_db, "inet", ["192.168.17.250", "10.0.0.0", "2001:db8:1:2::3", "10.9.8.7/16"])
    with opened(postgres_db) as store:
        assert erase(store, things(Column("w")), Generalise("ip")) == 3
        assert erase(store, things(Column("w")), Generalise("ip")) == 0
    assert [str(each) for each in outcome(postgres_db)] == [
        "192.168.17.0",
        "10.0.0.0",
        "2001:db8:1::",
        "10.9.8.0",
    ]


def test_addresses_of_their_own_type_in_mariadb(mariadb_db: str) -> None:
    fill(mariadb_db, "inet6", ["::ffff:192.168.17.250", "2001:db8:1:2::3", None])
    with opened(mariadb_db) as store:
        assert erase(store, things(Column("w")), Generalise("ip")) == 2
        assert erase(store, things(Column("w")), Generalise("ip")) == 0
    assert [str(each) for each in outcome(mariadb_db)] == ["::", "2001:db8:1::", "None"]


POSTCODES = {
    "BT1 1AA": "BT1",
    "bt11aa": "bt1",
    " SW1A 2AA\t": "SW1A",
    "EC1A1BB": "EC1A",
    "BT1": "BT1",
    "W1A": "W1A",
    "00901": "00901",
    "": "",
}


def test_postcodes(url: str) -> None:
    fill(url, "varchar(20)", [*POSTCODES, None])
    wanted = [*POSTCODES.values(), None]
    changed = sum(a != b for a, b in zip([*POSTCODES, None], wanted, strict=True))
    check(url, things(Column("w")), Generalise("postcode"), wanted, changed)
    assert all(is_erased(each, "postcode") for each in wanted)


@pytest.mark.parametrize("type_", ["integer", "bigint"])
def test_numbers(url: str, type_: str) -> None:
    fill(url, type_, [0, 7, 10, 19, -1, -20, 1_999_999_999, None])
    wanted = [0, 0, 10, 10, -10, -20, 1_999_999_990, None]
    check(url, things(Column("w")), Generalise("number", 10), wanted, 4)


def test_numbers_with_a_fraction(url: str) -> None:
    fill(url, "numeric(12,2)", [12.5, 20, -0.01, None])
    with opened(url) as store:
        assert erase(store, things(Column("w")), Generalise("number", 10)) == 2
        assert erase(store, things(Column("w")), Generalise("number", 10)) == 0
    assert [each if each is None else int(each) for each in outcome(url)] == [10, 20, -10, None]


def test_numbers_in_text(url: str) -> None:
    fill(url, "varchar(20)", ["17", " 25 ", "-3", "12.9", "many", "", "30"])
    wanted = ["10", "20", "-10", "10", None, "", "30"]
    check(url, things(Column("w")), Generalise("number", 10), wanted, 5)


@pytest.mark.parametrize(
    ("unit", "wanted"),
    [
        ("year", ["2025-01-01", "2020-01-01", "1999-01-01"]),
        ("month", ["2025-06-01", "2020-01-01", "1999-12-01"]),
        ("decade", ["2020-01-01", "2020-01-01", "1990-01-01"]),
    ],
)
def test_dates(url: str, unit: Any, wanted: list[str]) -> None:
    fill(url, "date", ["2025-06-15", "2020-01-01", "1999-12-31", None])
    with opened(url) as store:
        assert erase(store, things(Column("w")), Generalise(unit)) == 2
        assert erase(store, things(Column("w")), Generalise(unit)) == 0
    assert [str(each) for each in outcome(url)] == [*wanted, "None"]


@pytest.mark.parametrize("type_", ["datetime", "timestamp"])
@pytest.mark.parametrize("unit", ["year", "month", "decade"])
def test_datetimes(url: str, unit: Any, type_: str) -> None:
    kind = "timestamptz" if type_ == "timestamp" else "timestamp"
    nullable = "timestamp NULL DEFAULT NULL" if type_ == "timestamp" else "datetime"
    of = {"postgresql": kind, "mysql": nullable, "sqlite": type_}[engine(url)]
    fill(url, of, ["2025-06-15 12:34:56", "2020-01-01 00:00:00", "1999-12-31 23:59:59", None])
    first = {"year": "2025-01-01", "month": "2025-06-01", "decade": "2020-01-01"}[unit]
    last = {"year": "1999-01-01", "month": "1999-12-01", "decade": "1990-01-01"}[unit]
    with opened(url) as store:
        assert erase(store, things(Column("w")), Generalise(unit)) == 2
        assert erase(store, things(Column("w")), Generalise(unit)) == 0
    found = [str(each)[:19] for each in outcome(url)]
    assert found == [f"{first} 00:00:00", "2020-01-01 00:00:00", f"{last} 00:00:00", "None"]


def test_dates_in_text(url: str) -> None:
    values = ["2025-06-15T12:34:56Z", "2025-06-15", "2020-01-01 00:00:00", "last week", "", None]
    fill(url, "varchar(40)", values)
    wanted = ["2025-01-01T00:00:00Z", "2025-01-01", "2020-01-01 00:00:00", None, "", None]
    check(url, things(Column("w")), Generalise("year"), wanted, 3)


@pytest.mark.parametrize(("unit", "day"), [("year", 1), ("month", 2), ("decade", 3)])
def test_dates_in_a_format(url: str, unit: Any, day: int) -> None:
    fill(url, "varchar(40)", ["15.06.2025 12:34", "01.01.2020 00:00", "soon"])
    clock = Clock("recorded", Column("w"), "text", "%d.%m.%Y %H:%M")
    first = {1: "01.01.2025 00:00", 2: "01.06.2025 00:00", 3: "01.01.2020 00:00"}[day]
    wanted = [first, "01.01.2020 00:00", None]
    check(url, things(Column("w"), clock), Generalise(unit), wanted, 2)


@pytest.mark.parametrize(("kind", "scale"), [("epoch_s", 1), ("epoch_ms", 1000)])
def test_epochs(url: str, kind: Any, scale: int) -> None:
    june, year, decade = 1_749_990_896, 1_735_689_600, 1_577_836_800
    fill(url, "bigint", [june * scale, None, year * scale])
    clock = Clock("recorded", Column("w"), kind)
    collection = things(Column("w"), clock)
    check(url, collection, Generalise("year"), [year * scale, None, year * scale], 1)
    check(url, collection, Generalise("decade"), [decade * scale, None, decade * scale], 2)


def test_zero_dates_stay(mariadb_db: str) -> None:
    fill(mariadb_db, "datetime", [])
    with engine_of(mariadb_db) as made, made.begin() as connection:
        connection.exec_driver_sql("SET sql_mode = ''")
        connection.exec_driver_sql(
            "INSERT INTO things VALUES (1, '0000-00-00 00:00:00', 1), (2, '2025-06-15', 2)"
        )
    with opened(mariadb_db) as store:
        assert erase(store, things(Column("w")), Generalise("year")) == 1
        assert erase(store, things(Column("w")), Generalise("year")) == 0


def test_a_column_that_updates_itself_is_left_alone(mariadb_db: str) -> None:
    run(
        mariadb_db,
        "CREATE TABLE things (id INTEGER PRIMARY KEY, w varchar(20), kept INTEGER,"
        " changed TIMESTAMP NOT NULL DEFAULT '2020-01-01 00:00:00' ON UPDATE CURRENT_TIMESTAMP)",
        "INSERT INTO things (id, w, kept) VALUES (1, 'Anna', 1)",
    )
    with opened(mariadb_db) as store:
        assert erase(store, things(Column("w")), SetNull()) == 1
    assert fetch(mariadb_db, "SELECT year(changed), w FROM things") == [(2020, None)]


# ── documents ─────────────────────────────────────────────────────────────────────────────────

DOCUMENT = (
    '{"a": [1, 2.5, true, null, "x"], "user": {"name": "Ødegård \\"O\\"", "id": 7}, "z": "é"}'
)
ERASURES = ((Pseudonym(), "ps_"), (SetText('it is "gone" \\'), "it is"), (SetNull(), None))


@pytest.mark.parametrize("type_", ["text", "json"])
def test_a_value_in_a_document(url: str, type_: str) -> None:
    _document(url, type_)


def test_a_value_in_a_binary_document(postgres_db: str) -> None:
    _document(postgres_db, "jsonb")


def _document(url: str, type_: str) -> None:
    fill(url, type_, [DOCUMENT, '{"user": {"id": 8}}', None, '{"user": {"name": null}}'])
    path = JsonPath("w", ("user", "name"))
    collection = things(path)
    with opened(url) as store:
        assert store.tally(collection, Compare("w", "=", 'Ødegård "O"')).count == 1
        for erasure, new in ERASURES:
            assert erase(store, collection, erasure) == 1
            assert erase(store, collection, erasure) == 0
            found = [json.loads(e) if isinstance(e, str) else e for e in outcome(url)]
            name = found[0]["user"].pop("name")
            assert name is None if new is None else name.startswith(new)
            untouched = json.loads(DOCUMENT)
            del untouched["user"]["name"]
            assert found == [untouched, {"user": {"id": 8}}, None, {"user": {"name": None}}]


def test_two_values_in_one_document(url: str) -> None:
    fill(url, "text", ['{"a": "Anna", "b": ["x", "10.1.2.3"], "c": 1}'])
    fields = (
        Field("id", Column("id")),
        Field("a", JsonPath("w", ("a",)), ("name",)),
        Field("b", JsonPath("w", ("b", "1")), ("online.ip",)),
    )
    collection = Collection("store", "things", "things", "calls", ("id",), (), fields)
    changes = (("a", SetText("x")), ("b", Generalise("ip")))
    work = Work(collection, RedactRows(changes), Everything(), None, KEY)
    with opened(url) as store:
        for wanted in (1, 0):
            for bounds in store.split(work, 100):
                with store.open(work, bounds, work.target) as window:
                    assert window.keys.count == wanted
                    window.commit()
    assert json.loads(outcome(url)[0]) == {"a": "x", "b": ["x", "10.1.2.0"], "c": 1}


# ── refused beforehand ────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("type_", "erasure", "word"),
    [
        ("varchar(40) NOT NULL", SetNull(), "null"),
        ("varchar(3)", SetText("gone"), "room"),
        ("varchar(34)", Pseudonym(), "room"),
        ("varchar(40) UNIQUE", SetText("gone"), "unique"),
        ("integer", SetText("gone"), "cannot hold"),
        ("integer", Generalise("year"), "clock"),
        ("date", Generalise("number", 10), "generalised"),
    ],
)
def test_what_cannot_be_erased_is_refused(
    url: str, type_: str, erasure: Erasure, word: str
) -> None:
    value: Any = "2025-01-01" if type_ == "date" else 5 if type_ == "integer" else "abc"
    fill(url, type_, [value])
    with opened(url) as store, pytest.raises(StoreRefused, match=word) as caught:
        erase(store, things(Column("w")), erasure)
    assert '"w"' in str(caught.value)
    assert [str(each) for each in outcome(url)] == [str(value)]


def test_keys_and_lookups_cannot_be_erased(url: str) -> None:
    fill(url, "varchar(40)", ["abc"])
    with opened(url) as store:
        with pytest.raises(StoreRefused, match="key"):
            erase(store, things(Column("id")), SetNull())
        with pytest.raises(StoreRefused, match="another table"):
            erase(store, things(Lookup("things", (("id", "id"),), "w")), SetNull())
    assert outcome(url) == ["abc"]
