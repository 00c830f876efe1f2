"""`servanda serve`: console, portal, API and worker, on this machine."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from servanda.cli.output import Folder


def serve(workspace: Folder = Path()) -> int:
    """Serve the console, the portal and the API, and sweep on schedule, until stopped.

    Where it listens is set in servanda.toml, section [web]; SQLite by default, PostgreSQL by
    `state.url`. Ctrl-C or SIGTERM ends it; what was begun goes on at the next start.
    """
    sys.stdout.flush()
    os.execv(sys.executable, [sys.executable, "-m", "servanda.cli.keep", str(workspace)])  # noqa: S606
