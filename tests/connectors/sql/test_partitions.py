"""Whole partitions: offered by the catalogue, dropped only when every row in them is meant."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from servanda.connectors.sql import partitions, windows
from servanda.kernel.errors import StoreBusy
from servanda.kernel.predicate import Compare, Not, Predicate, all_of
from servanda.stores.mapping import Child, Clock, Collection, Column
from servanda.stores.port import DropPartition, Keys
from tests.connectors.sql.windows_kit import CALLS, CUTOFF, DUE, Kit, listed, work

pytestmark = pytest.mark.services
YEARS = {2022: 20, 2023: 30, 2024: 40, 2025: 50}


def make(kit: Kit, expression: str = "made") -> None:
    """`calls` by year, and a part for what comes after."""
    if kit.dialect == "postgresql":
        kit.run(
            "CREATE TABLE calls (id bigint, made timestamp NOT NULL, person text)"
            f" PARTITION BY RANGE ({expression})",
            *(
                f"CREATE TABLE calls_{y} PARTITION OF calls"
                f" FOR VALUES FROM ('{y}-01-01') TO ('{y + 1}-01-01')"
                for y in YEARS
            ),
            "CREATE TABLE calls_later PARTITION OF calls DEFAULT",
        )
    else:
        bounds = {"made": "'{}-01-01'", "TO_DAYS(made)": "TO_DAYS('{}-01-01')", "YEAR(made)": "{}"}
        kind = "RANGE COLUMNS" if expression == "made" else "RANGE"
        parts = [
            f"PARTITION calls_{y} VALUES LESS THAN ({bounds[expression].format(y + 1)})"
            for y in YEARS
        ]
        kit.run(
            "CREATE TABLE calls (id bigint, made datetime NOT NULL, person varchar(20))"
            f" PARTITION BY {kind} ({expression}) ({', '.join(parts)},"
            " PARTITION calls_later VALUES LESS THAN "
            + ("(MAXVALUE))" if kind == "RANGE COLUMNS" else "MAXVALUE)")
        )
    for year, count in YEARS.items():
        kit.run(
            "INSERT INTO calls VALUES "
            + ", ".join(f"({year * 100 + n}, '{year}-06-01', 'p{n}')" for n in range(count))
        )


def counts(kit: Kit) -> list[int]:
    return [
        kit.all(f"SELECT count(*) FROM calls WHERE made >= '{y}-01-01' AND made < '{y + 1}-01-01'")[
            0
        ][0]
        for y in YEARS
    ]


@pytest.fixture(params=["postgres_kit", "mariadb_kit"])
def kit(request: pytest.FixtureRequest) -> Kit:
    made: Kit = request.getfixturevalue(request.param)
    return made


def name(kit: Kit, year: int) -> str:
    return f"public.calls_{year}" if kit.dialect == "postgresql" else f"calls_{year}"


def expired(kit: Kit, by: datetime = CUTOFF, collection: Collection = CALLS) -> list[str]:
    return list(partitions.expired(kit.mapped(collection), "made", by))


def drop(
    kit: Kit, year: int, target: Predicate = DUE, collection: Collection = CALLS, **more: Any
) -> Keys:
    job = work(DropPartition(name(kit, year)), collection=collection)
    (bounds,) = kit.split(job)
    with windows.open_(kit.mapped(collection), job, bounds, target) as window:
        if more.get("commit", True):
            window.commit()
        return window.keys


def test_offers_those_that_end_by_the_moment(kit: Kit) -> None:
    make(kit)
    assert expired(kit) == [name(kit, y) for y in (2022, 2023, 2024)]
    assert expired(kit, datetime(2024, 12, 31, 23, 59, 59, tzinfo=UTC)) == [
        name(kit, y) for y in (2022, 2023)
    ]
    assert expired(kit, datetime(2021, 1, 1, tzinfo=UTC)) == []
    assert expired(kit, datetime(2099, 1, 1, tzinfo=UTC)) == [name(kit, y) for y in YEARS]


@pytest.mark.parametrize("expression", ["TO_DAYS(made)", "YEAR(made)"])
def test_offers_those_bounded_by_a_function_of_the_clock(mariadb_kit: Kit, expression: str) -> None:
    make(mariadb_kit, expression)
    assert expired(mariadb_kit) == ["calls_2022", "calls_2023", "calls_2024"]


def test_offers_by_wall_clock_of_the_zone(postgres_kit: Kit) -> None:
    make(postgres_kit)
    east = replace(CALLS, clocks=(Clock("made", Column("made"), zone="Asia/Tokyo"),))
    # There the year began nine hours earlier.
    just = datetime(2024, 12, 31, 15, tzinfo=UTC)
    assert expired(postgres_kit, just, east)[-1] == "public.calls_2024"
    assert expired(postgres_kit, just)[-1] == "public.calls_2023"


def test_goes_whole_with_its_exact_count(kit: Kit) -> None:
    make(kit)
    assert drop(kit, 2023) == Keys("partition", name(kit, 2023).encode(), 30)
    assert counts(kit) == [20, 0, 40, 50]
    assert expired(kit) == [name(kit, y) for y in (2022, 2024)]


def test_stays_whole_without_commit(kit: Kit) -> None:
    make(kit)
    assert drop(kit, 2023, commit=False).count == 30
    assert counts(kit) == [20, 30, 40, 50]
    assert name(kit, 2023) in expired(kit)


def test_present_until_it_is_gone(kit: Kit) -> None:
    make(kit)
    there = drop(kit, 2023, commit=False)
    action = DropPartition(name(kit, 2023))
    assert partitions.present(kit.mapped(), action, there) == there
    drop(kit, 2023)
    assert partitions.present(kit.mapped(), action, there).count == 0
    assert drop(kit, 2023).count == 0
    assert counts(kit) == [20, 0, 40, 50]


@pytest.mark.parametrize("person", ["p29", "nobody"])
def test_a_held_record_keeps_the_partition(kit: Kit, person: str) -> None:
    make(kit)
    held = all_of((DUE, Not(Compare("person", "=", person))))
    expected = 0 if person == "p29" else 30
    assert drop(kit, 2023, held).count == expected
    assert counts(kit) == [20, 30 - expected, 40, 50]


def test_a_partition_that_is_not_wholly_due_stays(kit: Kit) -> None:
    make(kit)
    assert drop(kit, 2025).count == 0
    kit.run("UPDATE calls SET made = '2025-01-01' WHERE made > '2025-01-01' AND mod(id, 2) = 0")
    assert counts(kit) == [20, 30, 40, 50]
    assert drop(kit, 2025).count == 0


def test_rows_outside_the_collection_keep_the_partition(kit: Kit) -> None:
    make(kit)
    ours = replace(CALLS, where=Not(Compare("person", "=", "p7")))
    assert drop(kit, 2023, collection=ours).count == 0
    assert counts(kit) == [20, 30, 40, 50]


def test_tables_with_more_to_a_row_are_not_offered(kit: Kit) -> None:
    make(kit)
    parent = replace(CALLS, children=(Child("notes", (("call", "id"),)),))
    assert expired(kit, collection=parent) == []
    if kit.dialect == "postgresql":
        kit.run(
            "CREATE FUNCTION noted() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN OLD; END'",
            "CREATE TRIGGER noted AFTER DELETE ON calls FOR EACH ROW EXECUTE FUNCTION noted()",
        )
    else:
        kit.run("CREATE TRIGGER noted AFTER DELETE ON calls FOR EACH ROW SET @x = 1")
    assert expired(kit) == []
    assert drop(kit, 2023).count == 0
    assert counts(kit) == [20, 30, 40, 50]


def test_tables_others_refer_to_are_not_offered(postgres_kit: Kit) -> None:
    make(postgres_kit)
    postgres_kit.run(
        "ALTER TABLE calls ADD PRIMARY KEY (id, made)",
        "CREATE TABLE notes (call bigint, made timestamp, FOREIGN KEY (call, made)"
        " REFERENCES calls (id, made))",
    )
    assert expired(postgres_kit) == []


def test_default_and_divided_partitions_are_not_offered(postgres_kit: Kit) -> None:
    make(postgres_kit)
    postgres_kit.run(
        "CREATE TABLE calls_2020 PARTITION OF calls FOR VALUES FROM ('2020-01-01') TO"
        " ('2021-01-01') PARTITION BY LIST (id)",
        "CREATE TABLE calls_2020_x PARTITION OF calls_2020 DEFAULT",
        "INSERT INTO calls VALUES (1, '2020-06-01', 'p'), (2, '2019-06-01', 'q')",
    )
    assert expired(postgres_kit) == [f"public.calls_{y}" for y in (2022, 2023, 2024)]
    job = work(DropPartition("public.calls_later"))
    with windows.open_(postgres_kit.mapped(), job, {"at": "partition"}, DUE) as window:
        assert window.keys.count == 0
        window.commit()
    # They are swept by rows.
    assert len(listed(postgres_kit.each(work(), 10))) == 92


def test_partitions_by_another_column_are_not_offered(kit: Kit) -> None:
    kit.run(
        "CREATE TABLE calls (id bigint, made "
        + ("timestamp" if kit.dialect == "postgresql" else "datetime")
        + ", person varchar(20)) PARTITION BY RANGE (id)"
        + ("" if kit.dialect == "postgresql" else " (PARTITION a VALUES LESS THAN (10))")
    )
    assert expired(kit) == []


def test_none_where_there_are_none(kit: Kit, sqlite_kit: Kit) -> None:
    for each in (kit, sqlite_kit):
        each.calls([(1, "2020-01-01", "p")])
        assert expired(each) == []


def test_a_row_that_comes_between_count_and_drop(mariadb_kit: Kit) -> None:
    make(mariadb_kit)
    job = work(DropPartition("calls_2023"))
    with windows.open_(mariadb_kit.mapped(), job, {"at": "partition"}, DUE) as window:
        mariadb_kit.run("INSERT INTO calls VALUES (1, '2023-03-03', 'late')")
        with pytest.raises(StoreBusy, match="changed after it was counted"):
            window.commit()
    assert counts(mariadb_kit) == [20, 31, 40, 50]
    assert drop(mariadb_kit, 2023).count == 31


def test_a_row_not_yet_committed_is_waited_for_and_counted(postgres_kit: Kit) -> None:
    make(postgres_kit)
    found: list[Keys] = []
    with postgres_kit.db.engine.connect() as other:
        other.exec_driver_sql("INSERT INTO calls VALUES (1, '2023-03-03', 'late')")
        thread = threading.Thread(target=lambda: found.append(drop(postgres_kit, 2023)))
        thread.start()
        thread.join(0.3)
        assert not found
        other.commit()
    thread.join()
    assert [each.count for each in found] == [31]
    assert counts(postgres_kit) == [20, 0, 40, 50]


def test_nobody_writes_between_count_and_drop(postgres_kit: Kit) -> None:
    make(postgres_kit)
    job = work(DropPartition("public.calls_2023"))
    late: list[str] = []

    def write() -> None:
        try:
            postgres_kit.run("INSERT INTO calls VALUES (1, '2023-03-03', 'late')")
        except Exception as error:
            late.append(type(error).__name__)

    with windows.open_(postgres_kit.mapped(), job, {"at": "partition"}, DUE) as window:
        thread = threading.Thread(target=write)
        thread.start()
        thread.join(0.3)
        assert thread.is_alive() or late  # it waits, or has given up
        assert window.keys.count == 30
        window.commit()
    thread.join()
    # With its partition gone, the row went to the default one, or its writer was told.
    assert postgres_kit.all("SELECT count(*) FROM calls WHERE made < '2024-01-01'")[0][0] in (
        20,
        21,
    )
