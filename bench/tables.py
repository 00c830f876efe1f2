"""The table that the sweeps work on, alike in every engine: calls with people in them.

Which rows are old is for the bench to say: every third, so that no window is without old and new
ones, or the first, as in a table that only ever grows.
"""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import psycopg

from tests.services.mariadb import MariaDB
from tests.services.postgres import Postgres

CUTOFF = datetime(2025, 11, 1, tzinfo=UTC)
ENGINES = ("postgresql", "mariadb", "sqlite")

# Old rows are 500 days old and new ones 10, each at a second of its own within a day.
_OLD, _NEW = "2025-06-19", "2026-10-22"


class Bed(ABC):
    """One engine with durable commits, a master table, and fresh copies of it."""

    engine: str
    address: str  # of the copy, after `fresh`

    @abstractmethod
    def make(self, rows: int, old: str, *, index: bool = False) -> None:
        """Fill the master with rows `n` up to `rows`; `old`: the condition on `n` of an old one."""

    @abstractmethod
    def fresh(self) -> None:
        """Put the copy back to what the master is."""

    @abstractmethod
    def bare(self, statement: str) -> int:
        """Run one statement on the copy and commit, as any user would; rows touched."""

    @abstractmethod
    def scalar(self, query: str) -> object: ...


class PostgresBed(Bed):
    engine = "postgresql"

    def __init__(self, server: Postgres) -> None:
        self._server = server

    def make(self, rows: int, old: str, *, index: bool = False) -> None:
        for name in ("master", "copy"):
            self._server.drop_database(name)
        self._server.create_database("master")
        with psycopg.connect(self._server.dsn("master"), autocommit=True) as connection:
            connection.execute(
                "CREATE TABLE calls (id bigint PRIMARY KEY, made timestamp NOT NULL,"
                " person text, phone text, body text)"
            )
            connection.execute(
                f"""INSERT INTO calls SELECT n,
                    (CASE WHEN {old} THEN timestamp '{_OLD}' ELSE '{_NEW}' END)
                        + (n %% 86400) * interval '1 s',
                    'Person ' || n, '+44 28 ' || lpad(n::text, 8, '0'), repeat('lorem ', 9) || n
                FROM generate_series(1, %s) n""".replace("%s", str(rows)).replace("%%", "%")
            )
            if index:
                connection.execute("CREATE INDEX made ON calls (made)")
            connection.execute("VACUUM ANALYZE calls")
            connection.execute("CHECKPOINT")

    def fresh(self) -> None:
        self._server.drop_database("copy")
        self._server.execute("CREATE DATABASE copy TEMPLATE master STRATEGY file_copy")
        self._server.execute("CHECKPOINT")
        self.address = self._server.url("copy")

    def bare(self, statement: str) -> int:
        with psycopg.connect(self._server.dsn("copy")) as connection:
            return connection.execute(statement.encode()).rowcount

    def scalar(self, query: str) -> object:
        return self._server.execute(query, database="copy")[0][0]

    def prepare(self, statements: str) -> None:
        """Add to the master."""
        for each in statements.split(";"):
            if each.strip():
                self._server.execute(each, database="master")
        self._server.execute("VACUUM ANALYZE", database="master")
        self._server.execute("CHECKPOINT", database="master")


class MariaBed(Bed):
    engine = "mariadb"

    def __init__(self, server: MariaDB) -> None:
        self._server = server
        self._master = server.folder / "master"

    def make(self, rows: int, old: str, *, index: bool = False) -> None:
        self._server.start()
        self._server.drop_database("copy")
        self.address = self._server.create_database("copy")
        with self._server.connect("copy") as connection, connection.cursor() as cursor:
            cursor.execute(
                "CREATE TABLE calls (id bigint PRIMARY KEY, made datetime NOT NULL,"
                " person varchar(80), phone varchar(40), body varchar(200))"
            )
            cursor.execute(
                f"""INSERT INTO calls SELECT seq,
                    (CASE WHEN {old.replace("n", "seq")} THEN timestamp'{_OLD} 00:00:00'
                     ELSE timestamp'{_NEW} 00:00:00' END) + INTERVAL seq % 86400 SECOND,
                    CONCAT('Person ', seq), CONCAT('+44 28 ', LPAD(seq, 8, '0')),
                    CONCAT(REPEAT('lorem ', 9), seq) FROM seq_1_to_{rows}"""
            )
            if index:
                cursor.execute("CREATE INDEX made ON calls (made)")
            cursor.execute("ANALYZE TABLE calls")
        self._server.stop()
        shutil.rmtree(self._master, ignore_errors=True)
        shutil.copytree(self._server.folder / "data", self._master)

    def fresh(self) -> None:
        data = self._server.folder / "data"
        self._server.stop()
        shutil.rmtree(data)
        shutil.copytree(self._master, data)
        if self._server.user:
            for path in (data, *data.rglob("*")):
                shutil.chown(path, self._server.user, self._server.user)
        self._server.start()
        self.scalar("SELECT SUM(LENGTH(body)) FROM calls")  # into the server's memory

    def bare(self, statement: str) -> int:
        with self._server.connect("copy") as connection, connection.cursor() as cursor:
            return int(cursor.execute(statement))

    def scalar(self, query: str) -> object:
        return self._server.execute(query, database="copy")[0][0]


class SqliteBed(Bed):
    engine = "sqlite"

    def __init__(self, folder: Path) -> None:
        self._master, self._copy = folder / "master.db", folder / "copy.db"
        self.address = f"sqlite:///{self._copy}"

    def make(self, rows: int, old: str, *, index: bool = False) -> None:
        self._master.unlink(missing_ok=True)
        with sqlite3.connect(self._master) as connection:
            connection.execute("PRAGMA synchronous = OFF")
            connection.execute(
                "CREATE TABLE calls (id INTEGER PRIMARY KEY, made TEXT NOT NULL,"
                " person TEXT, phone TEXT, body TEXT)"
            )
            connection.execute(
                f"""WITH RECURSIVE s(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < {rows})
                INSERT INTO calls SELECT n,
                    datetime(CASE WHEN {old} THEN '{_OLD}' ELSE '{_NEW}' END,
                             (n % 86400) || ' seconds'),
                    'Person ' || n, '+44 28 ' || printf('%08d', n),
                    replace(hex(zeroblob(9)), '00', 'lorem ') || n FROM s"""
            )
            if index:
                connection.execute("CREATE INDEX made ON calls (made)")
            connection.execute("ANALYZE")
        connection.close()

    def fresh(self) -> None:
        shutil.copyfile(self._master, self._copy)

    def bare(self, statement: str) -> int:
        connection = sqlite3.connect(self._copy)
        with connection:
            touched = connection.execute(statement).rowcount
        connection.close()
        return touched

    def scalar(self, query: str) -> object:
        connection = sqlite3.connect(self._copy)
        (found,) = connection.execute(query).fetchone()
        connection.close()
        return found


STILL = {"checkpoint_timeout": "30min", "autovacuum": "off"}  # nothing of its own meanwhile


@contextmanager
def postgres_bed() -> Iterator[PostgresBed]:
    """PostgreSQL with some memory, for a while."""
    memory = {"shared_buffers": "512MB", "wal_buffers": "64MB", "max_wal_size": "8GB"}
    with Postgres(durable=True, settings={**memory, **STILL}) as server:
        yield PostgresBed(server)


@contextmanager
def bed(engine: str) -> Iterator[Bed]:
    """A bed of that engine, and its server, for a while."""
    if engine == "postgresql":
        with postgres_bed() as postgres:
            yield postgres
    elif engine == "mariadb":
        memory = {"innodb-buffer-pool-size": "1G", "innodb-log-file-size": "512M"}
        with MariaDB(durable=True, settings=memory) as mariadb:
            yield MariaBed(mariadb)
    else:
        with tempfile.TemporaryDirectory(prefix="servanda-bench-") as folder:
            yield SqliteBed(Path(folder))
