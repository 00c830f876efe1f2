"""`console`: fifty people at the console of a firm with a ledger of a million entries and 5,000
requests, on this machine; how soon it starts, how much memory it holds, how heavy its pages are.

Each person opens a page a second: the board seven times of ten, else another page. The same people
then ask for the server's own sign of life, as a baseline. Targets: board p95 at most 150 ms, first
page at most 3 s after the start, at most 150 MB while nothing happens in a young firm (what a large
ledger adds is told beside it), a page at most 60 KB.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from bench import harness
from bench.console_bed import Firm, build

ENTRIES, REQUESTS = 1_000_000, 5_000
USERS, SECONDS = 50, 20


def run() -> dict[str, Any]:
    entries = harness.size("entries", ENTRIES)
    requests = harness.size("requests", REQUESTS)
    with tempfile.TemporaryDirectory(prefix="servanda-bench-") as folder:
        build(Path(folder), entries, requests, USERS)
        with Firm(Path(folder)) as firm:
            large = firm.memory_after_rest()
            weights = {path: firm.weight(path) for path in firm.pages}
            loaded = _load(firm, {"/console/board/": 7, **dict.fromkeys(firm.others, 1)})
            bare = _load(firm, {"/healthz": 1})
            busy = firm.memory()
    idle = _young()
    board, sign = loaded["/console/board/"], bare["/healthz"]
    heaviest = max(weights, key=lambda path: weights[path])
    figures = [
        harness.Figure("board p95", board["p95"], 150, board["p95"], sign["p95"], "ms"),
        harness.Figure("start to first page", firm.started_s, 3, firm.started_s),
        harness.Figure("idle memory", idle, 150, idle, None, "MB"),
        harness.Figure("heaviest page", weights[heaviest], 60, weights[heaviest], None, "KB"),
    ]
    return harness.result(
        "console",
        figures,
        entries=entries,
        requests=requests,
        users=USERS,
        pages=loaded,
        heaviest=heaviest,
        idle_with_that_ledger=f"{large:.0f} MB",
        memory_after_load=f"{busy:.0f} MB",
    )


def _young() -> float:
    """MB at rest of a firm in its first week; in a process of its own, which serves another one."""
    program = """
import tempfile
from pathlib import Path
from bench.console_bed import Firm, build
with tempfile.TemporaryDirectory() as folder:
    build(Path(folder), 2_000, 10, 2)
    with Firm(Path(folder)) as firm:
        print(firm.memory_after_rest())
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()[-2000:]
    return float(done.stdout)


def _load(firm: Firm, mix: dict[str, int]) -> dict[str, dict[str, float]]:
    """In a process of its own, so that the people do not share the server's interpreter."""
    told = {
        "port": firm.port,
        "cookies": firm.cookies,
        "mix": mix,
        "seconds": harness.size("seconds", SECONDS),
    }
    done = subprocess.run(
        [sys.executable, "-m", "bench.console_load"],
        input=json.dumps(told).encode(),
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode()[-2000:]
    found: dict[str, dict[str, float]] = json.loads(done.stdout)
    return found
