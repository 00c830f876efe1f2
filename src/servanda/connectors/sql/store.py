"""An SQL database as a store: the port's methods, each handed on to the module that does it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import assert_never

from servanda.connectors.sql import (
    aftercare,
    bundle,
    compile,
    correct,
    erase,
    foreign,
    partitions,
    presence,
    read,
    shape,
    sink,
    suspects,
    windows,
)
from servanda.connectors.sql.engine import Database
from servanda.connectors.sql.reflect import Mapped, mapped
from servanda.kernel.predicate import Predicate
from servanda.stores.mapping import Collection, Limit
from servanda.stores.port import (
    Bounds,
    Bundle,
    CorrectRows,
    DeleteRows,
    DropPartition,
    Keys,
    RedactRows,
    Residue,
    Row,
    StoreShape,
    Tally,
    Window,
    Work,
)


class SqlStore:
    """One open database (PostgreSQL, MariaDB or MySQL, SQLite). Thread-safe."""

    transactional = True

    def __init__(
        self, name: str, connect: str, *, zone: str, read_only: bool, limit: Limit
    ) -> None:
        self.name = name
        self.db = Database(name, connect, zone=zone, read_only=read_only, limit=limit)
        self._checked: set[str] = set()
        self._ties: dict[Collection, list[foreign.Undeclared]] = {}
        self._lock = threading.Lock()

    def shape(self) -> StoreShape:
        return shape.shape(self.db)

    def tally(self, collection: Collection, where: Predicate, clock: str | None = None) -> Tally:
        return self.tallies(collection, [where], clock)[0]

    def tallies(
        self, collection: Collection, wheres: Sequence[Predicate], clock: str | None = None
    ) -> Sequence[Tally]:
        return read.tallies(mapped(self.db, collection), wheres, clock)

    def rows(
        self,
        collection: Collection,
        where: Predicate,
        fields: Sequence[str],
        limit: int | None = None,
    ) -> Iterator[Row]:
        return read.rows(mapped(self.db, collection), where, fields, limit)

    def suspects(
        self, collection: Collection, fields: Sequence[str], pattern: str
    ) -> Iterator[Row]:
        return suspects.rows(mapped(self.db, collection), fields, pattern)

    def expired_partitions(self, collection: Collection, clock: str, by: datetime) -> Sequence[str]:
        return partitions.expired(mapped(self.db, collection), clock, by)

    def split(self, work: Work, rows_per_window: int) -> Sequence[Bounds]:
        here = mapped(self.db, work.collection)
        self._check(here, work)
        return windows.split(here, work, rows_per_window)

    def open(self, work: Work, bounds: Bounds, target: Predicate) -> Window:
        self.db.refuse_read_only()
        here = mapped(self.db, work.collection)
        self._check(here, work)
        return windows.open_(here, work, bounds, target)

    def together(self, works: Sequence[Work], begins: Callable[[], None] = lambda: None) -> Bundle:
        self.db.refuse_read_only()
        parts = [(mapped(self.db, work.collection), work) for work in works]
        return bundle.open_(self.db, parts, self._undeclared, begins)

    def present(self, work: Work, keys: Keys) -> Keys:
        here = mapped(self.db, work.collection)
        if isinstance(work.action, DropPartition):
            return partitions.present(here, work.action, keys)
        return presence.present(here, work, keys)

    def put(
        self, collection: Collection | None, batch: str, header: Sequence[str], rows: Iterator[Row]
    ) -> str:
        self.db.refuse_read_only()
        return sink.put(self.db, collection, batch, header, rows)

    def aftercare(self, collections: Sequence[Collection]) -> Sequence[Residue]:
        self.db.refuse_read_only()
        return aftercare.aftercare(self.db, collections)

    def close(self) -> None:
        self.db.close()

    def _check(self, here: Mapped, work: Work) -> None:
        """Whatever would go wrong for the whole step is found before its first window, once."""
        sign = repr((work.collection, work.action, work.target))
        with self._lock:
            if sign in self._checked:
                return
        match work.action:
            case RedactRows(changes):
                erase.check(here, changes)
            case CorrectRows(corrections):
                correct.check(here, corrections, work.target)
            case DeleteRows() | DropPartition():
                foreign.refuse_undeclared(here, compile.target(here, work.target))
            case _:
                assert_never(work.action)
        with self._lock:
            self._checked.add(sign)

    def _undeclared(self, here: Mapped) -> Sequence[foreign.Undeclared]:
        """Read once for each collection: it takes longer than deleting what is a person's."""
        with self._lock:
            known = self._ties.get(here.collection)
        if known is None:
            known = foreign.undeclared(here)
            with self._lock:
                self._ties[here.collection] = known
        return known


class SqlConnector:
    """Opens SQL databases by their address."""

    schemes = ("postgresql", "postgres", "mysql", "mariadb", "sqlite")

    def open(
        self,
        name: str,
        connect: str,
        *,
        zone: str,
        read_only: bool,
        limit: object,
        collections: Sequence[Collection] = (),
    ) -> SqlStore:
        """StoreRefused for an address that cannot be read. Connects on first use."""
        allowed = limit if isinstance(limit, Limit) else Limit()
        return SqlStore(name, connect, zone=zone, read_only=read_only, limit=allowed)
