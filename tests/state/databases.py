"""Fixtures: an empty, migrated state database on SQLite, and one on PostgreSQL."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from servanda import state


@pytest.fixture
def sqlite_state(tmp_path: Path) -> Iterator[str]:
    """The address of a fresh state database in a file, in use by this process."""
    yield from _used(f"sqlite:///{tmp_path / 'state.sqlite3'}")


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.services)])
def each_state(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The same on SQLite and on PostgreSQL."""
    if request.param == "sqlite":
        yield from _used(f"sqlite:///{tmp_path / 'state.sqlite3'}")
    else:
        yield from _used(request.getfixturevalue("postgres_db"))


def _used(url: str) -> Iterator[str]:
    state.setup(url)
    state.migrate()
    try:
        yield url
    finally:
        state.close()
