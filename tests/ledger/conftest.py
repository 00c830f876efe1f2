from collections.abc import Iterator
from pathlib import Path

import pytest
from servanda.ledger.signer import Signer
from tests.state.databases import each_state, sqlite_state

__all__ = ["each_state", "signer", "sqlite_state"]


@pytest.fixture
def signer(tmp_path: Path) -> Iterator[Signer]:
    yield Signer.open(tmp_path / "ledger.key", "example.test/privacy")
