from collections.abc import Iterator
from pathlib import Path

import pytest

from servanda.ledger.signer import Signer
from tests.ledger.evidence import Evidence
from tests.state.databases import each_state, sqlite_state

__all__ = ["each_state", "signer", "sqlite_state"]


@pytest.fixture
def signer(tmp_path: Path) -> Iterator[Signer]:
    yield Signer.open(tmp_path / "ledger.key", "example.test/privacy")


@pytest.fixture
def evidence(sqlite_state: str, signer: Signer) -> Evidence:
    made = Evidence(signer)
    made.fill()
    return made
