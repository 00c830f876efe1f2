"""Sessions: whatever the server is set to, ours are alike; limits hold; streams stay small."""

from __future__ import annotations

import sqlite3
import threading
import tracemalloc
from datetime import UTC, datetime

import pytest

from servanda.kernel.errors import StoreRefused
from servanda.kernel.predicate import Compare, Everything
from servanda.stores.mapping import Clock, Collection, Column, Field, Limit
from servanda.stores.port import DeleteRows, Work
from tests.connectors.sql.tables import fetch, opened, run
from tests.services.mariadb import MariaDB
from tests.services.postgres import Postgres

WHEN = datetime(2025, 7, 1, 12, 0, tzinfo=UTC)
THINGS = Collection(
    "store",
    "things",
    "things",
    "calls",
    ("id",),
    (Clock("recorded", Column("w")),),
    (Field("id", Column("id")), Field("w", Column("w")), Field("note", Column("note"))),
)


def test_the_servers_own_settings_do_not_matter(postgres: Postgres, mariadb: MariaDB) -> None:
    with postgres.fresh_database() as url:
        name = url.rsplit("/", 1)[1]
        run(url, "CREATE TABLE things (id integer PRIMARY KEY, w timestamptz, note text)")
        run(url, "INSERT INTO things VALUES (1, '2025-07-01 12:00:00+00', 'é')")
        for setting in ("TimeZone TO 'America/Jamaica'", "DateStyle TO 'SQL, DMY'"):
            run(url, f'ALTER DATABASE "{name}" SET {setting}')
        run(url, f"ALTER DATABASE \"{name}\" SET client_encoding TO 'LATIN1'")
        _one_row(url)
    with mariadb.fresh_database() as url:
        run(url, "CREATE TABLE things (id integer PRIMARY KEY, w timestamp NULL, note text)")
        run(url, "INSERT INTO things VALUES (1, '2025-07-01 12:00:00', 'é')")
        mariadb.execute("SET GLOBAL time_zone = '-05:00'")
        mariadb.execute("SET GLOBAL sql_mode = 'ANSI_QUOTES,PIPES_AS_CONCAT,NO_ZERO_DATE'")
        try:
            _one_row(url)
        finally:
            mariadb.execute("SET GLOBAL time_zone = '+00:00'")
            mariadb.execute("SET GLOBAL sql_mode = DEFAULT")


def _one_row(url: str) -> None:
    with opened(url, zone="Africa/Nairobi") as store:
        rows = list(store.rows(THINGS, Everything(), ["recorded", "w", "note"]))
        assert rows == [(WHEN, WHEN, "é")]
        assert store.tally(THINGS, Compare("note", "=", "é"), "recorded").oldest == WHEN


def test_a_reader_cannot_write_even_by_its_connection(url: str) -> None:
    run(url, "CREATE TABLE things (id integer PRIMARY KEY, w date, note varchar(9))")
    run(url, "INSERT INTO things VALUES (1, '2025-07-01', 'x')")
    with opened(url, read_only=True) as store:
        assert store.tally(THINGS, Everything()).count == 1
        for statement in ("DELETE FROM things", "DROP TABLE things", "UPDATE things SET id = 2"):
            with pytest.raises(StoreRefused), store.db.reading() as connection:
                connection.exec_driver_sql(statement)
                connection.commit()
        with pytest.raises(StoreRefused):
            store.aftercare([THINGS])
    assert fetch(url, "SELECT id FROM things") == [(1,)]


def test_no_more_connections_than_allowed(postgres_db: str) -> None:
    run(postgres_db, "CREATE TABLE things (id integer PRIMARY KEY, w date, note text)")
    name = postgres_db.rsplit("/", 1)[1]
    seen: list[int] = []
    with opened(postgres_db, limit=Limit(connections=2)) as store:

        def work() -> None:
            with store.db.reading() as connection:
                connection.exec_driver_sql("SELECT pg_sleep(0.2)")
                query = f"SELECT count(*) FROM pg_stat_activity WHERE datname = '{name}'"
                seen.append(int(connection.exec_driver_sql(query).scalar_one()))

        threads = [threading.Thread(target=work) for _ in range(8)]
        for each in threads:
            each.start()
        for each in threads:
            each.join()
    assert len(seen) == 8
    assert max(seen) <= 3  # two, and one to read beside a window


ROWS = 30_000


def test_streams_are_small_and_may_be_slow(url: str) -> None:
    """Thirty thousand rows of 300 bytes would be 10 MB and more; a stream holds two thousand."""
    run(url, "CREATE TABLE things (id integer PRIMARY KEY, w date, note varchar(300))")
    for start in range(0, ROWS, 5_000):
        some = ", ".join(f"({n}, '2025-07-01', '{'x' * 300}')" for n in range(start, start + 5_000))
        run(url, f"INSERT INTO things VALUES {some}")
    with opened(url, limit=Limit(statement_timeout_s=1.0)) as store:
        store.tally(THINGS, Everything())
        tracemalloc.start()
        count = 0
        for row in store.rows(THINGS, Everything(), ["id", "note"]):
            count += 1
            if count == 10:  # the reader takes longer than a statement may
                threading.Event().wait(1.5)
            assert len(str(row[1])) == 300
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert count == ROWS
    assert peak < 4_000_000


def test_a_window_and_a_reader_side_by_side(url: str) -> None:
    """A copy is read through another connection while a window holds the records."""
    run(
        url,
        "CREATE TABLE things (id integer PRIMARY KEY, w date, note varchar(9))",
        "INSERT INTO things VALUES (1, '2025-07-01', 'x'), (2, '2025-07-01', 'y')",
    )
    work = Work(THINGS, DeleteRows(), Compare("note", "=", "x"))
    with opened(url, limit=Limit(connections=1)) as store:
        (bounds, *_) = store.split(work, 10)
        with store.open(work, bounds, work.target) as window:
            assert window.keys.count == 1
            assert len(list(store.rows(THINGS, Everything(), ["id"]))) == 2
            window.commit()
        assert len(list(store.rows(THINGS, Everything(), ["id"]))) == 1


def test_quotes_in_the_path_of_a_file(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("odd % #1 'x'")
    with sqlite3.connect(folder / "a b.db") as connection:
        connection.execute("CREATE TABLE things (id INTEGER PRIMARY KEY, w, note)")
    with opened(f"sqlite:///{folder}/a b.db") as store:
        assert store.tally(THINGS, Everything()).count == 0
