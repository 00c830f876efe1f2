"""`sweep-neighbours`: what a product's own queries feel of a sweep at its default limits.

One client, a process of its own, reads and updates single rows by key, now and then, as an
application does. Its 95th percentile while the sweep runs is compared with that before.
"""

from __future__ import annotations

import json
import random
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from functools import partial
from typing import Any

import sqlalchemy as sa

from bench import harness, sweeping
from bench.tables import ENGINES, bed

ROWS = 3_000_000
SECONDS = 15
EVERY_S = 0.004
TARGET = 1.5


def run() -> dict[str, Any]:
    """95th percentiles in milliseconds, and their ratio, by engine."""
    rows, lasting = harness.size("rows", ROWS), harness.size("seconds", SECONDS)
    figures = []
    for engine in harness.chosen(ENGINES[:2]):
        with bed(engine) as table:
            table.make(rows, "n % 3 = 0")
            table.fresh()
            alone = _during(table.address, rows, partial(time.sleep, lasting))
            sweep = partial(sweeping.delete, table.address, sweeping.limited(), stop_after=lasting)
            beside = _during(table.address, rows, sweep)
        one, other = _p95(beside) * 1000, _p95(alone) * 1000
        figures.append(harness.Figure(f"{engine} p95", one / other, TARGET, one, other, "ms"))
    return harness.result("sweep-neighbours", figures, rows=rows, rows_per_second=20_000)


def _during(address: str, rows: int, work: Callable[[], object]) -> list[float]:
    """Seconds of each of the client's queries while `work` runs."""
    with subprocess.Popen(
        [sys.executable, "-m", "bench.sweep_neighbours", address, str(rows)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as client:
        assert client.stdout is not None
        client.stdout.readline()  # it is connected
        work()
        told, _ = client.communicate("stop\n")
    times: list[float] = json.loads(told)
    return times


def _p95(times: list[float]) -> float:
    return statistics.quantiles(times, n=20)[-1]


def _client(address: str, rows: int) -> None:
    """Look up a row, and every fifth time change one that stays, until a line comes in."""
    stop = threading.Event()
    threading.Thread(target=partial(_wait, stop), daemon=True).start()
    chance = random.Random(7)  # the same queries in every run
    read = sa.text("SELECT person, phone FROM calls WHERE id = :id")
    write = sa.text("UPDATE calls SET phone = '+44 28 00000000' WHERE id = :id")
    times: list[float] = []
    engine = sa.create_engine(address, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        print("ready", flush=True)
        while not stop.wait(EVERY_S):
            number = chance.randrange(1, rows // 3) * 3 - 1  # never an old row
            began = time.perf_counter()
            connection.execute(write if len(times) % 5 == 0 else read, {"id": number})
            times.append(time.perf_counter() - began)
    print(json.dumps(times))


def _wait(stop: threading.Event) -> None:
    sys.stdin.readline()
    stop.set()


if __name__ == "__main__":
    _client(sys.argv[1], int(sys.argv[2]))
