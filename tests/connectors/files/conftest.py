"""The log that the tests of lines work on."""

import gzip
from collections.abc import Iterator
from pathlib import Path

import pytest

from servanda.connectors.files import FileStore
from tests.connectors.files.loglines import FIRST, LIVE, OLD, PACKED, line
from tests.connectors.files.shelves import opened


@pytest.fixture
def log(tmp_path: Path) -> Path:
    (tmp_path / "queue_log").write_bytes(b"".join(LIVE) + line(OLD, "07009")[:-1])
    (tmp_path / "queue_log.1").write_bytes(b"".join(FIRST))
    (tmp_path / "queue_log.2.gz").write_bytes(
        gzip.compress(b"".join(PACKED[:1])) + gzip.compress(b"".join(PACKED[1:]))
    )
    (tmp_path / "full").write_bytes(line(OLD, "07010"))  # another log
    return tmp_path


@pytest.fixture
def log_store(log: Path) -> Iterator[FileStore]:
    with opened(log) as store:
        yield store
