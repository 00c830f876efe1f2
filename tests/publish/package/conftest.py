from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.publish.package.world import World, world


@pytest.fixture
def company(tmp_path: Path) -> Iterator[World]:
    with world(tmp_path) as made:
        yield made
