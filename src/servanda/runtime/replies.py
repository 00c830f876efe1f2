"""The files of answers, which lie in the clear until they are sent; the letters themselves are kept
sealed. They go like packages: after some days, and then nothing of them is left."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

from servanda.desk.requests.shred import shred
from servanda.kernel.errors import UsageError

if TYPE_CHECKING:
    from servanda.runtime.workspace import Workspace

FOLDER = "replies"
KEPT = ".servanda/replies"
"""Where commands put them, and where the console keeps them."""
_DAY_S = 24 * 3600


def expire(workspace: Workspace) -> None:
    """Destroy what has lain there for longer than `requests.package_days`. OSError where one
    cannot be removed."""
    oldest = time.time() - workspace.settings.requests.package_days * _DAY_S
    for folder in (workspace.folder / FOLDER, workspace.folder / KEPT):
        for path in sorted(folder.glob("*/request-*")):
            if path.is_file() and not path.is_symlink() and path.stat().st_mtime < oldest:
                shred(path)
        for each in sorted(folder.glob("*")):
            if each.is_dir() and not any(each.iterdir()):
                each.rmdir()


def folder(workspace: Workspace, ref: str) -> Path:
    """Where the console keeps the files of a request's answer."""
    return workspace.folder / KEPT / str(int(ref))


def files(workspace: Workspace, ref: str) -> list[str]:
    """The names of those that are there."""
    there = folder(workspace, ref)
    return sorted(each.name for each in there.glob(f"request-{int(ref)}-*") if each.is_file())


def file(workspace: Workspace, ref: str, name: str) -> Path:
    """One of them. UsageError where there is none of that name."""
    if name not in files(workspace, ref):
        raise UsageError("that file is not there any more", "the letter itself is kept: see below")
    return folder(workspace, ref) / name
