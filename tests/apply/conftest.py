from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.apply.world import World
from tests.state.databases import each_state, sqlite_state

__all__ = ["each_state", "sqlite_state"]


@pytest.fixture
def world(sqlite_state: str, tmp_path: Path) -> Iterator[World]:
    """A small company on SQLite and in folders, with records that are due."""
    yield World.sqlite(tmp_path)
