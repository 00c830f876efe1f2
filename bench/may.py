"""`may`: answers of the use gate among a million people, beside an empty endpoint of the same
server, on SQLite and on PostgreSQL; and how many people a second the bulk call answers about.

Targets: at most 1/0.7 times as long as the empty endpoint (70 % of its answers a second), p99 at
most 20 ms at half that load, at least 100,000 people a second in bulk.
"""

from __future__ import annotations

import json
import random
import tempfile
import time
import urllib.request
from pathlib import Path
from typing import Any

from bench import harness
from bench.may_bed import Firm, address, build, databases

PEOPLE, SECONDS, ROUNDS, BULK = 1_000_000, 4, 3, 100_000


def run() -> dict[str, Any]:
    people = harness.size("people", PEOPLE)
    figures: list[harness.Figure] = []
    facts: dict[str, Any] = {"people": people}
    for engine, database in databases():
        with tempfile.TemporaryDirectory(prefix="servanda-bench-") as folder:
            secret = build(Path(folder), people, database)
            _close()
            with Firm(Path(folder)) as firm:
                found, told = _measured(firm, engine, secret, people)
                figures += found
                facts[engine] = told
    return harness.result("may", figures, **facts)


def _close() -> None:
    from servanda.runtime import hub

    hub.workspace().close()


def _measured(
    firm: Firm, engine: str, secret: str, people: int
) -> tuple[list[harness.Figure], dict[str, Any]]:
    dice = random.Random(7)
    asked = [
        firm.get(
            f"/v1/may?subject=email:{address(dice.randrange(people))}"
            "&purpose=marketing&channel=email",
            secret,
        )
        for _ in range(20_000)
    ]
    empty = [firm.get("/v1/empty", secret)]
    firm.load(asked, 1.0)
    firm.load(empty, 1.0)
    rates: dict[str, list[float]] = {"may": [], "empty": []}
    for _ in range(ROUNDS):  # in turn, so that both meet the same machine
        for name, requests in (("empty", empty), ("may", asked)):
            found = firm.load(requests, SECONDS)
            assert set(found["statuses"]) == {"200"}, found
            rates[name].append(found["rate"])
    rate, baseline = max(rates["may"]), max(rates["empty"])
    half = firm.load(asked, SECONDS, rate=rate / 2)
    bulk = max(_bulk(firm, secret, people) for _ in range(ROUNDS))
    figures = [
        harness.Figure(f"{engine} one", baseline / rate, 1 / 0.7, 1e6 / rate, 1e6 / baseline, "us"),
        harness.Figure(f"{engine} p99 at half", half["p99"], 20, half["p99"], None, "ms"),
        harness.Figure(f"{engine} 100k in bulk", 100_000 / bulk, 1.0, 100_000 / bulk),
    ]
    return figures, {"a second": rates, "half": half, "bulk a second": round(bulk)}


def _bulk(firm: Firm, secret: str, people: int) -> float:
    """People a second, from sending the list to the last byte of the answer."""
    dice = random.Random()
    count = min(BULK, people)
    subjects = [f"email:{address(dice.randrange(people))}" for _ in range(count)]
    told = {"subjects": subjects, "purpose": "marketing", "channel": "email"}
    request = urllib.request.Request(
        f"http://127.0.0.1:{firm.port}/v1/may",
        json.dumps(told).encode(),
        {"Authorization": f"Bearer {secret}", "Content-Type": "application/json"},
    )
    began = time.perf_counter()
    with urllib.request.urlopen(request) as answer:
        raw = answer.read()
    took = time.perf_counter() - began
    assert json.loads(raw)["counts"]["asked"] == count
    return count / took
