from collections.abc import Iterator
from pathlib import Path

import pytest

from servanda.stores.mapping import Limit
from tests.apply.requests.house import build_house
from tests.apply.world import World
from tests.faults.harness import Case
from tests.state.databases import sqlite_state

__all__ = ["sqlite_state"]

# Windows of a hundred records, so that every run has several.
LIMIT = Limit(rows_per_second=400, connections=1, breaker_share=1.0, lock_timeout_s=2.0)


@pytest.fixture
def case(sqlite_state: str, tmp_path: Path) -> Iterator[Case]:
    """The small company on SQLite and in folders, with state on SQLite."""
    yield Case(World.sqlite(tmp_path, limit=LIMIT), sqlite_state)


@pytest.fixture(
    params=[
        "sqlite",
        pytest.param("postgresql", marks=pytest.mark.services),
        pytest.param("mariadb", marks=pytest.mark.services),
    ]
)
def each_case(request: pytest.FixtureRequest, sqlite_state: str, tmp_path: Path) -> Case:
    """The same with its tables on each database."""
    if request.param == "sqlite":
        return Case(World.sqlite(tmp_path, limit=LIMIT), sqlite_state)
    name = "postgres_db" if request.param == "postgresql" else "mariadb_db"
    return Case(World(tmp_path, request.getfixturevalue(name), LIMIT), sqlite_state)


@pytest.fixture
def house(tmp_path: Path) -> Path:
    return build_house(tmp_path / "house")
