"""`erase`: one person of 21 rows, from the decision to the confirmed erasure: found, planned, done
in one transaction, with evidence, looked for again by another reader, and the ledger signed.

Target: 60 ms, median. Beside it three DELETE statements by hand.
"""

from __future__ import annotations

from statistics import median
from typing import Any

from bench import harness
from bench.erasing import eraser
from bench.requests_bed import requests_bed

ROUNDS = 40
TARGET_MS = 60.0


def run() -> dict[str, Any]:
    ours, bare = [], []
    with requests_bed() as bed, eraser(bed) as by:
        for number in range(100, 100 + harness.size("rounds", ROUNDS)):
            ours.append(harness.seconds(lambda n=number: by.act(by.plan([n]), 21)))  # type: ignore[misc]
            bare.append(harness.seconds(lambda n=number: by.bare(n + 1_000)))  # type: ignore[misc]
    took = median(ours) * 1e3
    figure = harness.Figure("milliseconds", took, TARGET_MS, took, median(bare) * 1e3, "ms")
    return harness.result("erase", [figure])
