"""`graph`: one person found over 12 stores of 25 collections, beside the same reads by hand.

Target: at most two seconds, opening the stores and reading their tables included. In every store
10 collections recognise people, 10 are owned by one of these, and 5 by one of those.
"""

from __future__ import annotations

import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path
from typing import Any

from bench import harness

STORES = 12
ROOTS, OWNED, DEEPER = 10, 10, 5
ROWS = 500
MINE = "p7@example.test"
TARGET_S = 2.0


def run() -> dict[str, Any]:
    with tempfile.TemporaryDirectory(prefix="servanda-bench-") as folder:
        paths = [Path(folder) / f"store{number}.sqlite" for number in range(STORES)]
        for path in paths:
            _fill(path)
        by_hand: list[int] = []
        searched: list[int] = []
        bare = harness.seconds(lambda: by_hand.append(_by_hand(paths)))
        ours = harness.seconds(lambda: searched.append(_search(paths)))
    assert by_hand == searched, (by_hand, searched)
    figure = harness.Figure("find", ours, TARGET_S, ours, bare)
    collections = STORES * (ROOTS + OWNED + DEEPER)
    return harness.result("graph", [figure], stores=STORES, collections=collections, rows=searched)


def _links() -> list[tuple[str, str]]:
    """(owned, owner) tables of one store."""
    owned = [(f"o{n}", f"r{n}") for n in range(OWNED)]
    return [*owned, *((f"d{n}", f"o{n}") for n in range(DEEPER))]


def _fill(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        for number in range(ROOTS):
            connection.execute(f"CREATE TABLE r{number} (id INTEGER PRIMARY KEY, email TEXT)")
            connection.execute(f"CREATE INDEX r{number}_email ON r{number} (email)")
            rows = [(n, f"p{n}@example.test") for n in range(ROWS)]
            connection.executemany(f"INSERT INTO r{number} VALUES (?, ?)", rows)
        for table, _ in _links():
            connection.execute(f"CREATE TABLE {table} (id INTEGER PRIMARY KEY, up INTEGER)")
            connection.execute(f"CREATE INDEX {table}_up ON {table} (up)")
            pairs = [(n, n) for n in range(ROWS)]
            connection.executemany(f"INSERT INTO {table} VALUES (?, ?)", pairs)


def _by_hand(paths: list[Path]) -> int:
    found = 0
    for path in paths:
        with closing(sqlite3.connect(path)) as connection:
            ids: dict[str, list[int]] = {}
            for number in range(ROOTS):
                query = f"SELECT id FROM r{number} WHERE email = ?"
                ids[f"r{number}"] = [row[0] for row in connection.execute(query, (MINE,))]
            for table, owner in _links():
                query = f"SELECT id FROM {table} WHERE up = ?"
                ids[table] = [r[0] for up in ids[owner] for r in connection.execute(query, (up,))]
            found += sum(map(len, ids.values()))
    return found


def _search(paths: list[Path]) -> int:
    from servanda.plan.find import Subject, find
    from servanda.runtime.registry import open_store
    from servanda.stores.mapping import StoreConfig

    configs = [
        StoreConfig(path.stem, f"sqlite:///{path}", collections=_collections(path.stem))
        for path in paths
    ]
    stores = {config.name: open_store(config) for config in configs}
    try:
        mapped = [each for config in configs for each in config.collections]
        (tree,) = find([Subject("R-1", (("email", MINE),))], mapped, stores)
        assert tree.complete
        return tree.records
    finally:
        for store in stores.values():
            store.close()


def _collections(store: str) -> Any:
    from servanda.stores.link import Link
    from servanda.stores.mapping import Collection, Column, Field

    def made(name: str, field: str, **changes: Any) -> Collection:
        fields = (Field("id", Column("id")), Field(field, Column(field), ("contact.email",)))
        return Collection(store, name, name, "clients", ("id",), (), fields, **changes)

    roots = [made(f"r{n}", "email", identify=(("email", ("email",)),)) for n in range(ROOTS)]
    below = [
        made(table, "up", links=(Link(f"{store}.{owner}", (("up", "id"),), "owned_by"),))
        for table, owner in _links()
    ]
    return (*roots, *below)
