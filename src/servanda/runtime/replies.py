"""The files of answers, which lie in the clear until they are sent; the letters themselves are kept
sealed. They go like packages: after some days, and then nothing of them is left."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from servanda.desk.requests.shred import shred

if TYPE_CHECKING:
    from servanda.runtime.workspace import Workspace

FOLDER = "replies"
_DAY_S = 24 * 3600


def expire(workspace: Workspace) -> None:
    """Destroy what has lain there for longer than `requests.package_days`. OSError where one
    cannot be removed."""
    folder = workspace.folder / FOLDER
    oldest = time.time() - workspace.settings.requests.package_days * _DAY_S
    for path in sorted(folder.glob("*/request-*")):
        if path.is_file() and not path.is_symlink() and path.stat().st_mtime < oldest:
            shred(path)
    for each in sorted(folder.glob("*")):
        if each.is_dir() and not any(each.iterdir()):
            each.rmdir()
