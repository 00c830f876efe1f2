"""`access-large`: a person with 20,001 records, and the memory of one with two million.

20,001 records take at most a second, from the request to the package on disk. Memory is that of
a process of its own, as the kernel tells it; of two million records it is at most 200 MB.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
from pathlib import Path
from typing import Any

from bench import harness
from bench.accessing import answer
from bench.requests_bed import CUSTOMERS, LARGE_EACH, Bed, requests_bed

PERSON = CUSTOMERS + 1
MANY = 1_000_000  # orders, and as many payments
MOST_S, MOST_MB = 1.0, 200.0


def run() -> dict[str, Any]:
    with requests_bed() as bed:
        answer(bed, 1)  # everything warm
        seconds = min(harness.seconds(lambda: _whole(bed, LARGE_EACH)) for _ in range(3))
    many = harness.size("many", MANY)
    with requests_bed(large=1, large_each=many) as bed:
        found = _in_child(bed.workspace.folder, many)
    peak = found["peak"]
    figures = [
        harness.Figure("20,001 records", seconds, MOST_S, seconds),
        harness.Figure("2 million MB", peak, MOST_MB, peak, found["before"], "MB"),
    ]
    return harness.result("access-large", figures, many=2 * many + 1, seconds=found["seconds"])


def _whole(bed: Bed, each: int) -> None:
    packed = answer(bed, PERSON).records
    if packed != 2 * each + 1:
        raise RuntimeError(f"{packed} records were packed")


def _in_child(folder: Path, many: int) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-m", "bench.access_large", str(folder), str(many)],
        check=True,
        capture_output=True,
        text=True,
        env=dict(os.environ),
    )
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def _peak() -> float:
    """MB at the highest until now."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6


def _measured(folder: Path, many: int) -> dict[str, float]:
    from servanda.runtime.workspace import Workspace

    with Workspace.open(folder) as workspace:
        bed = Bed("", workspace)
        answer(bed, 1)
        before = _peak()
        seconds = harness.seconds(lambda: _whole(bed, many))
    return {"before": before, "peak": _peak(), "seconds": round(seconds, 1)}


if __name__ == "__main__":
    print(json.dumps(_measured(Path(sys.argv[1]), int(sys.argv[2]))))
