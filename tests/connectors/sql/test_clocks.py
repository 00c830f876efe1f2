"""Every way a clock is kept, on every engine: what has expired, what has not happened."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from servanda.connectors.sql import reflect
from servanda.kernel.errors import StoreRefused
from servanda.kernel.predicate import ClockBy, ClockMissing, Everything, Predicate
from servanda.stores.mapping import Clock, ClockKind, Collection, Column, Field, JsonPath, Lookup
from tests.connectors.sql.tables import fetch, opened, run

AT = datetime(2025, 6, 15, 12, 0, tzinfo=UTC)


def things(clock: Clock) -> Collection:
    fields = (Field("id", Column("id")),)
    return Collection("store", "things", "things", "calls", ("id",), (clock,), fields)


def fill(url: str, type_: str, values: list[str]) -> None:
    """A table `things` with ids from 1 and the values, given as SQL literals."""
    run(
        url,
        f"CREATE TABLE things (id INTEGER PRIMARY KEY, w {type_})",
        *(f"INSERT INTO things VALUES ({n}, {each})" for n, each in enumerate(values, 1)),
    )


def ids(url: str, clock: Clock, where: Predicate, zone: str = "UTC") -> list[int]:
    with opened(url, zone=zone) as store:
        return sorted(row[0] for row in store.rows(things(clock), where, ["id"]))  # type: ignore


def engine(url: str) -> str:
    return url.split(":")[0].split("+")[0]


TYPES: Mapping[str, Mapping[str, str]] = {
    "datetime": {"postgresql": "timestamp", "mysql": "datetime(6)", "sqlite": "datetime"},
    "instant": {
        "postgresql": "timestamptz",
        "mysql": "timestamp(6) NULL DEFAULT NULL",
        "sqlite": "timestamp",
    },
}


def test_datetimes_in_a_zone(url: str) -> None:
    values = ["'2025-06-15 12:59:59'", "'2025-06-15 13:00:00'", "'2025-06-15 13:00:01'", "NULL"]
    fill(url, TYPES["datetime"][engine(url)], values)
    clock = Clock("recorded", Column("w"))
    # Noon UTC is one o'clock in London's summer.
    assert ids(url, clock, ClockBy("recorded", AT), "Europe/London") == [1, 2]
    assert ids(url, replace(clock, zone="Europe/London"), ClockBy("recorded", AT)) == [1, 2]
    assert ids(url, clock, ClockBy("recorded", AT)) == []
    assert ids(url, clock, ClockMissing("recorded")) == [4]


def test_datetimes_around_a_doubled_hour(url: str) -> None:
    fill(url, TYPES["datetime"][engine(url)], ["'2025-10-26 01:10:00'", "'2025-10-26 01:50:00'"])
    clock = Clock("recorded", Column("w"), zone="Europe/London")
    first_half_past = datetime(2025, 10, 26, 0, 30, tzinfo=UTC)
    second_half_past = datetime(2025, 10, 26, 1, 30, tzinfo=UTC)
    assert ids(url, clock, ClockBy("recorded", first_half_past, "start")) == [1]
    assert ids(url, clock, ClockBy("recorded", second_half_past, "start")) == [1, 2]
    if engine(url) != "sqlite":  # which reads the earlier hour for floors too
        assert ids(url, clock, ClockBy("recorded", first_half_past, "end")) == []
        assert ids(url, clock, ClockBy("recorded", second_half_past, "end")) == [1]


def test_instants_do_not_depend_on_the_zone(url: str) -> None:
    suffix = "" if engine(url) == "mysql" else "+00:00"
    values = [f"'2025-06-15 12:00:00{suffix}'", f"'2025-06-15 12:00:01{suffix}'", "NULL"]
    fill(url, TYPES["instant"][engine(url)], values)
    clock = Clock("recorded", Column("w"))
    for zone in ("UTC", "Europe/London", "Africa/Nairobi"):
        if engine(url) == "mysql" or zone == "UTC" or engine(url) == "postgresql":
            assert ids(url, clock, ClockBy("recorded", AT), zone) == [1]
    assert ids(url, clock, ClockMissing("recorded")) == [3]
    if engine(url) == "mysql":  # beyond what a TIMESTAMP can hold
        later = datetime(2090, 1, 1, tzinfo=UTC)
        earlier = datetime(1950, 1, 1, tzinfo=UTC)
        assert ids(url, clock, ClockBy("recorded", later)) == [1, 2]
        assert ids(url, clock, ClockBy("recorded", earlier)) == []


def test_dates_have_two_edges(url: str) -> None:
    fill(url, "date", ["'2025-06-14'", "'2025-06-15'", "'2025-06-16'", "NULL"])
    clock = Clock("recorded", Column("w"))
    assert ids(url, clock, ClockBy("recorded", AT, "start")) == [1, 2]
    assert ids(url, clock, ClockBy("recorded", AT, "end")) == [1]
    midnight = datetime(2025, 6, 16, tzinfo=UTC)
    assert ids(url, clock, ClockBy("recorded", midnight, "end")) == [1, 2]
    assert ids(url, clock, ClockMissing("recorded")) == [4]
    with opened(url, zone="Europe/London") as store:
        tally = store.tally(things(clock), Everything(), "recorded")
    assert tally.oldest == datetime(2025, 6, 13, 23, tzinfo=UTC)
    assert tally.newest == datetime(2025, 6, 15, 23, tzinfo=UTC)


@pytest.mark.parametrize(("kind", "scale"), [("epoch_s", 1), ("epoch_ms", 1000)])
def test_epochs(url: str, kind: ClockKind, scale: int) -> None:
    at = int(AT.timestamp()) * scale
    fill(url, "bigint", [str(at), str(at + 1), "0", "NULL", "-86400"])
    clock = Clock("recorded", Column("w"), kind)
    assert ids(url, clock, ClockBy("recorded", AT)) == [1, 5]
    assert ids(url, clock, ClockMissing("recorded")) == [3, 4]
    with opened(url) as store:
        tally = store.tally(things(clock), Everything(), "recorded")
    assert tally.count == 5
    assert tally.newest is not None
    assert abs((tally.newest - AT).total_seconds()) <= 1


def test_epochs_in_text_and_with_a_fraction(url: str) -> None:
    at = int(AT.timestamp())
    values = [f"'{at}'", f"'{at}.5'", f"'{at - 5}.25'", "'soon'", "''", "NULL", "'0'"]
    fill(url, "varchar(30)", values)
    clock = Clock("recorded", Column("w"), "epoch_s")
    assert ids(url, clock, ClockBy("recorded", AT)) == [1, 3]
    assert ids(url, clock, ClockMissing("recorded")) == [4, 5, 6, 7]


@pytest.mark.parametrize(
    ("format_", "values", "expired", "missing"),
    [
        (
            "%Y-%m-%d %H:%M:%S",
            ["2025-06-15 12:00:00", "2025-06-15 12:00:01", "15/06/2025", "", "2025-13-01 00:00:00"],
            [1],
            [3, 4, 5],
        ),
        ("%Y%m%d", ["20250614", "20250615", "20250616", "00000000", "2025"], [1, 2], [4, 5]),
        (
            "%d/%m/%Y %H:%M",
            ["15/06/2025 12:00", "15/06/2025 12:01", "1/2/2025 9:05", "31/02/2025 10:00", "x", ""],
            [1, 3, 4],
            [5, 6],
        ),
        (
            "%d %b %Y",
            ["15 Jun 2025", "16 jun 2025", "1 May 2019", "3 Foo 2020", "30 December 2024"],
            [1, 3, 5],
            [4],
        ),
        (
            "%m/%d/%y %I:%M %p",
            ["06/15/25 12:00 PM", "06/15/25 12:01 pm", "06/15/25 12:00 AM", "06/15/99 1:00 AM"],
            [1, 3, 4],
            [],
        ),
        ("%Y-%m", ["2025-05", "2025-06", "2025-07", "0000-00"], [1, 2], [4]),
        (
            "[%Y] (%d.%m.) *%H.%M$",
            ["[2025] (15.06.) *12.00$", "[2025] (15.06.) *12.01$", "[2025] 15.06."],
            [1],
            [3],
        ),
    ],
)
def test_text_with_a_format(
    url: str, format_: str, values: list[str], expired: list[int], missing: list[int]
) -> None:
    fill(url, "varchar(40)", [f"'{each}'" for each in values])
    clock = Clock("recorded", Column("w"), "text", format_)
    if engine(url) == "postgresql":
        run(url, "CREATE INDEX things_w ON things (w)")
    assert ids(url, clock, ClockBy("recorded", AT)) == expired
    assert ids(url, clock, ClockMissing("recorded")) == missing
    with opened(url) as store:
        tally = store.tally(things(clock), Everything(), "recorded")
        assert tally.oldest is not None
        assert tally.newest is not None
        assert tally.oldest < tally.newest


@pytest.mark.parametrize("format_", ["%H:%M", "%Y %d", "%Y-%m-%d %z", "%Y%Y%m", "%Q"])
def test_a_format_that_cannot_be_compared_is_refused(url: str, format_: str) -> None:
    fill(url, "varchar(40)", ["'x'"])
    with pytest.raises(StoreRefused, match="format"):
        ids(url, Clock("recorded", Column("w"), "text", format_), ClockBy("recorded", AT))


ISO = [
    "2025-06-15",
    "2025-06-15 12:00",
    "2025-06-15T12:00:00.000",
    "2025-06-15 12:00:00.000001",
    "2025-06-15T12:00:00Z",
    "2025-06-15T12:00:01Z",
    "2025-06-15T14:00:00+02:00",
    "2025-06-15T14:00:01+02:00",
    "2025-06-14T23:59:00-12:00",
    "2025-06-15T00:01:00-12:00",
    "2025-06-16T01:00:00+1400",
    "2025-06-16T02:00:01+14",
    "2020-01-01",
    "2030-01-01 00:00:00",
    "12/31/2025",
    "now",
    "",
    "2460000.5",
    "0000-00-00 00:00:00",
    "2020-01-01 00:00:00 ",
    "2023-02-30 10:00:00",
]


def test_iso_text(url: str) -> None:
    fill(url, "varchar(40)", [f"'{each}'" for each in ISO])
    clock = Clock("recorded", Column("w"))
    got = [ISO[n - 1] for n in ids(url, clock, ClockBy("recorded", AT))]
    assert got == [
        "2025-06-15",
        "2025-06-15 12:00",
        "2025-06-15T12:00:00.000",
        "2025-06-15T12:00:00Z",
        "2025-06-15T14:00:00+02:00",
        "2025-06-14T23:59:00-12:00",
        "2025-06-16T01:00:00+1400",
        "2020-01-01",
        "2023-02-30 10:00:00",
    ]
    missing = [ISO[n - 1] for n in ids(url, clock, ClockMissing("recorded"))]
    assert missing == ["12/31/2025", "now", "", "2460000.5", *ISO[18:20]]
    end = [ISO[n - 1] for n in ids(url, clock, ClockBy("recorded", AT, "end"))]
    assert set(got) - set(end) == {"2025-06-15"}


def test_iso_text_in_a_zone(url: str) -> None:
    values = ["2025-06-15 13:00:00", "2025-06-15 13:00:01", "2025-06-15T12:00:00Z"]
    fill(url, "varchar(40)", [f"'{each}'" for each in values])
    clock = Clock("recorded", Column("w"), zone="Europe/London")
    assert ids(url, clock, ClockBy("recorded", AT)) == [1, 3]


def test_a_moment_in_a_document(url: str) -> None:
    values = ['{"at": "2025-06-15T12:00:00Z"}', '{"at": "2026-01-01T00:00:00Z"}', "{}", "no json"]
    fill(url, "text", [f"'{each}'" for each in values])
    clock = Clock("recorded", JsonPath("w", ("at",)))
    if engine(url) == "postgresql":
        run(url, "DELETE FROM things WHERE w = 'no json'")
    assert ids(url, clock, ClockBy("recorded", AT)) == [1]
    assert 3 in ids(url, clock, ClockMissing("recorded"))


def test_zero_dates_and_sentinels(mariadb_db: str) -> None:
    run(
        mariadb_db,
        "CREATE TABLE things (id INTEGER PRIMARY KEY, w DATETIME, d DATE, t TIMESTAMP NULL)",
        "SET sql_mode = ''",
    )
    from tests.connectors.sql.tables import engine_of

    with engine_of(mariadb_db) as made, made.begin() as connection:
        connection.exec_driver_sql("SET sql_mode = ''")
        connection.exec_driver_sql(
            "INSERT INTO things VALUES"
            " (1, '0000-00-00 00:00:00', '0000-00-00', '0000-00-00 00:00:00'),"
            " (2, '2020-01-01 00:00:00', '2020-01-01', '2020-01-01 00:00:00'),"
            " (3, '9999-12-31 23:59:59', '9999-12-31', '2038-01-19 03:14:07')"
        )
    for column in ("w", "d", "t"):
        clock = Clock("recorded", Column(column))
        assert ids(mariadb_db, clock, ClockBy("recorded", AT)) == [2], column
        assert ids(mariadb_db, clock, ClockMissing("recorded")) == [1], column
        with opened(mariadb_db) as store:
            rows = dict(store.rows(things(clock), Everything(), ["id", "recorded"]))  # type: ignore
            fields = list(store.rows(things(clock), Everything(), ["id", column]))
        assert rows[1] is None
        assert rows[2] == datetime(2020, 1, 1, tzinfo=UTC)
        assert sorted(fields, key=str)[0] == (1, None)


def test_infinity_has_not_happened(postgres_db: str) -> None:
    values = ["'infinity'", "'-infinity'", "'0044-03-15 BC'", "'2020-01-01'"]
    for type_ in ("timestamp", "timestamptz", "date"):
        run(postgres_db, "DROP TABLE IF EXISTS things")
        fill(postgres_db, type_, values)
        clock = Clock("recorded", Column("w"))
        assert ids(postgres_db, clock, ClockBy("recorded", AT)) == [4]
        assert ids(postgres_db, clock, ClockMissing("recorded")) == [1, 2, 3]
        with opened(postgres_db) as store:
            assert len(list(store.rows(things(clock), Everything(), ["recorded", "w"]))) == 4


def test_a_number_needs_its_kind(url: str) -> None:
    fill(url, "bigint", ["1"])
    with pytest.raises(StoreRefused, match="epoch"):
        ids(url, Clock("recorded", Column("w")), ClockBy("recorded", AT))


# ── clocks in another table ───────────────────────────────────────────────────────────────────

CONTRACTS = Lookup("contracts", (("customer", "id"),), "ended", (("state", "signed"),))


def contracts(url: str) -> None:
    run(
        url,
        "CREATE TABLE things (id INTEGER PRIMARY KEY, w varchar(5))",
        f"CREATE TABLE contracts (customer varchar(10), ended {TYPES['datetime'][engine(url)]},"
        " state varchar(10))",
        *(f"INSERT INTO things VALUES ({n}, 'x')" for n in range(1, 6)),
        "INSERT INTO contracts VALUES ('1', '2020-01-01 00:00:00', 'signed'),"
        " ('1', '2024-01-01 00:00:00', 'signed'), ('2', '2020-01-01 00:00:00', 'signed'),"
        " ('2', NULL, 'signed'), ('3', '2020-01-01 00:00:00', 'signed'),"
        " ('3', '2030-01-01 00:00:00', 'signed'), ('4', '2020-01-01 00:00:00', 'draft')",
    )


@pytest.mark.parametrize(
    ("pick", "expired", "missing"),
    [("max", [1], [2, 4, 5]), ("min", [1, 2, 3], [4, 5]), ("any", [1, 2], [4, 5])],
)
def test_a_clock_in_another_table(
    url: str, pick: str, expired: list[int], missing: list[int]
) -> None:
    contracts(url)
    clock = Clock("left", replace(CONTRACTS, pick=pick))  # type: ignore[arg-type]
    assert ids(url, clock, ClockBy("left", AT)) == expired
    assert ids(url, clock, ClockMissing("left")) == missing
    with opened(url) as store:
        tally = store.tally(things(clock), Everything(), "left")
    assert tally.count == 5
    assert tally.oldest is not None
    assert tally.oldest.year in (2020, 2024)


def test_an_index_serves_the_comparison(url: str) -> None:
    """The column stands bare on one side, so the planner may use an index on it."""
    fill(url, TYPES["datetime"][engine(url)], ["'2025-06-15 12:00:00'"])
    run(url, "CREATE INDEX things_w ON things (w)")
    many = ", ".join(f"({n}, '2026-01-01 00:00:00')" for n in range(2, 3000))
    run(url, f"INSERT INTO things VALUES {many}")
    if engine(url) != "sqlite":
        run(url, "ANALYZE things" if engine(url) == "postgresql" else "ANALYZE TABLE things")
    from servanda.connectors.sql import clocks

    with opened(url) as store:
        here = reflect.mapped(store.db, things(Clock("recorded", Column("w"))))
        condition = clocks.by(here, "recorded", AT, "start")
        import sqlalchemy as sa

        query = sa.select(here.table.c.id).where(condition)
        with store.db.reading() as connection:
            prefix = "EXPLAIN QUERY PLAN " if engine(url) == "sqlite" else "EXPLAIN "
            text = str(query.compile(connection, compile_kwargs={"literal_binds": False}))
            compiled = query.compile(connection)
            positional = getattr(compiled, "positiontup", None)
            values = compiled.params
            bound = tuple(values[n] for n in positional) if positional else values
            plan = connection.exec_driver_sql(prefix + text, bound).all()
    assert "things_w" in str(plan)
    assert fetch(url, "SELECT count(*) FROM things")[0][0] == 2999


def test_moments_counted_by_the_day(url: str) -> None:
    """Like a date: a ceiling reads the start of the day, a floor its end."""
    values = ["'2025-06-14 23:59:59'", "'2025-06-15 00:00:00'", "'2025-06-15 23:59:59'", "NULL"]
    fill(url, TYPES["datetime"][engine(url)], [*values, "'2025-06-16 00:00:00'"])
    clock = Clock("recorded", Column("w"), kind="date")
    assert ids(url, clock, ClockBy("recorded", AT, "start")) == [1, 2, 3]
    assert ids(url, clock, ClockBy("recorded", AT, "end")) == [1]
    midnight = datetime(2025, 6, 15, tzinfo=UTC)
    assert ids(url, clock, ClockBy("recorded", midnight, "start")) == [1, 2, 3]
    assert ids(url, clock, ClockBy("recorded", midnight, "end")) == [1]
    assert ids(url, clock, ClockMissing("recorded")) == [4]
