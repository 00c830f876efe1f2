"""`erase-bulk`: ten thousand people of 21 rows, found, planned and erased in one pass.

Targets: a thousand people a second, and a cost per person that falls as the batch grows.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from bench import harness
from bench.erasing import eraser
from bench.requests_bed import EACH, requests_bed

PEOPLE = 10_000
BATCHES = (1, 10, 100, 1_000)
BY_HAND = 200
TARGET_MS = 1.0
ROWS = 2 * EACH + 1


def run() -> dict[str, Any]:
    people = harness.size("people", PEOPLE)
    per_person: dict[int, float] = {}
    with requests_bed() as bed, eraser(bed) as by:
        first = 100
        for size in BATCHES:
            numbers = range(first, first + size)
            took = harness.seconds(lambda n=numbers: by.act(by.plan(n), ROWS * len(n)))  # type: ignore[misc]
            per_person[size] = took / size * 1e3
            first += size

        def all_of_them() -> None:
            numbers = range(first, first + people)
            by.act(by.plan(numbers), ROWS * len(numbers))

        def by_hand() -> None:
            for number in range(90_000, 90_000 + BY_HAND):
                by.bare(number)

        each = harness.seconds(all_of_them) / people * 1e3
        hand = harness.seconds(by_hand) / BY_HAND * 1e3
    falls = all(per_person[a] > per_person[b] for a, b in pairwise(BATCHES))
    figures = [
        harness.Figure("milliseconds a person", each, TARGET_MS, each, hand, "ms"),
        harness.Figure("batches that cost more", 0.0 if falls else 1.0, 0.0, 0.0, None, ""),
    ]
    costs = {f"{size} at once": round(cost, 2) for size, cost in per_person.items()}
    return harness.result("erase-bulk", figures, people=people, ms_a_person=costs)
