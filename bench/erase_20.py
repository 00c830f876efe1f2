"""`erase-20`: twenty people of 21 rows, one after the other, each as in `erase`. Target: 1.0 s."""

from __future__ import annotations

from typing import Any

from bench import harness
from bench.erasing import eraser
from bench.requests_bed import requests_bed

PEOPLE = 20
TARGET_S = 1.0


def run() -> dict[str, Any]:
    with requests_bed() as bed, eraser(bed) as by:

        def ours() -> None:
            for number in range(100, 100 + PEOPLE):
                by.act(by.plan([number]), 21)

        def bare() -> None:
            for number in range(200, 200 + PEOPLE):
                by.bare(number)

        took, by_hand = harness.seconds(ours), harness.seconds(bare)
    figure = harness.Figure("seconds", took, TARGET_S, took, by_hand)
    return harness.result("erase-20", [figure], people=PEOPLE)
