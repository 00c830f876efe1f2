"""Copies: kept once, read back, refused when they would differ; and what aftercare says."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from servanda.kernel.errors import StoreRefused
from servanda.kernel.predicate import Everything
from servanda.stores.mapping import Clock, Collection, Column, Field
from servanda.stores.port import DeleteRows, Row, Work
from tests.connectors.sql.tables import fetch, opened, run, sqlite_url
from tests.services.mariadb import MariaDB

HEADER = ("id", "word", "recorded")
ROWS: list[Row] = [
    (1, "Ødegård 王 🎈", datetime(2020, 1, 1, 12, 0, 0, 250_000, tzinfo=UTC)),
    (2, "O'Neill", None),
    (3, None, datetime(2025, 6, 15, tzinfo=UTC)),
]


def archive(key: tuple[str, ...] = ("id",)) -> Collection:
    fields = (Field("id", Column("id")), Field("word", Column("word")))
    clocks = (Clock("recorded", Column("w")),)
    return Collection("store", "archive", "archive", "calls", key, clocks, fields)


def make(url: str, width: int = 40, digits: str = "(6)") -> None:
    type_ = {"p": "timestamp", "m": "datetime", "s": "datetime"}[url[0]]
    type_ += digits if "sqlite" not in url else ""
    run(
        url,
        f"CREATE TABLE archive (id integer PRIMARY KEY, word varchar({width}), w {type_},"
        " kept integer DEFAULT 7)",
        "INSERT INTO archive (id, word) VALUES (99, 'old')",
    )


def content(url: str) -> list[tuple[object, ...]]:
    return fetch(url, "SELECT id, word, kept FROM archive ORDER BY id")


def test_copies_are_kept_once_and_read_back(url: str) -> None:
    make(url)
    with opened(url, zone="Europe/London") as store:
        first = store.put(archive(), "b1", HEADER, iter(ROWS))
        kept = content(url)
        assert kept == [
            (1, "Ødegård 王 🎈", 7),
            (2, "O'Neill", 7),
            (3, None, 7),
            (99, "old", 7),
        ]
        assert store.put(archive(), "b1", HEADER, iter(ROWS)) == first
        assert store.put(archive(), "b2", HEADER, iter(ROWS[:2])) != first
        assert content(url) == kept
        rows = {row[0]: row for row in store.rows(archive(), Everything(), HEADER)}
        assert [rows[n] for n in (1, 2, 3)] == ROWS
        assert store.put(archive(), "b3", HEADER, iter(())) != first


def test_many_copies(url: str) -> None:
    make(url)
    rows: list[Row] = [(n, f"w{n}", None) for n in range(1000, 2300)]
    with opened(url) as store:
        first = store.put(archive(), "b1", HEADER, iter(rows))
        assert store.put(archive(), "b1", HEADER, iter(rows)) == first
    assert len(content(url)) == 1301


def test_the_digest_is_the_same_in_every_engine(tmp_path: Path, postgres_db: str) -> None:
    urls = (sqlite_url(tmp_path), postgres_db)
    digests = set()
    for url in urls:
        make(url)
        with opened(url) as store:
            digests.add(store.put(archive(), "b1", HEADER, iter(ROWS)))
    assert len(digests) == 1


def test_another_record_under_the_same_key_is_refused(url: str) -> None:
    make(url)
    before = content(url)
    with opened(url) as store, pytest.raises(StoreRefused, match="differs") as caught:
        store.put(archive(), "b1", HEADER, iter([*ROWS, (99, "secret-4711", None)]))
    assert "secret-4711" not in str(caught.value)
    assert content(url) == before


def test_a_copy_that_would_lose_something_is_refused(postgres_db: str, mariadb_db: str) -> None:
    for url in (postgres_db, mariadb_db):
        make(url, digits="(0)")  # no room for the fraction of a second
        before = content(url)
        with opened(url) as store, pytest.raises(StoreRefused, match="differs"):
            store.put(archive(), "b1", HEADER, iter(ROWS))
        assert content(url) == before
        run(url, "DROP TABLE archive")
        make(url, width=8)
        with opened(url) as store, pytest.raises(StoreRefused):
            store.put(archive(), "b1", HEADER, iter([(1, "far too long", None)]))
        assert [row for row in content(url) if row[0] == 1] == []


def test_copies_need_a_table_and_a_key(url: str) -> None:
    make(url)
    with opened(url) as store:
        with pytest.raises(StoreRefused, match="table"):
            store.put(None, "b1", HEADER, iter(ROWS))
        with pytest.raises(StoreRefused, match="key"):
            store.put(archive(()), "b1", HEADER, iter(ROWS))
        with pytest.raises(StoreRefused, match="key"):
            store.put(archive(), "b1", ("word",), iter([("x",)]))


# ── aftercare ─────────────────────────────────────────────────────────────────────────────────

NEEDLE = "Pseudo-Canary-4711"


def _sweep(url: str, mode: str) -> list[str]:
    """Delete three hundred rows that hold the needle; what aftercare says remains."""
    if "sqlite" in url:
        run(url, f"PRAGMA journal_mode = {mode}")
    make(url, width=100)
    some = ", ".join(f"({n}, '{NEEDLE} {n} {'x' * 40}')" for n in range(100, 400))
    run(url, f"INSERT INTO archive (id, word) VALUES {some}")
    with opened(url) as store:
        work = Work(archive(), DeleteRows(), Everything())
        for bounds in store.split(work, 100):
            with store.open(work, bounds, work.target) as window:
                window.commit()
        found = store.aftercare([archive(), archive()])
    assert all(each.where and each.until for each in found)
    return [f"{each.where}: {each.until}" for each in found]


@pytest.mark.parametrize("mode", ["DELETE", "WAL"])
def test_nothing_is_left_in_a_file_of_sqlite(tmp_path: Path, mode: str) -> None:
    url = sqlite_url(tmp_path)
    said = _sweep(url, mode)
    assert len(said) == 1
    assert "backups" in said[0]
    files = [each for each in tmp_path.iterdir() if each.is_file()]
    assert files
    assert all(NEEDLE.encode() not in each.read_bytes() for each in files)


def test_postgresql_is_vacuumed_and_says_what_remains(postgres_db: str) -> None:
    said = " ".join(_sweep(postgres_db, ""))
    assert "write-ahead log" in said
    assert "backups" in said
    assert "dead rows" not in said
    vacuumed = "SELECT vacuum_count FROM pg_stat_user_tables WHERE relname = 'archive'"
    assert fetch(postgres_db, vacuumed)[0][0] >= 1
    assert fetch(postgres_db, "SELECT pg_relation_size('archive')") == [(0,)]
    samples = "SELECT count(*) FROM pg_stats WHERE strpos(most_common_vals::text, 'Canary') > 0"
    assert fetch(postgres_db, samples) == [(0,)]


@pytest.mark.services
def test_mariadb_says_when_its_binary_log_expires() -> None:
    settings = {"log-bin": "binlog", "expire-logs-days": "5", "server-id": "1"}
    with MariaDB(settings=settings) as server, server.fresh_database() as url:
        said = _sweep(url, "")
        binary = next(each for each in said if each.startswith("binary log"))
        until = date.fromisoformat(binary.rpartition(" ")[2])
        today = datetime.now(UTC).date()
        assert timedelta(days=5) <= until - today <= timedelta(days=7)
        server.execute("SET GLOBAL expire_logs_days = 0")
        with opened(url) as store:
            (line,) = (r.until for r in store.aftercare([archive()]) if r.where == "binary log")
        assert "for ever" in line
