from collections.abc import Iterator
from pathlib import Path

import pytest

from servanda.runtime.workspace import Workspace
from tests.apply.requests.house import build_house


@pytest.fixture
def house(tmp_path: Path) -> Path:
    return build_house(tmp_path / "house")


@pytest.fixture
def workspace(house: Path) -> Iterator[Workspace]:
    with Workspace.open(house) as opened:
        opened.use_state()
        yield opened
