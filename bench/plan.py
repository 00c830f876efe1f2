"""`plan`: 20 stores of 25 collections planned, beside 500 bare `SELECT count(*)` one by one.

Target: at most five seconds. Of every 25 collections 15 have one ceiling, 5 another one with a
consent, 3 two floors and unknown tenants, 2 are anonymised. Opening the stores and reading their
shapes is included.
"""

from __future__ import annotations

import sqlite3
import tempfile
import time
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

STORES = 20
COLLECTIONS = 25
ROWS = 200  # few, since planning is measured here and not the engine's reading
TARGET_S = 5.0
NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)
_TABLE = """CREATE TABLE {name} (id INTEGER PRIMARY KEY, closed TEXT, paid TEXT, name TEXT,
  email TEXT, note TEXT, box TEXT, customer TEXT)"""


def run() -> dict[str, Any]:
    """Seconds for both, and whether the target was reached."""
    with tempfile.TemporaryDirectory(prefix="servanda-bench-") as folder:
        paths = [Path(folder) / f"store{number}.sqlite" for number in range(STORES)]
        for path in paths:
            _fill(path)
        bare = _seconds_of_counts(paths)
        seconds, steps = _seconds_of_plan(paths)
    return {
        "stores": STORES,
        "collections": STORES * COLLECTIONS,
        "rows": STORES * COLLECTIONS * ROWS,
        "steps": steps,
        "plan_s": round(seconds, 3),
        "baseline_s": round(bare, 3),
        "ratio": round(seconds / bare, 1),
        "targets": {f"plan in {TARGET_S:.0f} s": seconds <= TARGET_S},
    }


def _fill(path: Path) -> None:
    start = NOW - timedelta(days=1_000)
    rows = [
        (
            (start + timedelta(hours=12 * number)).isoformat(" ")[:19],
            (start - timedelta(days=number)).isoformat(" ")[:19],
            f"Name {number}",
            f"n{number}@example.test",
            "a note",
            str(number % 2),
            None if number % 50 == 0 else "acme",
        )
        for number in range(ROWS)
    ]
    columns = "closed, paid, name, email, note, box, customer"
    with closing(sqlite3.connect(path)) as connection, connection:
        for number in range(COLLECTIONS):
            connection.execute(_TABLE.format(name=f"t{number}"))
            insert = f"INSERT INTO t{number} ({columns}) VALUES (?, ?, ?, ?, ?, ?, ?)"
            connection.executemany(insert, rows)


def _seconds_of_counts(paths: list[Path]) -> float:
    began = time.perf_counter()
    for path in paths:
        with closing(sqlite3.connect(path)) as connection:
            for number in range(COLLECTIONS):
                connection.execute(f"SELECT count(*) FROM t{number}").fetchone()
    return time.perf_counter() - began


def _seconds_of_plan(paths: list[Path]) -> tuple[float, int]:
    from servanda.plan.build import build
    from servanda.runtime.registry import open_store
    from servanda.stores.mapping import StoreConfig

    policy = _policy()
    configs = [
        StoreConfig(path.stem, f"sqlite:///{path}", collections=_collections(path.stem))
        for path in paths
    ]
    began = time.perf_counter()
    stores = {config.name: open_store(config) for config in configs}
    try:
        plan = build(policy, configs, stores, NOW, timedelta(days=1), mapping="0" * 64)
        return time.perf_counter() - began, len(plan.steps)
    finally:
        for store in stores.values():
            store.close()


def _policy() -> Any:
    from servanda.kernel.errors import Place
    from servanda.kernel.period import Period
    from servanda.policy.rules import Activity, Ceiling, Floor, Policy, Promise, Retention

    here = Place("policy.yaml", 1, 1)
    year = Ceiling(Period.parse("12 months"), "closed", "delete")
    sooner = Ceiling(Period.parse("6 months"), "closed", "delete", "marketing")
    floors = (
        Floor(Period.parse("5 years"), "paid", "audit", ("name",)),
        Floor(Period.parse("3 years"), "paid", "disputes", ("comms",)),
    )
    kept = {
        "plain": Retention((year,)),
        "consent": Retention((year, sooner)),
        "floors": Retention((year,), floors),
        "anonymised": Retention((replace(year, outcome="anonymise"),)),
    }
    activities = tuple(
        Activity(
            id_, "controller", ("support",), "contract", ("client",), ("name",), (), each, here
        )
        for id_, each in kept.items()
    )
    control = tuple(f"activities.{id_}.retain" for id_ in kept)
    promise = Promise("P-1", "It goes.", "storage", control, False, "enforced", here)
    return Policy(
        "Example", "GB", "Europe/London", "privacy@example.test", ("GB",), activities, (),
        (promise,), "0" * 64, b"",
    )  # fmt: skip


def _activity(number: int) -> str:
    if number < 15:
        return "plain"
    return "consent" if number < 20 else "floors" if number < 23 else "anonymised"


def _collections(store: str) -> Any:
    from servanda.stores.mapping import Clock, Collection, Column, Consent, Field

    personal = {"name": ("name",), "email": ("contact.email",), "note": ("comms",)}
    names = ("id", "name", "email", "note", "box", "customer")
    return tuple(
        Collection(
            store,
            f"t{number}",
            f"t{number}",
            _activity(number),
            ("id",),
            (Clock("closed", Column("closed")), Clock("paid", Column("paid"))),
            tuple(Field(name, Column(name), personal.get(name, ())) for name in names),
            consents=(Consent("marketing", "box", ("1",)),),
            tenant="customer" if _activity(number) == "floors" else None,
        )
        for number in range(COLLECTIONS)
    )
