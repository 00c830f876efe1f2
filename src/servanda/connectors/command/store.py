"""A program as a store. Not transactional: a window has only chosen until it is committed."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import unquote, urlsplit
from zoneinfo import ZoneInfo

from servanda.connectors.command.program import Program
from servanda.connectors.command.shelf import CommandShelf
from servanda.kernel.errors import Drift, UsageError
from servanda.stores.mapping import Collection, Limit
from servanda.stores.port import Residue, StoreShape
from servanda.stores.shelved import ShelvedStore


class CommandStore(ShelvedStore):
    """What one program holds. Keeps nothing open, so threads share it freely."""

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
        super().__init__(name, read_only=read_only)
        self._zone = ZoneInfo(zone)
        self._program = Program(name, program_path(connect), limit.statement_timeout_s)
        self._collections = tuple(collections)

    def shape(self) -> StoreShape:
        """The collections that are mapped: what else a program holds it does not say."""
        tables = tuple(self.shelf(each).shape() for each in self._collections)
        product = self._program.path.rpartition("/")[2]
        return StoreShape(f"program {product}", tables)

    def aftercare(self, collections: Sequence[Collection]) -> Sequence[Residue]:
        return (Residue("what the program keeps behind its list", "its maker says until when"),)

    def close(self) -> None:
        """Nothing is open."""

    def shelf(self, collection: Collection) -> CommandShelf:
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
