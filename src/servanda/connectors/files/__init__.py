"""Folders as stores: `file:///var/spool/asterisk/monitor`. Files or lines of files are records."""

from __future__ import annotations

from collections.abc import Sequence

from servanda.connectors.files.store import FileStore
from servanda.stores.mapping import Collection
from servanda.stores.port import Store


class FileConnector:
    """Opens folders. `limit` is the engine's to keep: a folder has no connections."""

    schemes: tuple[str, ...] = ("file",)

    def open(
        self,
        name: str,
        connect: str,
        *,
        zone: str,
        read_only: bool,
        limit: object,
        collections: Sequence[Collection] = (),
    ) -> Store:
        return FileStore(name, connect, zone=zone, read_only=read_only)


connector = FileConnector()

__all__ = ["FileConnector", "FileStore", "connector"]
