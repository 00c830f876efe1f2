"""A program as a store. Not transactional: a window has only chosen until it is committed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from urllib.parse import unquote, urlsplit
from zoneinfo import ZoneInfo

from servanda.connectors.command.program import Program
from servanda.connectors.command.shelf import CommandShelf
from servanda.kernel.errors import Drift, StoreRefused, UsageError
from servanda.kernel.predicate import Predicate
from servanda.stores.mapping import Collection, Limit
from servanda.stores.port import Bounds, Keys, Residue, Row, StoreShape, Tally, Window, Work


class CommandStore:
    """What one program holds. Implements the port `servanda.stores.port.Store`. Keeps nothing
    open, so threads share it freely."""

    transactional = False

    def __init__(
        self,
        name: str,
        connect: str,
        *,
        zone: str,
        read_only: bool,
        limit: Limit,
        collections: Sequence[Collection] = (),
    ) -> None:
        self.name = name
        self.read_only = read_only
        self._zone = ZoneInfo(zone)
        self._program = Program(name, program_path(connect), limit.statement_timeout_s)
        self._collections = tuple(collections)

    def shape(self) -> StoreShape:
        """The collections that are mapped: what else a program holds it does not say."""
        tables = tuple(self._shelf(each).shape() for each in self._collections)
        product = self._program.path.rpartition("/")[2]
        return StoreShape(f"program {product}", tables)

    def tally(self, collection: Collection, where: Predicate, clock: str | None = None) -> Tally:
        return self.tallies(collection, [where], clock)[0]

    def tallies(
        self, collection: Collection, wheres: Sequence[Predicate], clock: str | None = None
    ) -> Sequence[Tally]:
        return self._shelf(collection).tallies(wheres, clock)

    def rows(
        self,
        collection: Collection,
        where: Predicate,
        fields: Sequence[str],
        limit: int | None = None,
    ) -> Iterator[Row]:
        return self._shelf(collection).rows(where, fields, limit)

    def expired_partitions(self, collection: Collection, clock: str, by: datetime) -> Sequence[str]:
        return ()

    def split(self, work: Work, rows_per_window: int) -> Sequence[Bounds]:
        return self._shelf(work.collection).split(work, rows_per_window)

    def open(self, work: Work, bounds: Bounds, target: Predicate) -> Window:
        if self.read_only:
            raise StoreRefused(
                f'store "{self.name}" was opened read-only', "this is an error in Servanda"
            )
        return self._shelf(work.collection).open(work, bounds, target)

    def present(self, work: Work, keys: Keys) -> Keys:
        return self._shelf(work.collection).present(keys)

    def put(
        self, collection: Collection | None, batch: str, header: Sequence[str], rows: Iterator[Row]
    ) -> str:
        raise StoreRefused(
            f'store "{self.name}": a program keeps no copies of records',
            "name a folder under `archive_to` or `return_to`",
        )

    def aftercare(self, collections: Sequence[Collection]) -> Sequence[Residue]:
        return (Residue("what the program keeps behind its list", "its maker says until when"),)

    def close(self) -> None:
        """Nothing is open."""

    def _shelf(self, collection: Collection) -> CommandShelf:
        if collection.command is None:
            raise Drift(
                f"{collection.id} does not say how its program is called",
                "give it `command: {list: […]}`",
            )
        return CommandShelf(self._program, collection, collection.command, self._zone)


def program_path(connect: str) -> str:
    """The program of a `command:///…` address."""
    parts = urlsplit(connect)
    path = unquote(parts.path)
    plain = not (parts.netloc or parts.query or parts.fragment)
    if parts.scheme != "command" or not plain or not is_plain_path(path):
        raise UsageError(
            "that is not the address of a program", "write it as command:///usr/local/bin/program"
        )
    return path


def is_plain_path(path: str) -> bool:
    """Absolute, and saying one place only: without `.`, `..`, or empty parts."""
    parts = path.split("/")
    return (
        len(parts) > 1
        and not parts[0]
        and all(each not in ("", ".", "..") for each in parts[1:])
        and "\0" not in path
    )
