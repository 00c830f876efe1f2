"""Errors of the engines: the right kind, with names, and never a value of a row."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from servanda.kernel.errors import Drift, StoreBusy, StoreRefused, StoreUnreachable
from servanda.kernel.predicate import Compare, Everything
from servanda.stores.mapping import Collection, Column, Field, Limit, SetText
from servanda.stores.port import DeleteRows, RedactRows, Work
from tests.connectors.sql.tables import engine_of, fetch, opened, run, sqlite_url
from tests.services.mariadb import MariaDB
from tests.services.ports import free_port
from tests.services.postgres import Postgres

SECRET = "secret-4711"
THINGS = Collection(
    "store",
    "things",
    "things",
    "calls",
    ("id",),
    (),
    (Field("id", Column("id")), Field("w", Column("w"), ("name",)), Field("v", Column("v"))),
)


def fill(url: str, more: str = "") -> None:
    run(
        url,
        f"CREATE TABLE things (id INTEGER PRIMARY KEY, w varchar(20), v varchar(20){more})",
        f"INSERT INTO things VALUES (1, '{SECRET}', 'a'), (2, 'Bob', 'b'), (3, 'Carl', 'c')",
    )


def redact(text: str = "x") -> Work:
    return Work(THINGS, RedactRows((("w", SetText(text)),)), Everything())


def _all(store: object, work: Work) -> None:
    for bounds in store.split(work, 100):  # type: ignore[attr-defined]
        with store.open(work, bounds, work.target) as window:  # type: ignore[attr-defined]
            window.commit()


@pytest.mark.parametrize(
    "address",
    [
        "postgresql+psycopg://u:s3cr3t@127.0.0.1:{port}/db",
        "mysql+pymysql://u:s3cr3t@127.0.0.1:{port}/db",
        "sqlite:////nowhere/at/all.db",
    ],
)
def test_a_store_that_is_not_there(address: str) -> None:
    with opened(address.format(port=free_port())) as store:
        with pytest.raises(StoreUnreachable) as caught:
            store.tally(THINGS, Everything())
        assert "s3cr3t" not in str(caught.value)
        with pytest.raises(StoreUnreachable):
            store.shape()


def test_a_missing_file_is_not_made(tmp_path: Path) -> None:
    with opened(f"sqlite:///{tmp_path / 'no.db'}") as store, pytest.raises(StoreUnreachable):
        store.shape()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("address", ["oracle://x:s3cr3t@y/z", "nonsense s3cr3t", ""])
def test_an_address_that_cannot_be_read(address: str) -> None:
    with pytest.raises(StoreRefused) as caught, opened(address):
        pass
    assert "s3cr3t" not in str(caught.value)


def test_a_file_that_is_no_database(tmp_path: Path) -> None:
    (tmp_path / "x.db").write_bytes(b"not a database at all, " * 100)
    with opened(f"sqlite:///{tmp_path / 'x.db'}") as store, pytest.raises(StoreRefused):
        store.shape()


@pytest.mark.services
@pytest.mark.parametrize("kind", [Postgres, MariaDB])
def test_a_server_that_goes_away_and_comes_back(
    kind: Callable[[], Postgres | MariaDB], request: pytest.FixtureRequest
) -> None:
    request.getfixturevalue("postgres" if kind is Postgres else "mariadb")  # skips where missing
    with kind() as server, server.fresh_database() as url:
        fill(url)
        with opened(url) as store:
            work = redact()
            (bounds, *_) = store.split(work, 100)
            window = store.open(work, bounds, work.target)
            server.kill()
            with pytest.raises(StoreUnreachable):
                window.commit()
            window.__exit__(None, None, None)
            with pytest.raises(StoreUnreachable):
                store.tally(THINGS, Everything())
            server.start()
            assert store.tally(THINGS, Compare("w", "=", SECRET)).count == 1
            _all(store, work)
            assert store.tally(THINGS, Compare("w", "=", "x")).count == 3


@pytest.mark.services
def test_a_login_that_is_refused(postgres_db: str, mariadb_db: str) -> None:
    for url in (postgres_db, mariadb_db):
        head, _, tail = url.partition("@")
        user = head.rsplit(":", 1)[0]
        address = f"{user}:wrong-password@{tail}" if "mysql" in url else None
        if address is None:  # this server trusts its administrator, so ask for a database
            address = url.rsplit("/", 1)[0] + "/nosuchdatabase"
        with opened(address) as store, pytest.raises(StoreUnreachable) as caught:
            store.shape()
        assert "wrong-password" not in str(caught.value)


@pytest.mark.parametrize("what", ["table", "column"])
def test_a_shape_that_changed(url: str, what: str) -> None:
    fill(url)
    with opened(url) as store:
        work = Work(THINGS, DeleteRows(), Compare("w", "=", SECRET))
        (bounds, *_) = store.split(work, 100)
        change = "RENAME COLUMN w TO renamed" if what == "column" else "RENAME TO renamed"
        run(url, f"ALTER TABLE things {change}")
        with pytest.raises(Drift, match="things"):  # though the old shape is remembered
            store.open(work, bounds, work.target)
        store.shape()
        with pytest.raises(Drift, match="things"):
            store.tally(THINGS, work.target)


def test_a_broken_constraint_names_no_value(url: str) -> None:
    if "sqlite" in url:
        more = ", CONSTRAINT short CHECK (length(w) > 2)"
    else:
        more = ", CONSTRAINT short CHECK (char_length(w) > 2)"
    fill(url, more)
    with opened(url) as store:
        with pytest.raises(StoreRefused) as caught:
            _all(store, redact("x"))
        assert "short" in str(caught.value)
        assert SECRET not in str(caught.value)
        assert caught.value.__cause__ is None
        assert caught.value.__suppress_context__
    assert fetch(url, "SELECT w FROM things WHERE id = 1") == [(SECRET,)]


def test_a_unique_key_of_two_columns_names_no_value(url: str) -> None:
    fill(url)
    run(url, "UPDATE things SET v = 'same'", "CREATE UNIQUE INDEX pair ON things (w, v)")
    with opened(url) as store:
        with pytest.raises(StoreRefused) as caught:
            _all(store, redact(SECRET))
        assert SECRET not in str(caught.value)
        assert "same" not in str(caught.value)
        assert "things" in str(caught.value) or "pair" in str(caught.value)


def test_a_lock_held_by_another_is_busy(url: str) -> None:
    fill(url)
    limit = Limit(lock_timeout_s=1.0)
    with opened(url, limit=limit) as store, engine_of(url) as made, made.connect() as other:
        work = redact()
        windows = store.split(work, 100)
        other.exec_driver_sql("UPDATE things SET v = 'held'")
        with pytest.raises(StoreBusy):
            for bounds in windows:
                store.open(work, bounds, work.target)
        other.rollback()
        _all(store, work)
    assert fetch(url, "SELECT DISTINCT w FROM things") == [("x",)]


def test_a_statement_that_takes_too_long_is_busy(url: str) -> None:
    run(url, "CREATE TABLE things (id INTEGER PRIMARY KEY, w varchar(20), v varchar(20))")
    rows = ", ".join(f"({n}, 'w{n}', 'v')" for n in range(3000))
    run(url, f"INSERT INTO things VALUES {rows}")
    limit = Limit(statement_timeout_s=0.3)
    began = time.monotonic()
    with opened(url, limit=limit) as store:
        slow = store.db
        with pytest.raises(StoreBusy), slow.reading() as connection:
            connection.exec_driver_sql(
                "SELECT count(*) FROM things a, things b, things c WHERE a.w < b.w AND b.w > c.v"
            ).all()
        assert time.monotonic() - began < 10
        assert store.tally(THINGS, Everything()).count == 3000  # the connection still serves


@pytest.mark.services
def test_a_right_that_is_missing(postgres: Postgres, mariadb: MariaDB) -> None:
    server: Postgres | MariaDB
    for server in (postgres, mariadb):
        with server.fresh_database() as url:
            fill(url)
            database = url.rsplit("/", 1)[1].partition("?")[0]
            reader = server.create_role("reader", "r3ader", database=database)
            with opened(reader) as store:
                assert store.tally(THINGS, Everything()).count == 3
                with pytest.raises(StoreRefused) as caught:
                    _all(store, redact())
                assert "denied" in str(caught.value)
                assert "r3ader" not in str(caught.value)
            assert fetch(url, "SELECT w FROM things WHERE id = 1") == [(SECRET,)]


def test_a_deadlock_is_busy(postgres_db: str, mariadb_db: str) -> None:
    for url in (postgres_db, mariadb_db):
        fill(url)
        _deadlock(url)


def _deadlock(url: str) -> None:
    """Two transactions that each want the other's row: one of ours is told to try again."""
    met = threading.Barrier(2, timeout=20)
    outcomes: list[str] = []

    def work(first: int, second: int) -> None:
        with opened(url) as store:
            try:
                with store.db.writing() as connection:
                    connection.exec_driver_sql(f"UPDATE things SET v = 'x' WHERE id = {first}")
                    met.wait()
                    connection.exec_driver_sql(f"UPDATE things SET v = 'x' WHERE id = {second}")
                outcomes.append("done")
            except StoreBusy as error:
                outcomes.append(str(error))

    threads = [threading.Thread(target=work, args=pair) for pair in ((1, 2), (2, 1))]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert sorted(outcomes)[0] == "done"
    assert "deadlock" in sorted(outcomes)[1]


def test_sqlite_in_the_middle_of_nothing(tmp_path: Path) -> None:
    """A database without the table drifts, and says which."""
    url = sqlite_url(tmp_path)
    run(url, "CREATE TABLE other (id INTEGER)")
    with opened(url) as store, pytest.raises(Drift, match='"things"'):
        store.tally(THINGS, Everything())
