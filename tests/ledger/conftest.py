from collections.abc import Iterator
from pathlib import Path

import pytest

from servanda import state
from servanda.ledger.signer import Signer
from tests.ledger.evidence import MASTER, Evidence
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


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, Evidence]]:
    """A sound bundle with all runs opened, and the ledger it is of."""
    folder = tmp_path_factory.mktemp("tampering")
    state.setup(f"sqlite:///{folder / 'state.sqlite3'}")
    state.migrate()
    evidence = Evidence(Signer.open(folder / "ledger.key", "example.test/privacy"))
    evidence.fill()
    path = evidence.export(folder / "whole.zip", open_runs=["r1", "r2"], master=MASTER)
    state.close()
    yield path, evidence
