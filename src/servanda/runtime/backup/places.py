"""Where the parts of a backup go, and what of that which is there must not be lost.

Published checkpoints that the backup does not have, and keys other than its own, are put aside and
never destroyed: others may hold the same checkpoints, and a key may open something else.
"""

from __future__ import annotations

import secrets
from datetime import UTC, datetime
from pathlib import Path

from servanda.kernel.errors import UsageError
from servanda.ledger.checkpoint import EACH
from servanda.ledger.signer import Signer
from servanda.runtime.backup.make import FILES, PACKS, SIGNING, enquiries_of
from servanda.runtime.backup.swap import Stage
from servanda.runtime.config import NAME, Settings


class Places:
    def __init__(self, stage: Stage, settings: Settings, keep_settings: bool) -> None:
        self._stage, self._new, self._folder = stage, stage.new, stage.folder
        self._keep = keep_settings
        self._published = self._folder / settings.evidence.publish
        self._keys = self._folder / settings.keys.folder
        moment = f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}-{secrets.token_hex(2)}"
        self._suffix = f".before-restore-{moment}"
        self._enquiries = enquiries_of(self._folder, settings)
        self.aside: list[Path] = []

    def published_newest(self) -> int:
        """How far the newest published checkpoint goes that lies here; 0 without one."""
        each = self._published / EACH
        sizes = [int(p.name) for p in each.iterdir() if p.name.isdecimal()] if each.is_dir() else []
        return max(sizes, default=0)

    def check_owner(self, vkey: str) -> None:
        """UsageError where the backup is of another workspace than the keys that will be here."""
        ours = self._keys / SIGNING
        if (self._new / "keys" / SIGNING).exists() or not ours.exists():
            return
        if Signer.open(ours, "servanda").vkey != vkey:
            raise UsageError(
                "this backup is of another workspace: its evidence is signed with another key",
                "restore it into an empty folder",
            )

    def moves(self) -> None:
        for name in FILES:
            if name == NAME and self._keep:
                continue
            if (self._new / name).exists():
                self._stage.move(name, self._folder / name)
            elif (self._folder / name).exists():
                self._stage.move("", self._folder / name, self._put_aside(self._folder / name))
        if (self._new / PACKS).exists():
            self._stage.move(PACKS, self._folder / PACKS)
        path = self._enquiries
        if path is not None and (self._new / "enquiries.sqlite3").exists():
            for tail in ("-wal", "-shm", "-journal"):
                self._stage.move("", path.with_name(path.name + tail))
            self._stage.move("enquiries.sqlite3", path)
        for name, target in (("published", self._published), ("keys", self._keys)):
            if (self._new / name).exists() or (name == "published" and target.exists()):
                aside = None if _within(target, self._new / name) else self._put_aside(target)
                self._stage.move(name if (self._new / name).exists() else "", target, aside)

    def _put_aside(self, path: Path) -> Path:
        aside = path.with_name(path.name + self._suffix)
        self.aside.append(aside)
        return aside


def _within(old: Path, new: Path) -> bool:
    """Whether every file of `old` is in `new`, with the same content; the newest checkpoint, which
    changes with each, does not count, nor does a lock."""
    if not old.is_dir():
        return True
    for path in old.rglob("*"):
        if path.is_dir() or path.name in ("checkpoint", "rotation.lock"):
            continue
        other = new / path.relative_to(old)
        if not other.is_file() or other.read_bytes() != path.read_bytes():
            return False
    return True
