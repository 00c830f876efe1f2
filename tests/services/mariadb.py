"""A real MariaDB, Debian's binaries.

Ready in about 0.7 s, back after `stop()` and `start()` in about 0.1 s.
"""

import contextlib
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pymysql

from tests.services.database import DatabaseServer
from tests.services.ports import HOST
from tests.services.process import find_program, run

# Commits reach the kernel, not the disk: they survive the death of the server, which the tests
# bring about, but not that of the machine.
FAST = {"innodb-flush-log-at-trx-commit": "2", "innodb-doublewrite": "0"}


def installed() -> bool:
    """Say whether the server and its set-up program are there."""
    return bool(find_program("mariadbd") and find_program("mariadb-install-db"))


class MariaDB(DatabaseServer):
    """A private MariaDB server, utf8mb4 and UTC; `durable=True` flushes at commit, for benches."""

    kind = "mariadb"
    admin = "administrator"

    def __init__(self, *, durable: bool = False, settings: Mapping[str, str] | None = None) -> None:
        if not installed():
            raise FileNotFoundError("MariaDB is not installed")
        self._settings = {
            "bind-address": HOST,
            "character-set-server": "utf8mb4",
            "collation-server": "utf8mb4_unicode_ci",
            "default-time-zone": "+00:00",
            "innodb-log-file-size": "96M" if durable else "16M",
            "max-allowed-packet": "64M",
            "skip-name-resolve": "1",
            **({} if durable else FAST),
            **(settings or {}),
        }
        super().__init__("mysql")

    def url(self, database: str, *, role: str | None = None, password: str | None = None) -> str:
        login = f"{role or self.admin}:{password or self.password}"
        return f"mysql+pymysql://{login}@{HOST}:{self.port}/{database}?charset=utf8mb4"

    def connect(self, database: str | None = None) -> "pymysql.Connection[Any]":
        """Open a connection as the administrator, in autocommit."""
        return pymysql.connect(
            host=HOST,
            port=self.port,
            user=self.admin,
            password=self.password,
            database=database,
            charset="utf8mb4",
            autocommit=True,
            connect_timeout=2,
        )

    def execute(self, statement: str, *, database: str | None = None) -> list[tuple[Any, ...]]:
        with self.connect(database) as connection, connection.cursor() as cursor:
            cursor.execute(statement)
            return list(cursor.fetchall())

    def create_database(self, name: str) -> str:
        self.execute(f"CREATE DATABASE `{name}`")
        return self.url(name)

    def drop_database(self, name: str) -> None:
        connected = self.execute(f"SELECT id FROM information_schema.processlist WHERE db='{name}'")
        for (connection,) in connected:
            with contextlib.suppress(pymysql.OperationalError):  # gone in the meantime
                self.execute(f"KILL {connection}")
        self.execute(f"DROP DATABASE IF EXISTS `{name}`")

    def create_role(
        self, name: str, password: str, *, database: str, read_only: bool = True
    ) -> str:
        rights = "SELECT" if read_only else "ALL PRIVILEGES"
        self.execute(f"CREATE OR REPLACE USER '{name}'@'%' IDENTIFIED BY '{password}'")
        self.execute(f"GRANT {rights} ON `{database}`.* TO '{name}'@'%'")
        return self.url(database, role=name, password=password)

    def _prepare(self) -> None:
        program = find_program("mariadb-install-db")
        assert program is not None
        run(
            [
                program,
                "--no-defaults",
                *([f"--user={self.user}"] if self.user else []),
                "--skip-test-db",
                f"--datadir={self.folder / 'data'}",
                f"--tmpdir={self._scratch()}",
                f"--innodb-log-file-size={self._settings['innodb-log-file-size']}",
            ]
        )
        first = self.folder / "first.sql"
        first.write_text(
            f"CREATE USER IF NOT EXISTS '{self.admin}'@'%' IDENTIFIED BY '{self.password}';\n"
            f"GRANT ALL PRIVILEGES ON *.* TO '{self.admin}'@'%' WITH GRANT OPTION;\n"
        )

    def _scratch(self) -> Path:
        """A folder of its own: a server that starts clears what others left in the common one."""
        found = self.folder / "tmp"
        found.mkdir(exist_ok=True)
        if self.user:
            shutil.chown(found, self.user)
        return found

    def _command(self) -> list[str | Path]:
        program = find_program("mariadbd")
        assert program is not None
        return [
            program,
            "--no-defaults",
            f"--datadir={self.folder / 'data'}",
            f"--tmpdir={self._scratch()}",
            f"--socket={self.folder / 'socket'}",
            f"--pid-file={self.folder / 'pid'}",
            f"--init-file={self.folder / 'first.sql'}",
            f"--port={self.port}",
            *(f"--{name}={value}" for name, value in self._settings.items()),
        ]

    def _ready(self) -> bool:
        try:
            self.connect().close()
        except pymysql.OperationalError:
            return False
        return True
