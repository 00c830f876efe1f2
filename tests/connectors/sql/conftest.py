"""An empty database of each engine in turn."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.connectors.sql.tables import run, sqlite_url
from tests.connectors.sql.windows_kit import Kit, lent

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


@pytest.fixture
def kit(url: str) -> Iterator[Kit]:
    """An empty database of each engine, with what tests of windows need."""
    yield from lent(url)


@pytest.fixture
def postgres_kit(postgres_db: str) -> Iterator[Kit]:
    yield from lent(postgres_db)


@pytest.fixture
def mariadb_kit(mariadb_db: str) -> Iterator[Kit]:
    yield from lent(mariadb_db)


@pytest.fixture
def sqlite_kit(tmp_path: Path) -> Iterator[Kit]:
    address = sqlite_url(tmp_path)
    run(address, "CREATE TABLE unused (id INTEGER)")
    yield from lent(address)
