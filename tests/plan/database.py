"""Real SQLite stores for the tests of plans."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from servanda.connectors.sql.store import SqlStore
from servanda.plan.steps import Delete, Plan, Redact
from servanda.stores.mapping import Collection, Limit, StoreConfig
from servanda.stores.port import DeleteRows, RedactRows, Work

CALLS = "CREATE TABLE cdr (id INTEGER PRIMARY KEY, recorded TEXT, src TEXT, linked TEXT, file TEXT)"


def make(path: Path, *statements: str) -> Path:
    with closing(sqlite3.connect(path)) as connection, connection:
        for statement in statements:
            connection.execute(statement)
    return path


def insert(path: Path, table: str, rows: Iterable[Sequence[Any]]) -> None:
    listed = list(rows)
    marks = ", ".join("?" * len(listed[0]))
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.executemany(f"INSERT INTO {table} VALUES ({marks})", listed)


def read(path: Path, query: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(query).fetchall()


def config(path: Path, *collections: Collection, **changes: Any) -> StoreConfig:
    name = collections[0].store if collections else "crm"
    return StoreConfig(name, f"sqlite:///{path}", collections=collections, **changes)


def open_store(config: StoreConfig) -> SqlStore:
    return SqlStore(config.name, config.connect, zone=config.zone, read_only=False, limit=Limit())


def carry_out(plan: Plan, store: SqlStore, config: StoreConfig) -> int:
    """Do the plan's steps window by window, through the port; how many records were touched."""
    touched = 0
    by_id = {c.id: c for c in config.collections}
    for step in plan.steps:
        if isinstance(step, Delete | Redact):
            action = RedactRows(step.changes) if isinstance(step, Redact) else DeleteRows()
            work = Work(by_id[step.collection], action, step.where, step.clock, b"k" * 32)
            for bounds in store.split(work, 2):
                with store.open(work, bounds, step.where) as window:
                    touched += window.keys.count
                    window.commit()
    return touched
