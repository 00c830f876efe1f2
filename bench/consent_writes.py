"""`consent-writes`: choices of a banner kept with their evidence, beside an endpoint of the same
server that does one bare insert, on SQLite and on PostgreSQL. Both answer after the commit.

Target: at most 1/0.6 times as long (60 % of its requests a second).
"""

from __future__ import annotations

import json
import secrets
import tempfile
from pathlib import Path
from typing import Any

from bench import harness
from bench.may_bed import SITE, Firm, build, databases

PEOPLE, SECONDS, ROUNDS = 20_000, 4, 3


def run() -> dict[str, Any]:
    people = harness.size("people", PEOPLE)
    figures: list[harness.Figure] = []
    facts: dict[str, Any] = {"people": people}
    for engine, database in databases():
        with tempfile.TemporaryDirectory(prefix="servanda-bench-") as folder:
            build(Path(folder), people, database)
            _close()
            with Firm(Path(folder)) as firm:
                figure, told = _measured(firm, engine)
                figures.append(figure)
                facts[engine] = told
    return harness.result("consent-writes", figures, **facts)


def _close() -> None:
    from servanda.runtime import hub

    hub.workspace().close()


def _measured(firm: Firm, engine: str) -> tuple[harness.Figure, dict[str, Any]]:
    rates: dict[str, list[float]] = {"choice": [], "bare": []}
    for path in rates:
        firm.load(_requests(firm, path), 1.0)
    for _ in range(ROUNDS):
        for path, found in rates.items():
            told = firm.load(_requests(firm, path), SECONDS)
            assert set(told["statuses"]) == {"201"}, told
            found.append(told["rate"])
    rate, baseline = max(rates["choice"]), max(rates["bare"])
    name = f"{engine} choice"
    figure = harness.Figure(name, baseline / rate, 1 / 0.6, 1e6 / rate, 1e6 / baseline, "us")
    return figure, {"a second": rates}


def _requests(firm: Firm, path: str) -> list[str]:
    """Each by a browser of its own."""
    return [firm.post(f"/consent/{path}", _choice(), f"Origin: {SITE}\r\n") for _ in range(30_000)]


def _choice() -> str:
    return json.dumps(
        {
            "id": secrets.token_hex(16),
            "choices": {"functional": True, "analytics": False, "advertising": False},
            "how": "chosen",
            "edition": 3,
            "notice": "ab" * 32,
            "language": "en",
            "place": "GB",
            "gpc": False,
        }
    )
