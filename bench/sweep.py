"""`sweep`: a million of three million rows deleted, with sealed evidence, against one bare DELETE.

Each measurement starts from a fresh copy of the table, on the same server with durable commits.
Sweep and baseline take turns; the best of each count, since others work on the machine too.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from bench import harness, sweeping
from bench.tables import ENGINES, bed

ROWS = 3_000_000
ROUNDS = 5
TARGETS = {"postgresql": 1.2, "mariadb": 1.4, "sqlite": 1.3}
STATEMENT = "DELETE FROM calls WHERE made <= '2025-11-01 00:00:00'"
LEFT = "SELECT COUNT(*) FROM calls WHERE made <= '2025-11-01 00:00:00'"


def run() -> dict[str, Any]:
    """Ratios by engine; `with_recount` holds the same with the independent recount's seconds."""
    return measured("sweep", STATEMENT, LEFT, sweeping.delete, TARGETS)


def measured(
    bench: str, statement: str, left: str, ours: sweeping.Action, targets: dict[str, float]
) -> dict[str, Any]:
    """A bare statement and our way of doing the same, by turns, on every engine."""
    rows = harness.size("rows", ROWS)
    figures, recounted = [], {}
    for engine in harness.chosen(ENGINES):
        swept, bare, whole = [], [], []
        with bed(engine) as table:
            table.make(rows, "n % 3 = 0")
            for _ in range(harness.size("rounds", ROUNDS)):
                table.fresh()
                bare.append(harness.seconds(partial(table.bare, statement)))
                table.fresh()
                done = ours(table.address)
                if done.count != rows // 3 or table.scalar(left) != 0:
                    raise RuntimeError(f"{engine}: {done.count} of {rows // 3} rows were done")
                swept.append(done.seconds)
                whole.append(done.whole)
        figures.append(harness.ratio(engine, swept, bare, targets[engine]))
        recounted[engine] = round(min(whole) / min(bare), 2)
    return harness.result(bench, figures, rows=rows, with_recount=recounted)
