"""A store whose work is done by a shelf for each collection: the port's methods, handed on.

For stores without transactions that copy nothing and know no partitions.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Protocol

from servanda.kernel.errors import StoreRefused
from servanda.kernel.predicate import Predicate
from servanda.stores.mapping import Collection
from servanda.stores.port import Bounds, Keys, Row, Tally, Window, Work


class Shelf(Protocol):
    """What one collection of such a store can do."""

    def tallies(self, wheres: Sequence[Predicate], clock: str | None) -> Sequence[Tally]: ...
    def rows(self, where: Predicate, fields: Sequence[str], limit: int | None) -> Iterator[Row]: ...
    def split(self, work: Work, rows_per_window: int) -> Sequence[Bounds]: ...
    def open(self, work: Work, bounds: Bounds, target: Predicate) -> Window: ...
    def present(self, keys: Keys) -> Keys: ...


class ShelvedStore(ABC):
    """Most of the port `servanda.stores.port.Store`."""

    transactional = False

    def __init__(self, name: str, *, read_only: bool) -> None:
        self.name = name
        self.read_only = read_only

    @abstractmethod
    def shelf(self, collection: Collection) -> Shelf:
        """Raises Drift for a collection that this kind of store cannot have."""

    def tally(self, collection: Collection, where: Predicate, clock: str | None = None) -> Tally:
        return self.tallies(collection, [where], clock)[0]

    def tallies(
        self, collection: Collection, wheres: Sequence[Predicate], clock: str | None = None
    ) -> Sequence[Tally]:
        return self.shelf(collection).tallies(wheres, clock)

    def rows(
        self,
        collection: Collection,
        where: Predicate,
        fields: Sequence[str],
        limit: int | None = None,
    ) -> Iterator[Row]:
        return self.shelf(collection).rows(where, fields, limit)

    def expired_partitions(self, collection: Collection, clock: str, by: datetime) -> Sequence[str]:
        """None: nothing is dropped whole, because every record of it is evidence."""
        return ()

    def split(self, work: Work, rows_per_window: int) -> Sequence[Bounds]:
        return self.shelf(work.collection).split(work, rows_per_window)

    def open(self, work: Work, bounds: Bounds, target: Predicate) -> Window:
        if self.read_only:
            raise StoreRefused(
                f'store "{self.name}" was opened read-only', "this is an error in Servanda"
            )
        return self.shelf(work.collection).open(work, bounds, target)

    def present(self, work: Work, keys: Keys) -> Keys:
        return self.shelf(work.collection).present(keys)

    def put(
        self, collection: Collection | None, batch: str, header: Sequence[str], rows: Iterator[Row]
    ) -> str:
        raise StoreRefused(
            f'store "{self.name}" keeps no copies of records',
            "name a folder under `archive_to` or `return_to`",
        )
