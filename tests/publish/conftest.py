from pathlib import Path

import pytest

from servanda.ledger.signer import Signer
from tests.state.databases import sqlite_state

__all__ = ["signer", "sqlite_state"]


@pytest.fixture
def signer(tmp_path: Path) -> Signer:
    return Signer.open(tmp_path / "ledger.key", "example.test/privacy")
