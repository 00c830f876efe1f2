"""`board`: one more entry and the board again, beside judging the whole ledger each time.

A ledger of a million entries with 5,000 requests. The baseline is `judge`, which reads everything;
what is measured is a board that follows. Also the first reading, and what it adds to the memory of
the process; the time of an answer while nothing is new; and the slowest of twenty of each.
"""

from __future__ import annotations

import tempfile
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

from bench import board_bed, harness

ENTRIES, REQUESTS = 1_000_000, 5_000
ROUNDS, FULL_ROUNDS = 20, 3
MOST_OF_FULL, FIRST_S, REFRESH_S, ASKED_S, GROWTH_MIB = 0.02, 5.0, 0.1, 0.02, 20.0


def run() -> dict[str, Any]:
    """The refresh over the full reading, and the others against limits of their own."""
    from servanda import state

    entries, requests = harness.size("entries", ENTRIES), harness.size("requests", REQUESTS)
    with tempfile.TemporaryDirectory(prefix="servanda-bench-") as folder:
        state.setup(f"sqlite:///{folder}/state.sqlite3")
        try:
            state.migrate()
            return _measure(entries, requests)
        finally:
            state.close()


def _measure(entries: int, requests: int) -> dict[str, Any]:
    from servanda import ledger
    from servanda.runtime.boards import Boards
    from servanda.runtime.judge import judge

    now = board_bed.fill(entries, requests)
    followed, before = Boards(), _resident()
    first = harness.seconds(partial(followed.latest, now))
    growth = _resident() - before
    refreshes, asked = [], []
    for number in range(harness.size("rounds", ROUNDS)):
        now += timedelta(seconds=30)
        ledger.append([board_bed.recount(number % board_bed.COLLECTIONS, number % 2)], now=now)
        refreshes.append(harness.seconds(partial(followed.latest, now)))
        asked.append(harness.seconds(partial(followed.latest, now)))
    full = [harness.seconds(partial(judge, now)) for _ in range(FULL_ROUNDS)]
    found = followed.latest(now)
    if found != judge(found.as_of):
        raise RuntimeError("the board that follows is not the board of a full reading")
    slowest = max(refreshes)
    return harness.result(
        "board",
        [
            harness.ratio("refresh of a full reading", refreshes, full, MOST_OF_FULL),
            harness.Figure("first reading", first, FIRST_S, first),
            harness.Figure("slowest refresh", slowest, REFRESH_S, slowest),
            harness.Figure("slowest answer, nothing new", max(asked), ASKED_S, max(asked)),
            harness.Figure("memory it adds", growth, GROWTH_MIB, growth, unit="MiB"),
        ],
        entries=ledger.proofs.size(),
        requests=requests,
        promises=len(found.rows),
        verdicts=found.sentence,
    )


def _resident() -> float:
    """MiB of this process that are in memory."""
    pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
    return pages * 4096 / 2**20
