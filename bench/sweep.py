"""`sweep`: a million of three million rows deleted, with sealed evidence, against one bare DELETE.

Each measurement starts from a fresh copy of the table, on the same server with durable commits;
sweep and baseline take turns, and the medians are compared.
"""

from __future__ import annotations

import statistics
from typing import Any

from bench import harness, sweeping
from bench.tables import ENGINES, bed

ROWS = 3_000_000
ROUNDS = 3
TARGETS = {"postgresql": 1.2, "mariadb": 1.4, "sqlite": 1.3}
STATEMENT = "DELETE FROM calls WHERE made <= '2025-11-01 00:00:00'"


def run() -> dict[str, Any]:
    """Ratios by engine; `with_recount` holds the same with the independent recount's seconds."""
    rows = harness.size("rows", ROWS)
    figures, recounted = [], {}
    for engine in harness.chosen("engines", ENGINES):
        ours, bare, whole = [], [], []
        with bed(engine) as table:
            table.make(rows, 3)
            for _ in range(harness.size("rounds", ROUNDS)):
                table.fresh()
                bare.append(harness.seconds(lambda: table.bare(STATEMENT)))
                table.fresh()
                swept = sweeping.delete(table.address)
                if swept.count != rows // 3 or table.scalar("SELECT COUNT(*) FROM calls") != (
                    rows - rows // 3
                ):
                    raise RuntimeError(f"{engine}: {swept.count} rows went")
                ours.append(swept.seconds)
                whole.append(swept.whole)
        figures.append(harness.ratio(engine, ours, bare, TARGETS[engine]))
        recounted[engine] = round(statistics.median(whole) / statistics.median(bare), 2)
    return harness.result("sweep", figures, rows=rows, with_recount=recounted)
