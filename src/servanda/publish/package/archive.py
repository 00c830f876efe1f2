"""The encrypted ZIP: members stream in, each with its digest; the file appears whole or not at all.

WinZip's AES-256 is what every common unpacker opens. It encrypts content and checks it, but not
the names: they are numbers and collections, never words of a person. Sizes show too.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from servanda.kernel.durable import make_durable
from servanda.kernel.errors import ServandaError

if TYPE_CHECKING:
    import pyzipper

_BUFFER = 1 << 16
PART = ".part"


class NotWritten(ServandaError):
    """The package could not be written. Nothing of it is left."""


@dataclass(frozen=True, slots=True)
class Member:
    name: str
    size: int
    sha256: str


@dataclass
class Archive:
    """Members are written one after the other."""

    zip: pyzipper.AESZipFile
    members: list[Member] = field(default_factory=list)

    def add(self, name: str, pieces: Iterable[bytes], *, packed: bool = False) -> Member:
        """`packed`: the bytes do not get smaller, so no time is spent on them."""
        import pyzipper  # with its ciphers, loaded where a package is made

        info = pyzipper.AESZipFile.zipinfo_cls(name, date_time=(1980, 1, 1, 0, 0, 0))
        info.external_attr = 0o600 << 16
        info.compress_type = pyzipper.ZIP_STORED if packed else pyzipper.ZIP_DEFLATED
        digest, size = hashlib.sha256(), 0
        with self.zip.open(info, "w", force_zip64=True) as member:
            for piece in _buffered(pieces):
                member.write(piece)
                digest.update(piece)
                size += len(piece)
        made = Member(name, size, digest.hexdigest())
        self.members.append(made)
        return made


@contextmanager
def writing(path: Path, passphrase: str) -> Iterator[Archive]:
    """A new archive at `path`, readable by its owner alone; NotWritten where it cannot be."""
    draft = path.with_name(f".{path.name}{PART}")
    try:
        with _told(path):
            descriptor = os.open(draft, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
            with os.fdopen(descriptor, "w+b") as file:
                import pyzipper

                archive = pyzipper.AESZipFile(
                    file, "w", pyzipper.ZIP_DEFLATED, compresslevel=6, encryption=pyzipper.WZ_AES
                )
                archive.setpassword(passphrase.encode())
                try:
                    yield Archive(archive)
                    archive.close()
                finally:
                    archive.fp = None  # so that it never tries to finish what is thrown away
                file.flush()
                os.fsync(file.fileno())
            draft.replace(path)
            make_durable(path.parent)
    finally:
        with contextlib.suppress(OSError):
            draft.unlink(missing_ok=True)


@contextmanager
def _told(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        full = error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
        raise NotWritten(
            f"the package cannot be written in {path.parent} ({error.strerror or 'no reason'})",
            "free space there, and ask for the package again"
            if full
            else "check who may write there",
        ) from None


def _buffered(pieces: Iterable[bytes]) -> Iterator[bytes]:
    waiting: list[bytes] = []
    size = 0
    for piece in pieces:
        waiting.append(piece)
        size += len(piece)
        if size >= _BUFFER:
            yield b"".join(waiting)
            waiting, size = [], 0
    if waiting:
        yield b"".join(waiting)
