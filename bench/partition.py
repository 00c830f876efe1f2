"""`partition`: an expired partition of ten million rows goes in under a second, with evidence.

PostgreSQL, declarative ranges by month. Timed is the whole of `apply.work` up to the end of the
last window: counting the partition, proving that all of it has expired, evidence, and the drop.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from bench import harness, sweeping
from bench.tables import postgres_bed

ROWS = 10_000_000
ROUNDS = 2
TARGET_S = 1.0
MAKE = """
    CREATE TABLE events (id bigint NOT NULL, made timestamp NOT NULL, person text)
        PARTITION BY RANGE (made);
    CREATE TABLE events_old PARTITION OF events FOR VALUES FROM ('2025-01-01') TO ('2025-02-01');
    CREATE TABLE events_new PARTITION OF events FOR VALUES FROM ('2026-10-01') TO ('2026-11-01');
    INSERT INTO events SELECT n, timestamp '2025-01-01' + (n % 2600000) * interval '1 s',
        'Person ' || n FROM generate_series(1, {rows}) n;
    INSERT INTO events SELECT n, '2026-10-15', 'Person ' || n FROM generate_series(1, 1000) n;
"""


def run() -> dict[str, Any]:
    """Seconds, against a bare DROP of the same partition."""
    rows = harness.size("rows", ROWS)
    events = replace(sweeping.CALLS, name="events", source="events", key=("id",))
    ours, bare = [], []
    with postgres_bed() as table:
        table.make(1, "n < 0")
        table.prepare(MAKE.format(rows=rows))
        for _ in range(harness.size("rounds", ROUNDS)):
            table.fresh()
            bare.append(harness.seconds(lambda: table.bare("DROP TABLE events_old")))
            table.fresh()
            swept = sweeping.delete(
                table.address, collection=events, partitions=("public.events_old",)
            )
            if swept.count != rows or table.scalar("SELECT count(*) FROM events") != 1000:
                raise RuntimeError(f"{swept.count} of {rows} rows went")
            ours.append(swept.seconds)
    took = min(ours)
    figure = harness.Figure("seconds", took, TARGET_S, took, min(bare))
    return harness.result("partition", [figure], rows=rows)
