"""Packages wait in one folder of the workspace until they expire, and not a day longer.

The harm: a person's whole data left lying about. A package's name says when it expires, so that no
record of it can be lost; it is readable by its owner only and encrypted besides. What has expired
is removed and looked for again. A draft left by a crash goes too.
"""

from __future__ import annotations

import re
import secrets
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from servanda.kernel.durable import make_durable
from servanda.kernel.errors import ServandaError
from servanda.publish.package.archive import PART
from servanda.publish.package.names import safe

_STAMP = "%Y%m%dT%H%M%SZ"
_NAME = re.compile(r"request-(.+)-until-(\d{8}T\d{6}Z)-[0-9a-f]{8}\.zip")
_ABANDONED_S = 24 * 3600  # a draft nobody has written to for so long has no writer


class NotRemoved(ServandaError):
    """A package that has expired is still there."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A package on the shelf."""

    path: Path
    ref: str
    expires: datetime


@dataclass(frozen=True, slots=True)
class Shelf:
    """The folder, `.servanda/packages` of a workspace. `days`: how long a package is kept."""

    folder: Path
    days: int = 14

    def place(self, ref: str, now: datetime) -> Kept:
        """Where a new package goes; the folder is made. Times are told to the second."""
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise ServandaError(
                f"the folder {self.folder} cannot be made ({error.strerror})",
                "check who may write there",
            ) from None
        expires = (now.astimezone(UTC) + timedelta(days=self.days)).replace(microsecond=0)
        name = f"request-{safe(ref)}-until-{expires.strftime(_STAMP)}-{secrets.token_hex(4)}.zip"
        return Kept(self.folder / name, safe(ref), expires)

    def packages(self) -> list[Kept]:
        """Those there, the next to expire first."""
        found = []
        for path in self.folder.glob("request-*.zip"):
            match = _NAME.fullmatch(path.name)
            if match is not None:
                expires = datetime.strptime(match[2], _STAMP).replace(tzinfo=UTC)
                found.append(Kept(path, match[1], expires))
        return sorted(found, key=lambda each: (each.expires, each.path.name))

    def expire(self, now: datetime) -> list[Kept]:
        """Remove what has expired, prove that it is gone, and say what it was."""
        gone = [each for each in self.packages() if each.expires <= now]
        self._remove([*(each.path for each in gone), *self._abandoned()])
        return gone

    def withdraw(self, ref: str) -> list[Kept]:
        """Remove the packages of one request before their time."""
        gone = [each for each in self.packages() if each.ref == safe(ref)]
        self._remove([each.path for each in gone])
        return gone

    def _abandoned(self) -> list[Path]:
        limit = time.time() - _ABANDONED_S
        return [p for p in self.folder.glob(f".*{PART}") if p.stat().st_mtime < limit]

    def _remove(self, paths: list[Path]) -> None:
        if not paths:
            return
        for path in paths:
            try:
                path.unlink(missing_ok=True)
            except OSError as error:
                raise NotRemoved(
                    f"{path} has expired and cannot be removed ({error.strerror})",
                    "remove it by hand, and check who may write to its folder",
                ) from None
        make_durable(self.folder)
        there = {path.name for path in self.folder.iterdir()}
        left = [path for path in paths if path.name in there]
        if left:
            raise NotRemoved(f"{left[0]} was removed and is still there", "look who puts it back")
