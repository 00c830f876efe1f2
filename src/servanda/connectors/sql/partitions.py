"""Whole partitions dropped at once, where every record in them has expired.

The harm this could do is the largest of all: one statement removes millions of rows that nobody
lists. What guards it: a partition is a candidate only where the catalogue proves that its upper
bound lies at or before the cutoff; it is dropped only after every one of its rows was found to be
meant (holds, consent, tenants and other rules included), while nobody can write to it; otherwise
the window is empty, and the records are judged one by one. Tables whose rows have others hanging
on them (children, counters, pointers, foreign keys, triggers on deletion) are never worked this
way, nor are default partitions and partitions that are themselves partitioned.
Tests: tests/connectors/sql/test_partitions.py.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from servanda.connectors.sql import children, partitions_mariadb, partitions_postgresql
from servanda.connectors.sql.reflect import Mapped
from servanda.kernel.predicate import Predicate
from servanda.stores.mapping import Column
from servanda.stores.port import Bounds, DropPartition, Keys, Window, Work


class _Engine(Protocol):
    def expired(self, mapped: Mapped, clock: str, column: str, by: datetime) -> list[str]: ...

    def exists(self, mapped: Mapped, name: str) -> bool: ...

    def open_(self, mapped: Mapped, work: Work, name: str, target: Predicate) -> Window: ...


_ENGINES: dict[str, _Engine] = {
    "postgresql": partitions_postgresql,
    "mariadb": partitions_mariadb,
}


def expired(mapped: Mapped, clock: str, by: datetime) -> Sequence[str]:
    """Partitions in which no record's clock can be later than `by`, oldest first."""
    engine = _ENGINES.get(mapped.db.dialect)
    found = mapped.collection.clock_named(clock)
    if engine is None or found is None or not isinstance(found.source, Column):
        return ()
    if children.any_before(mapped):
        return ()
    return engine.expired(mapped, clock, found.source.name, by)


def split(_mapped: Mapped, action: DropPartition) -> list[Bounds]:
    return [{"at": "partition", "name": action.partition}]


def open_(mapped: Mapped, work: Work, action: DropPartition, target: Predicate) -> Window:
    """A window that drops the partition; empty where it is gone or holds a row not meant."""
    return _ENGINES[mapped.db.dialect].open_(mapped, work, action.partition, target)


def present(mapped: Mapped, action: DropPartition, keys: Keys) -> Keys:
    """The keys as they are while the partition is there, none once it is gone."""
    there = _ENGINES[mapped.db.dialect].exists(mapped, action.partition)
    return keys if there else Keys(keys.encoding, b"", 0)
