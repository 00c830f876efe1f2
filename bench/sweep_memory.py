"""`sweep-memory`: the peak memory of a sweeping process does not grow with the table.

Each sweep runs in a process of its own, whose highest resident size the kernel tells.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
from typing import Any

from bench import harness, sweeping
from bench.tables import ENGINES, bed

SIZES = (3_000_000, 30_000_000)
MOST_MIB, MOST_GROWTH = 200.0, 1.1


def run() -> dict[str, Any]:
    """Peak in MiB with the larger table, and its ratio to the peak with the smaller."""
    scale = harness.size("scale", 1)
    figures = []
    for engine in harness.chosen(ENGINES, ENGINES[:1]):
        peaks = []
        with bed(engine) as table:
            for rows in (each // scale for each in SIZES):
                table.make(rows, "n % 3 = 0")
                table.fresh()
                peaks.append(_peak(table.address, rows // 3))
        small, large = peaks
        figures.append(harness.Figure(f"{engine} MiB", large, MOST_MIB, large, small, "MiB"))
        growth = large / small
        figures.append(harness.Figure(f"{engine} growth", growth, MOST_GROWTH, large, small, "MiB"))
    return harness.result("sweep-memory", figures, rows=[each // scale for each in SIZES])


def _peak(address: str, expected: int) -> float:
    """MiB at the highest, of a process that sweeps the table there."""
    done = subprocess.run(
        [sys.executable, "-m", "bench.sweep_memory", address],
        check=True,
        capture_output=True,
        text=True,
    )
    found = json.loads(done.stdout)
    if found["count"] != expected:
        raise RuntimeError(f"{found['count']} of {expected} rows went")
    return float(found["mib"])


def _child(address: str) -> None:
    swept = sweeping.delete(address)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"count": swept.count, "mib": peak}))


if __name__ == "__main__":
    _child(sys.argv[1])
