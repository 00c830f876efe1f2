"""The files of the master key while it changes: each step is one rename, or one link.

    master.next.key       made, complete, not in force
    master.previous.key   a second name of the old key; then the new one takes the first name
    master.key            the new key

The danger: a moment without a key, or a copy of the old one that nobody shreds. What guards it:
the old key is never copied, it only gets another name. Tests: tests/runtime/keys/test_kill.py.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from servanda.desk.requests.shred import shred
from servanda.kernel.durable import make_durable
from servanda.kernel.errors import ServandaError, UsageError
from servanda.kernel.keyring import fingerprint
from servanda.kernel.seal import KeyFileRefused, key_file, read_key, write_secret
from servanda.runtime.keys.sources import MASTER, NEXT, PREVIOUS

HALF = "(half destroyed)"


@dataclass(frozen=True, slots=True)
class KeyFolder:
    """`filed`: whether the master key lies here at all, or comes from elsewhere."""

    folder: Path
    filed: bool

    @contextmanager
    def alone(self) -> Iterator[None]:
        """UsageError while another process of this machine changes the key or copies the state."""
        with (self.folder / "rotation.lock").open("a") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                raise UsageError(
                    "another process changes the master key, or makes a backup",
                    "wait for it to end",
                ) from None
            yield

    def leftover(self, current: str) -> str:
        """The fingerprint of an old key beside the one in force; `HALF` where it is half shredded.
        Blank without one, and where the state does not name the new key yet."""
        if not self.filed or not self._previous.exists() or self._same():
            return ""
        if fingerprint(key_file(self._master)) != current:
            return ""
        try:
            return fingerprint(read_key(self._previous))
        except KeyFileRefused:
            return HALF

    def begun(self) -> bool:
        return self.filed and (self._previous.exists() or self._next.exists())

    def put_in_force(self, given: bytes | None) -> None:
        """The new key under the first name, the old one beside it. Again does nothing."""
        try:
            if self._previous.exists() and not self._same():
                return
            if given is not None and self._next.exists() and key_file(self._next) != given:
                shred(self._next)
            if given is not None and not self._next.exists():
                write_secret(self._next, given.hex().encode() + b"\n")
            key_file(self._next)  # made where it is not there
            if not self._previous.exists():
                os.link(self._master, self._previous)
                make_durable(self.folder)
            self._next.replace(self._master)
            make_durable(self.folder)
        except OSError as error:
            raise UsageError(
                f"the new key cannot be put into {self.folder} ({error.strerror})",
                "check that you may write there, and start again",
            ) from None

    def destroy_previous(self) -> None:
        """Overwritten, removed, and its absence looked at. Never the key in force."""
        if not self.filed or not self._previous.exists():
            return
        if self._same():
            raise ServandaError("the old key file is the one in force; it was not destroyed")
        try:
            shred(self._previous)
        except ServandaError as error:
            raise ServandaError(
                f"the old key file could not be destroyed ({error.what})",
                f"nothing needs it any more: remove {self._previous}",
            ) from None

    def _same(self) -> bool:
        return self._previous.exists() and self._previous.samefile(self._master)

    @property
    def _master(self) -> Path:
        return self.folder / MASTER

    @property
    def _previous(self) -> Path:
        return self.folder / PREVIOUS

    @property
    def _next(self) -> Path:
        return self.folder / NEXT
