"""Programs as stores: `command:///usr/local/bin/crm`. What it lists are records.

Which programs may be called is not decided here: see `runtime.registry`.
"""

from __future__ import annotations

from collections.abc import Sequence

from servanda.connectors.command.store import CommandStore
from servanda.stores.mapping import Collection, Limit
from servanda.stores.port import Store


class CommandConnector:
    """Opens programs. Starts them when there is something to ask."""

    schemes: tuple[str, ...] = ("command",)

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
        return CommandStore(
            name, connect, zone=zone, read_only=read_only, limit=allowed, collections=collections
        )


connector = CommandConnector()

__all__ = ["CommandConnector", "CommandStore", "connector"]
