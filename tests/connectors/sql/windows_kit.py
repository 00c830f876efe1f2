"""A database of each engine, and the few steps that every test of windows takes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from servanda.connectors.sql import keys, presence, windows
from servanda.connectors.sql.engine import Database
from servanda.connectors.sql.reflect import Mapped, mapped
from servanda.kernel.predicate import ClockBy, Predicate
from servanda.stores.mapping import Clock, Collection, Column, Field, Limit, SetText
from servanda.stores.port import Action, Bounds, DeleteRows, Keys, RedactRows, Work

CUTOFF = datetime(2025, 1, 1, tzinfo=UTC)
OLD, NEW = "2024-06-01 12:00:00", "2025-06-01 12:00:00"
DUE = ClockBy("made", CUTOFF)
BLANK = RedactRows((("person", SetText("gone")),))

CALLS = Collection(
    store="pbx",
    name="calls",
    source="calls",
    activity=None,
    key=("id",),
    clocks=(Clock("made", Column("made")),),
    fields=(Field("id", Column("id")), Field("person", Column("person"), ("name",))),
)


@dataclass(frozen=True, slots=True)
class Kit:
    """One fresh database."""

    address: str
    db: Database

    @property
    def dialect(self) -> str:
        return self.db.dialect

    def run(self, *statements: str) -> None:
        with self.db.engine.connect() as connection:
            for each in statements:
                connection.exec_driver_sql(each)
            connection.commit()
        self.db.tables.forget()

    def all(self, query: str) -> list[tuple[Any, ...]]:
        with self.db.engine.connect() as connection:
            return [tuple(row) for row in connection.exec_driver_sql(query)]

    def calls(
        self, rows: Sequence[tuple[Any, str, str]], *, key: str = "id BIGINT PRIMARY KEY"
    ) -> None:
        """The table of `CALLS` with rows of (id, made, person)."""
        if self.dialect == "sqlite":
            key = key.replace("BIGINT PRIMARY", "INTEGER PRIMARY")
        self.run(f"CREATE TABLE calls ({key}, made TIMESTAMP NULL, person VARCHAR(80))")
        insert = sa.text("INSERT INTO calls (id, made, person) VALUES (:id, :made, :person)")
        if not rows:
            return
        with self.db.engine.connect() as connection:
            connection.execute(
                insert, [dict(zip(("id", "made", "person"), row, strict=True)) for row in rows]
            )
            connection.commit()

    def mapped(self, collection: Collection = CALLS) -> Mapped:
        return mapped(self.db, collection)

    def split(self, work: Work, rows: int = 2) -> list[Bounds]:
        return windows.split(self.mapped(work.collection), work, rows)

    def each(
        self,
        work: Work,
        rows: int = 2,
        target: Predicate | None = None,
        then: Callable[[Any], None] | None = None,
    ) -> list[Keys]:
        """Every window done and committed; the keys of each that touched anything."""
        found = []
        for bounds in self.split(work, rows):
            meant = work.target if target is None else target
            with windows.open_(self.mapped(work.collection), work, bounds, meant) as window:
                if then is not None:
                    then(window)
                window.commit()
                if window.keys.count:
                    found.append(window.keys)
        return found

    def present(self, work: Work, wanted: Keys) -> Keys:
        return presence.present(self.mapped(work.collection), work, wanted)


def lent(address: str, **limits: Any) -> Iterator[Kit]:
    limit = replace(Limit(lock_timeout_s=1.0, connections=4), **limits)
    db = Database("pbx", address, zone="UTC", read_only=False, limit=limit)
    yield Kit(address, db)
    db.close()


def work(
    action: Action | None = None, target: Predicate = DUE, collection: Collection = CALLS
) -> Work:
    return Work(collection, action or DeleteRows(), target, "made")


def listed(found: Sequence[Keys]) -> list[Any]:
    """The values of all keys, one flat list, sorted."""
    values = [each for part in found for each in keys.unpack(part)]
    return sorted(each[0] if len(each) == 1 else each for each in values)
