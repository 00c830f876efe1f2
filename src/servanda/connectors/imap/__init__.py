"""Mailboxes as stores: `imaps://support:${PASS}@mail.example`. Messages are records."""

from __future__ import annotations

from collections.abc import Sequence

from servanda.connectors.imap.store import ImapStore
from servanda.stores.mapping import Collection, Limit
from servanda.stores.port import Store


class ImapConnector:
    """Opens mail accounts. Signs in on first use."""

    schemes: tuple[str, ...] = ("imap", "imaps")

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
        allowed = limit if isinstance(limit, Limit) else Limit()
        return ImapStore(name, connect, zone=zone, read_only=read_only, limit=allowed)


connector = ImapConnector()

__all__ = ["ImapConnector", "ImapStore", "connector"]
