"""`erase-large`: one person of 20,001 rows, against three DELETE statements.

Timed is the approved plan, from its start to the confirmed end: evidence of every row, the
deletion in one transaction, and another reader's look for what went. Finding and planning, which
happen before somebody decides, are told beside it. Target: twice the statements.
"""

from __future__ import annotations

from typing import Any

from bench import harness
from bench.erasing import eraser
from bench.requests_bed import CUSTOMERS, LARGE, LARGE_EACH, requests_bed
from servanda.plan.requests import RequestPlan

TARGET = 2.0


def run() -> dict[str, Any]:
    planned, ours, bare = [], [], []
    rows = 2 * LARGE_EACH + 1
    with requests_bed() as bed, eraser(bed) as by:
        for number in range(CUSTOMERS + 1, CUSTOMERS + LARGE, 2):
            plans: list[RequestPlan] = []
            planned.append(harness.seconds(lambda n=number, p=plans: p.append(by.plan([n]))))  # type: ignore[misc]
            ours.append(harness.seconds(lambda p=plans: by.act(p[0], rows)))  # type: ignore[misc]
            bare.append(harness.seconds(lambda n=number + 1: by.bare(n)))  # type: ignore[misc]
    figure = harness.ratio("ratio", ours, bare, TARGET)
    return harness.result("erase-large", [figure], rows=rows, plan_s=round(min(planned), 3))
