"""`access`: one person with 21 records in a shop of 2.1 million rows, beside SQL by hand.

The whole, from the request to the encrypted, signed package on disk, takes at most 60 ms (median);
finding what is theirs takes at most three times what the hand-written reading takes.
"""

from __future__ import annotations

import statistics
from collections.abc import Callable
from typing import Any

from bench import harness
from bench.accessing import answer, by_hand, find
from bench.requests_bed import requests_bed

ROWS, PERSON = 21, 4711
MOST_MS, MOST_RATIO = 60.0, 3.0
TIMES = 41


def run() -> dict[str, Any]:
    with requests_bed() as bed, bed.connect() as hand:
        hand.autocommit = True
        found = (by_hand(hand, PERSON), find(bed, PERSON).records, answer(bed, PERSON).records)
        if set(found) != {ROWS}:
            raise RuntimeError(f"{found} rows were found")
        bare = _median(lambda: by_hand(hand, PERSON))
        search = _median(lambda: find(bed, PERSON))
        whole = _median(lambda: answer(bed, PERSON))
    figures = [
        harness.Figure("package ms", whole, MOST_MS, whole, bare, "ms"),
        harness.Figure("find ratio", search / bare, MOST_RATIO, search, bare, "ms"),
    ]
    return harness.result("access", figures, rows=ROWS, times=TIMES)


def _median(work: Callable[[], object]) -> float:
    """Milliseconds."""
    return statistics.median(harness.seconds(work) for _ in range(TIMES)) * 1000
