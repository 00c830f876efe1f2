"""`ledger`: appends in batches of 100 on SQLite, and verification; each beside a bare baseline.

Targets: at least 40,000 entries/s appended, at least 150,000 leaves/s verified.
"""

from __future__ import annotations

import json
import sqlite3
import tempfile
import time
from collections.abc import Callable
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Any

APPENDS = 40_000
LEAVES = 200_000
BATCH = 100
ROUNDS = 3  # the best of them counts: others work on the machine too
APPEND_TARGET = 40_000
VERIFY_TARGET = 150_000


def run() -> dict[str, Any]:
    """Figures in entries or leaves a second; `targets` says which were reached."""
    from servanda import state

    with tempfile.TemporaryDirectory(prefix="servanda-bench-") as folder:
        state.setup(f"sqlite:///{folder}/state.sqlite3")
        try:
            state.migrate()
            return _measure(Path(folder))
        finally:
            state.close()


def _measure(folder: Path) -> dict[str, Any]:
    from servanda import ledger
    from servanda.ledger.verify import verify_bundle

    entries = [_entry(number) for number in range(APPENDS)]
    append = bare = 0.0
    for number in range(ROUNDS):
        append = max(append, APPENDS / _seconds(lambda: _append(entries)))
        path = folder / f"bare{number}.sqlite3"
        rows = _rows(APPENDS)
        bare = max(bare, APPENDS / _seconds(partial(_bare, path, rows)))

    while ledger.proofs.size() < LEAVES:
        ledger.append([_entry(number) for number in range(5_000)])
    signer = ledger.Signer.open(folder / "ledger.key", "bench.test/ledger")
    bundle = folder / "evidence.zip"
    leaves = ledger.bundle.export(bundle, signer)
    raw = [line for page in ledger.history.raw_leaves() for line in page]
    verify = hashing = 0.0
    for _ in range(ROUNDS):
        began = time.perf_counter()
        report = verify_bundle(bundle, signer.vkey)
        verify = max(verify, leaves / (time.perf_counter() - began))
        if not report.ok or report.entries != leaves:
            raise RuntimeError("the bundle did not verify")
        hashing = max(hashing, leaves / _seconds(lambda: _hash(raw)))

    return {
        "bench": "ledger",
        "entry_bytes": round(sum(map(len, raw)) / len(raw)),
        "batch": BATCH,
        "appended": APPENDS,
        "append_per_second": round(append),
        "append_baseline_per_second": round(bare),
        "append_ratio": round(bare / append, 2),
        "verified": leaves,
        "verify_per_second": round(verify),
        "verify_baseline_per_second": round(hashing),
        "verify_ratio": round(hashing / verify, 2),
        "targets": {
            f"append >= {APPEND_TARGET}/s": append >= APPEND_TARGET,
            f"verify >= {VERIFY_TARGET}/s": verify >= VERIFY_TARGET,
        },
    }


def _entry(number: int) -> dict[str, Any]:
    return {
        "kind": "window.prepared",
        "run": "20260301-081500-7f3a",
        "step": "pbx.cdr:delete",
        "window": number,
        "collection": "pbx.cdr",
        "action": "delete",
        "count": 10_000,
        "encoding": "i8",
        # Not `manifest`: the lists themselves are no part of this measure.
        "digest": sha256(number.to_bytes(8, "big")).hexdigest(),
    }


def _append(entries: list[dict[str, Any]]) -> None:
    from servanda import ledger, state

    for first in range(0, len(entries), BATCH):
        with state.transaction():
            ledger.append(entries[first : first + BATCH])


def _rows(count: int) -> list[tuple[int, str, int, bytes]]:
    from servanda.ledger import history

    rows = [row for page in history.rows(count) for row in page]
    return rows[:count]


def _bare(path: Path, rows: list[tuple[int, str, int, bytes]]) -> None:
    """The same rows, as durable, with nothing but SQLite: no tree, no indexes, no JSON."""
    database = sqlite3.connect(path, isolation_level=None)
    database.execute("PRAGMA journal_mode=WAL")
    database.execute("PRAGMA synchronous=FULL")
    database.execute("CREATE TABLE leaf (place INTEGER PRIMARY KEY, kind, at, entry)")
    for first in range(0, len(rows), BATCH):
        database.execute("BEGIN IMMEDIATE")
        database.executemany("INSERT INTO leaf VALUES (?, ?, ?, ?)", rows[first : first + BATCH])
        database.execute("COMMIT")
    database.close()


def _hash(leaves: list[bytes]) -> None:
    for leaf in leaves:
        sha256(b"\0" + leaf).digest()


def _seconds(work: Callable[[], None]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


if __name__ == "__main__":
    print(json.dumps(run(), indent=2))
