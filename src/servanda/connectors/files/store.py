"""A folder as a store. Not transactional: a window has only chosen until it is committed.

The store holds the root's descriptor and nothing else; every call opens what it needs below it,
so threads share it freely.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import datetime
from typing import Protocol
from urllib.parse import unquote, urlsplit
from zoneinfo import ZoneInfo

from servanda.connectors.files import archive, keeping
from servanda.connectors.files.contents import contents
from servanda.connectors.files.faults import translated, why
from servanda.connectors.files.lineshelf import LineShelf
from servanda.connectors.files.shape import shape_of
from servanda.connectors.files.shelf import FileShelf
from servanda.connectors.files.walk import made, opened
from servanda.kernel.errors import Drift, StoreRefused, StoreUnreachable, UsageError
from servanda.kernel.predicate import Predicate
from servanda.stores.mapping import Collection
from servanda.stores.port import (
    Bounds,
    Content,
    Held,
    Keys,
    Residue,
    Row,
    StoreShape,
    Tally,
    Window,
    Work,
)


class Shelf(Protocol):
    """What a kind of collection in a folder can do."""

    def tallies(self, wheres: Sequence[Predicate], clock: str | None) -> Sequence[Tally]: ...
    def rows(self, where: Predicate, fields: Sequence[str], limit: int | None) -> Iterator[Row]: ...
    def split(self, work: Work, rows_per_window: int) -> Sequence[Bounds]: ...
    def open(self, work: Work, bounds: Bounds, target: Predicate) -> Window: ...
    def present(self, work: Work, keys: Keys) -> Keys: ...
    def tidy(self) -> None: ...


class FileStore:
    """One open folder. Implements the port `servanda.stores.port.Store`."""

    transactional = False

    def __init__(
        self, name: str, connect: str, *, zone: str = "UTC", read_only: bool = False
    ) -> None:
        self.name = name
        self.read_only = read_only
        self._zone = ZoneInfo(zone)
        self._shelves: dict[int, tuple[Collection, Shelf]] = {}
        self._lock = threading.Lock()
        path = root_path(connect)
        try:
            self._root = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        except OSError as error:
            raise StoreUnreachable(name, why(error.errno)) from error

    def shape(self) -> StoreShape:
        with translated(self.name):
            return shape_of(self._root)

    def tally(self, collection: Collection, where: Predicate, clock: str | None = None) -> Tally:
        return self.tallies(collection, [where], clock)[0]

    def tallies(
        self, collection: Collection, wheres: Sequence[Predicate], clock: str | None = None
    ) -> Sequence[Tally]:
        with translated(self.name):
            return self._shelf(collection).tallies(wheres, clock)

    def rows(
        self,
        collection: Collection,
        where: Predicate,
        fields: Sequence[str],
        limit: int | None = None,
    ) -> Iterator[Row]:
        with translated(self.name):
            yield from self._shelf(collection).rows(where, fields, limit)

    def contents(
        self, collection: Collection, where: Predicate, fields: Sequence[str]
    ) -> Iterator[Held]:
        """None where the records are lines: the file holds others' too."""
        with translated(self.name):
            shelf = self._shelf(collection)
            if isinstance(shelf, FileShelf):
                yield from contents(shelf, where, fields)

    def expired_partitions(self, collection: Collection, clock: str, by: datetime) -> Sequence[str]:
        """None: a dated folder is not dropped whole, because every file in it is evidence."""
        return ()

    def split(self, work: Work, rows_per_window: int) -> Sequence[Bounds]:
        with translated(self.name):
            return self._shelf(work.collection).split(work, rows_per_window)

    def open(self, work: Work, bounds: Bounds, target: Predicate) -> Window:
        self._may_write()
        with translated(self.name):
            return self._shelf(work.collection).open(work, bounds, target)

    def present(self, work: Work, keys: Keys) -> Keys:
        with translated(self.name):
            return self._shelf(work.collection).present(work, keys)

    def put(
        self, collection: Collection | None, batch: str, header: Sequence[str], rows: Iterator[Row]
    ) -> str:
        """Keep the rows as `<batch>.jsonl.gz`, in a folder of the collection's name if given."""
        with self._keeping(collection) as folder:
            return archive.put(folder, batch, header, rows)

    def keep(self, collection: Collection | None, batch: str, files: Iterator[Content]) -> str:
        """Keep the files in a folder `<batch>`, below the same paths as they had."""
        with self._keeping(collection) as folder:
            return keeping.keep(folder, batch, files)

    @contextmanager
    def _keeping(self, collection: Collection | None) -> Iterator[int]:
        """The folder that copies go into: one of the collection's name, if given."""
        self._may_write()
        with translated(self.name), ExitStack() as stack:
            name = "."
            if collection is not None:
                name = collection.name
                made(name, self._root)
            yield stack.enter_context(opened(name, self._root))

    def aftercare(self, collections: Sequence[Collection]) -> Sequence[Residue]:
        if not self.read_only:
            with translated(self.name):
                for collection in collections:
                    self._shelf(collection).tidy()
        return (
            Residue("free space of the file system", "its blocks are written again"),
            Residue("snapshots and backups of the folder", "their own retention ends"),
        )

    def close(self) -> None:
        root, self._root = self._root, -1
        if root >= 0:
            os.close(root)

    def _may_write(self) -> None:
        if self.read_only:
            raise StoreRefused(
                f'store "{self.name}" was opened read-only', "this is an error in Servanda"
            )

    def _shelf(self, collection: Collection) -> Shelf:
        with self._lock:
            kept = self._shelves.get(id(collection))
            if kept is None:
                kept = (collection, self._new_shelf(collection))
                self._shelves[id(collection)] = kept
            return kept[1]

    def _new_shelf(self, collection: Collection) -> Shelf:
        if collection.files is None:
            raise Drift(
                f"{collection.id} does not say which files belong to it",
                "give it `files:` with a template",
            )
        kind = LineShelf if collection.files.lines else FileShelf
        return kind(self._root, collection, collection.files, self._zone)


def root_path(connect: str) -> str:
    """The folder of a `file:///…` address."""
    parts = urlsplit(connect)
    path = unquote(parts.path, errors="surrogateescape")
    if parts.scheme != "file" or parts.netloc not in ("", "localhost") or not path.startswith("/"):
        raise UsageError(
            "that is not the address of a folder", "write it as file:///var/spool/folder"
        )
    return path
