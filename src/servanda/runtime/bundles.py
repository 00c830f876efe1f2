"""Bundles of evidence that somebody asked for in a page, until they are fetched.

A bundle is written to a file first and sent from there: it may be larger than memory, a browser
that breaks off can go on, and its signature stands only at the end of all of it. The newest one
stays for a day. No evidence key ever goes into one (see `ledger.bundle`): a bundle with opened
manifests is made by the command line alone.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from servanda import ledger
from servanda.kernel.errors import UsageError

if TYPE_CHECKING:
    from servanda.runtime.workspace import Workspace

FOLDER = ".servanda/bundles"
KEPT = timedelta(days=1)
_NAME = re.compile(r"evidence-[0-9]{8}T[0-9]{6}Z\.zip")


@dataclass(frozen=True, slots=True)
class Made:
    name: str
    entries: int
    bytes: int


def make(
    workspace: Workspace, *, manifests: bool, progress: Callable[[int], None] | None = None
) -> Made:
    """Write one of everything that is in the ledger now; older ones go."""
    workspace.use_state()
    workspace.checkpoint()
    folder = workspace.folder / FOLDER
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = folder / f"evidence-{datetime.now(UTC):%Y%m%dT%H%M%SZ}.zip"
    path.unlink(missing_ok=True)
    entries = ledger.bundle.export(
        path, workspace.signer, include_manifests=manifests, progress=progress
    )
    path.chmod(0o600)
    for other in folder.iterdir():
        if other != path and other.is_file():
            other.unlink()
    return Made(path.name, entries, path.stat().st_size)


def path_of(workspace: Workspace, name: str) -> Path:
    """The file of a bundle that is still there; UsageError otherwise."""
    path = workspace.folder / FOLDER / name
    if not _NAME.fullmatch(name) or not path.is_file() or _is_old(path):
        raise UsageError("this bundle is no longer there", "make a new one")
    return path


def expire(workspace: Workspace) -> None:
    """Old ones go."""
    folder = workspace.folder / FOLDER
    for path in folder.iterdir() if folder.is_dir() else ():
        if _NAME.fullmatch(path.name) and _is_old(path):
            path.unlink(missing_ok=True)


def _is_old(path: Path) -> bool:
    made = datetime.fromtimestamp(path.stat().st_mtime, UTC)
    return datetime.now(UTC) - made > KEPT
