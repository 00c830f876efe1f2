"""Which connector opens which kind of address: one line each, imported when first used."""

from __future__ import annotations

from collections.abc import Collection
from importlib import import_module
from typing import cast
from urllib.parse import urlsplit

from servanda.kernel.errors import UsageError
from servanda.runtime.programs import check_program
from servanda.stores.mapping import Limit, StoreConfig
from servanda.stores.port import Connector, Store

CONNECTORS = {
    "command": "servanda.connectors.command",
    "postgresql": "servanda.connectors.sql",
    "mysql": "servanda.connectors.sql",
    "mariadb": "servanda.connectors.sql",
    "sqlite": "servanda.connectors.sql",
    "file": "servanda.connectors.files",
    "imap": "servanda.connectors.imap",
    "imaps": "servanda.connectors.imap",
}


def open_store(
    config: StoreConfig,
    *,
    read_only: bool = False,
    reader: bool = False,
    allow: Collection[str] = (),
) -> Store:
    """Open a store. `reader` uses the recount credential, and never writes. `allow`: the programs
    that a store may be.

    Raises UsageError for an unknown kind of address or a program that is not allowed,
    StoreUnreachable when it does not answer.
    """
    address = config.recount if reader and config.recount else config.connect
    scheme = urlsplit(address).scheme.partition("+")[0]
    module = CONNECTORS.get(scheme)
    if module is None:
        raise UsageError(
            f'stores.yaml: store "{config.name}" has an address of unknown kind "{scheme}"',
            f"known are {', '.join(sorted(CONNECTORS))}",
        )
    if scheme == "command":
        check_program(config.name, address, allow)
    connector = cast(Connector, import_module(module).connector)
    limit: Limit = config.limit
    closed = read_only or reader or config.mode == "verify"
    return connector.open(
        config.name,
        address,
        zone=config.zone,
        read_only=closed,
        limit=limit,
        collections=config.collections,
    )
