"""The members of a backup in their stream: each with its name, its bytes and their digest.

M length head   D length bytes …   E size digest      once for each member
Z length list                                         all names, sizes and digests again
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from servanda.runtime.backup.sealed import PIECE, BackupBroken, Writer

_LONGEST_HEAD = 1 << 20


class MemberWriter:
    """Writes members one after the other; `end` closes the list."""

    def __init__(self, out: Writer) -> None:
        self._out = out
        self.listed: list[tuple[str, int, str]] = []

    def add(self, name: str, blocks: Iterable[bytes], **about: Any) -> None:
        self._framed(b"M", json.dumps({"name": name, **about}).encode())
        digest, size = hashlib.sha256(), 0
        for block in blocks:
            for start in range(0, len(block), PIECE):
                part = bytes(block[start : start + PIECE])
                self._framed(b"D", part)
                digest.update(part)
                size += len(part)
        self._out.write(b"E" + size.to_bytes(8, "big") + digest.digest())
        self.listed.append((name, size, digest.hexdigest()))

    def end(self) -> None:
        self._framed(b"Z", json.dumps(self.listed).encode())
        self._out.end()

    def _framed(self, kind: bytes, data: bytes) -> None:
        self._out.write(kind + len(data).to_bytes(4, "big") + data)


@dataclass
class Member:
    """`blocks` must be read to their end before the next member: then the digest is known."""

    name: str
    about: dict[str, Any]
    blocks: Iterator[bytes] = field(repr=False)

    def whole(self) -> bytes:
        return b"".join(self.blocks)


def members(pieces: Iterator[bytes]) -> Iterator[Member]:
    """In order. BackupBroken unless each has the digest it says, and all that are listed came."""
    source, came = _Source(pieces), []
    while (kind := source.take(1)) == b"M":
        about = _json(source.framed())
        name = str(about.pop("name", ""))
        found: list[tuple[int, str]] = []
        member = Member(name, about, _blocks(source, found))
        yield member
        for _ in member.blocks:  # what was not wanted is still looked at
            pass
        came.append([name, *found[0]])
    if kind != b"Z" or _json(source.framed()) != came or source.take(1, missing=True):
        raise _broken()


def _blocks(source: _Source, found: list[tuple[int, str]]) -> Iterator[bytes]:
    digest, size = hashlib.sha256(), 0
    while (kind := source.take(1)) == b"D":
        block = source.framed()
        digest.update(block)
        size += len(block)
        yield block
    said = int.from_bytes(source.take(8), "big"), source.take(32)
    if kind != b"E" or said != (size, digest.digest()):
        raise _broken()
    found.append((size, digest.hexdigest()))


class _Source:
    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces, self._kept = pieces, bytearray()

    def take(self, size: int, *, missing: bool = False) -> bytes:
        while len(self._kept) < size:
            piece = next(self._pieces, None)
            if piece is None:
                if missing:
                    return bytes(self._kept)
                raise _broken()
            self._kept += piece
        data = bytes(self._kept[:size])
        del self._kept[:size]
        return data

    def framed(self) -> bytes:
        length = int.from_bytes(self.take(4), "big")
        if length > _LONGEST_HEAD:
            raise _broken()
        return self.take(length)


def _json(data: bytes) -> Any:
    try:
        return json.loads(data)
    except ValueError:
        raise _broken() from None


def _broken() -> BackupBroken:
    return BackupBroken(
        "this backup is not whole: a member is not what it says",
        "take another copy; nothing was changed",
    )
