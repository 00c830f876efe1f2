"""The contract of the connector port, on each SQL engine."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from tests.connectors.contract import Kind, Made, Record, StoreContract
from tests.connectors.sql.tables import made, run, sqlite_url


class TestSqlite(StoreContract):
    can_correct = True

    @pytest.fixture(autouse=True)
    def _folder(self, tmp_path: Path) -> None:
        self.folder = tmp_path

    def make(self, kind: Kind, records: Sequence[Record]) -> AbstractContextManager[Made]:
        return made(sqlite_url(self.folder), kind, records)


class TestSqliteWriteAhead(TestSqlite):
    def make(self, kind: Kind, records: Sequence[Record]) -> AbstractContextManager[Made]:
        url = sqlite_url(self.folder)
        run(url, "PRAGMA journal_mode = WAL")
        return made(url, kind, records)


@pytest.mark.services
class TestPostgresql(StoreContract):
    can_correct = True

    @pytest.fixture(autouse=True)
    def _server(self, postgres_db: str) -> None:
        self.url = postgres_db

    def make(self, kind: Kind, records: Sequence[Record]) -> AbstractContextManager[Made]:
        return made(self.url, kind, records)


@pytest.mark.services
class TestMariadb(StoreContract):
    can_correct = True

    @pytest.fixture(autouse=True)
    def _server(self, mariadb_db: str) -> None:
        self.url = mariadb_db

    def make(self, kind: Kind, records: Sequence[Record]) -> AbstractContextManager[Made]:
        return made(self.url, kind, records)
