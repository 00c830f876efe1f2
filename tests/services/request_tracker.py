"""A real Request Tracker 5 over a PostgreSQL service. Ready in about 2 s.

Tickets are made, answered and closed by RT's own code (`request_tracker.pl`); no web server runs.
"""

from __future__ import annotations

import os
import secrets
from datetime import datetime
from pathlib import Path
from typing import Any

from tests.services.postgres import Postgres
from tests.services.process import find_program, run, temporary_folder

HERE = Path(__file__).parent
CONFIG = """
Set($rtname, 'test.example');
Set($Organization, 'test.example');
Set($WebDomain, '127.0.0.1');
Set($WebPort, 80);
Set($DatabaseType, 'Pg');
Set($DatabaseHost, '127.0.0.1');
Set($DatabasePort, {port});
Set($DatabaseName, '{database}');
Set($DatabaseUser, '{user}');
Set($DatabasePassword, '{password}');
Set($DatabaseAdmin, '{user}');
Set($DatabaseRequireSSL, 0);
Set($LogToSTDERR, 'critical');
Set($LogToSyslog, undef);
Set($MailCommand, 'testfile');
Set($Timezone, 'UTC');
1;
"""


def installed() -> bool:
    """Say whether Request Tracker 5 and its set-up program are there."""
    return find_program("rt-setup-database-5") is not None


class RequestTracker:
    """An installation of its own, in a database of the service."""

    def __init__(self, postgres: Postgres) -> None:
        if not installed():
            raise FileNotFoundError("Request Tracker is not installed")
        self.postgres = postgres
        self.database = f"rt{secrets.token_hex(4)}"
        self.database_url = postgres.create_database(self.database)
        self.folder = temporary_folder("rt")
        (self.folder / "none").mkdir()
        config = self.folder / "RT_SiteConfig.pm"
        config.write_text(
            CONFIG.format(
                port=postgres.port,
                database=self.database,
                user=postgres.admin,
                password=postgres.password,
            )
        )
        self._env = {
            "RT_SITE_CONFIG": str(config),
            "RT_SITE_CONFIG_DIR": str(self.folder / "none"),
            "TMPDIR": str(self.folder),
            "LC_ALL": "C.UTF-8",
        }
        setup = find_program("rt-setup-database-5")
        assert setup is not None
        who = ["--dba", postgres.admin, "--dba-password", postgres.password]
        run([setup, "--action", "init", "--skip-create", *who], env=self._env)

    def ticket(self, address: str, name: str, text: str, *, cc: str = "") -> int:
        """A new ticket with an attachment, as if by mail; gives its number."""
        return int(self._perl("ticket", address, name, text, cc).split()[-1])

    def reply(self, ticket: int, text: str) -> None:
        self._perl("reply", str(ticket), text)

    def close_ticket(self, ticket: int, when: datetime | None = None) -> None:
        """Resolve it, as if at `when`."""
        self._perl("status", str(ticket), "resolved")
        if when is not None:
            moment = f"{when:%Y-%m-%d %H:%M:%S}"
            self.rows(f"UPDATE tickets SET resolved = '{moment}' WHERE id = {ticket}")

    def reopen(self, ticket: int) -> None:
        self._perl("status", str(ticket), "open")

    def link(self, one: int, other: int) -> None:
        self._perl("link", str(one), str(other))

    def shown(self, ticket: int) -> str:
        """What RT itself shows of a ticket."""
        return self._perl("show", str(ticket))

    def rows(self, statement: str) -> list[tuple[Any, ...]]:
        return self.postgres.execute(statement, database=self.database)

    def mentions(self, text: str) -> dict[str, int]:
        """In which tables a text stands, in any column, and in how many rows."""
        tables = self.rows("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        found: dict[str, int] = {}
        for (table,) in tables:
            query = (
                f"SELECT count(*) FROM {table} t WHERE strpos(lower(t::text), '{text.lower()}') > 0"
            )
            ((count,),) = self.rows(query)
            if count:
                found[table] = count
        return found

    def close(self) -> None:
        self.postgres.drop_database(self.database)

    def _perl(self, *words: str) -> str:
        return run(["perl", HERE / "request_tracker.pl", *words], env={**os.environ, **self._env})
