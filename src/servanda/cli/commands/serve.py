"""`servanda serve`: console, portal, API and worker, on this machine."""

from __future__ import annotations

import logging
from pathlib import Path

from servanda.cli.output import Folder, say


def serve(workspace: Folder = Path()) -> int:
    """Serve the console, the portal and the API, and sweep on schedule, until stopped.

    Where it listens is set in servanda.toml, section [web]; SQLite by default, PostgreSQL by
    `state.url`. Ctrl-C or SIGTERM ends it; what was begun goes on at the next start.
    """
    from servanda.runtime.serving import serve as run

    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(name)s %(message)s")

    def ready(address: str) -> None:
        say(f"serving {address}  (console: {address}/console/, portal: {address}/privacy/)")
        say('invite somebody:  servanda invite EMAIL --name "NAME" --role owner')

    return run(workspace, ready)
