"""The board, of the state database in use or of a bundle."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from servanda.kernel.errors import UsageError
from servanda.ledger import history
from servanda.ledger.verify import layout
from servanda.status import Board, board
from servanda.status.board import of
from servanda.status.chronicle import Chronicle
from servanda.status.evidence import KINDS


def judge(as_of: datetime) -> Board:
    """Every promise, by the entries made at or before `as_of`. `use_state` comes first.

    Reads the whole ledger up to there. Who asks again and again asks `runtime.boards`.
    """
    found = Chronicle()
    for index, at, entry in history.told(KINDS, 0, history.size_at(as_of)):
        found.add(index, entry, at)
    return of(found, as_of)


def judge_bundle(path: Path, as_of: datetime) -> Board:
    """The same board from an evidence bundle. It judges, it does not verify: do that first."""
    try:
        return board(_entries(path), as_of)
    except (OSError, zipfile.BadZipFile, KeyError, ValueError, TypeError):
        raise UsageError(
            f"{path} is not a bundle that can be read", "see what `servanda verify` says of it"
        ) from None


def _entries(path: Path) -> Iterator[tuple[int, Mapping[str, Any]]]:
    with zipfile.ZipFile(path) as archive, archive.open(layout.ENTRIES) as lines:
        for index, line in enumerate(lines):
            entry = json.loads(line)
            if entry["kind"] in KINDS:
                yield index, entry
