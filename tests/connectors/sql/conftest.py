"""An empty database of each engine in turn."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.connectors.sql.tables import run, sqlite_url

ENGINES = [
    "sqlite",
    pytest.param("postgresql", marks=pytest.mark.services),
    pytest.param("mariadb", marks=pytest.mark.services),
]


@pytest.fixture(params=ENGINES)
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of an empty database."""
    match request.param:
        case "postgresql":
            return str(request.getfixturevalue("postgres_db"))
        case "mariadb":
            return str(request.getfixturevalue("mariadb_db"))
        case _:
            address = sqlite_url(tmp_path)
            run(address, "CREATE TABLE unused (id INTEGER)")  # or there would be no file
            return address
