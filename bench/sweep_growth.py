"""`sweep-growth`: 100,000 expired rows cost the same in a table of 1, 10 or 30 million.

The clock has an index, so that the sweep walks along it and not over the table. The old rows are
the first, as in a table that only ever grows: scattered over a larger table they would lie on more
pages, which costs any DELETE the same. Baseline is the smallest table's time.
"""

from __future__ import annotations

from typing import Any

from bench import harness, sweeping
from bench.tables import ENGINES, bed

EXPIRED = 100_000
SIZES = (1_000_000, 10_000_000, 30_000_000)
ROUNDS = 4
TARGET = 1.3


def run() -> dict[str, Any]:
    """For each engine, the time in each larger table over the time in the smallest."""
    scale = harness.size("scale", 1)  # divides all sizes, for a quick look
    expired = EXPIRED // scale
    figures = []
    for engine in harness.chosen(ENGINES, ENGINES[:1]):
        with bed(engine) as table:
            first = 0.0
            for rows in (each // scale for each in SIZES):
                table.make(rows, f"n <= {expired}", index=True)
                times = []
                for _ in range(harness.size("rounds", ROUNDS)):
                    table.fresh()
                    swept = sweeping.delete(table.address)
                    if swept.count != expired:
                        raise RuntimeError(f"{engine}: {swept.count} of {expired} rows went")
                    times.append(swept.seconds)
                if first:
                    name = f"{engine} {rows:,}"
                    figures.append(harness.ratio(name, times, [first], TARGET))
                first = first or min(times)
    return harness.result("sweep-growth", figures, expired=expired)
