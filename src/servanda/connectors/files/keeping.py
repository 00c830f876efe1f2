"""Keeping files byte for byte before the originals go (archive, return).

The danger: an original is removed whose copy is cut short, or is another file. So a copy gets its
name only when it is whole and flushed, is read back from under that name, and is compared with
what was read from the original. Every window has a folder of its own; what is there already with
the same bytes is not written twice, and a file with other bytes under a taken name is kept beside
it. `SHA256SUMS` in the folder lists all of it, for `sha256sum -c`.
Tests: tests/connectors/files/test_keeping.py, tests/faults/test_kill.py.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from contextlib import suppress
from itertools import count
from typing import BinaryIO

from servanda.connectors.files.walk import made, opened, opened_at, opened_file
from servanda.kernel.errors import StoreRefused
from servanda.stores.port import Content

SUMS = "SHA256SUMS"
_PIECE = 1 << 20
_PARTIAL = ".servanda.partial"
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC


def keep(folder: int, batch: str, files: Iterator[Content]) -> str:
    """Keep the files in `<batch>/`; the SHA-256 (hex) of their lines in the list of sums."""
    made(batch, folder)
    with opened(batch, folder) as inside:
        lines = sorted(_line(*_kept(inside, each)) for each in files)
        _list(inside, lines)
    return hashlib.sha256(b"".join(lines)).hexdigest()


def _kept(inside: int, content: Content) -> tuple[str, str]:
    """(path it has now, its SHA-256)"""
    *parents, name = content.path.split("/")
    for depth in range(len(parents)):
        with opened_at(inside, parents[:depth]) as parent:
            made(parents[depth], parent)
    with opened_at(inside, parents) as parent:
        with suppress(FileNotFoundError):
            os.unlink(_PARTIAL, dir_fd=parent)  # left by a run that did not end
        try:
            digest = _written(parent, content)
            name = _named(parent, name, digest)
        finally:
            with suppress(FileNotFoundError):
                os.unlink(_PARTIAL, dir_fd=parent)
        os.fsync(parent)
        if _digest_of(parent, name) != digest:
            raise StoreRefused(
                "a copy that was read back is not what was written",
                "check the disk; the originals were left untouched",
            )
    return "/".join((*parents, name)), digest


def _written(parent: int, content: Content) -> str:
    """Write and flush under a name of ours; the SHA-256 of what was read."""
    digest = hashlib.sha256()
    with os.fdopen(os.open(_PARTIAL, _NEW, 0o600, dir_fd=parent), "wb") as copy:
        for piece in _pieces(content.stream):
            digest.update(piece)
            copy.write(piece)
        copy.flush()
        os.utime(copy.fileno(), ns=(content.changed_ns, content.changed_ns))
        os.fsync(copy.fileno())
    return digest.hexdigest()


def _named(parent: int, name: str, digest: str) -> str:
    """Give the new copy its name, unless the same is there; the name it has."""
    for number in count(1):
        tried = name if number == 1 else f"{name}.{number}"
        try:
            os.link(_PARTIAL, tried, src_dir_fd=parent, dst_dir_fd=parent)
            return tried
        except FileExistsError:
            if _digest_of(parent, tried) == digest:
                return tried
    raise AssertionError


def _digest_of(parent: int, name: str) -> str:
    with opened_file(name, parent) as fd, os.fdopen(os.dup(fd), "rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _pieces(stream: BinaryIO) -> Iterator[bytes]:
    while piece := stream.read(_PIECE):
        yield piece


# ── the list ──────────────────────────────────────────────────────────────────────────────────


def _line(path: str, digest: str) -> bytes:
    """As `sha256sum` writes it: names with a backslash or a line's end are escaped."""
    plain = os.fsencode(path)
    safe = plain.replace(b"\\", b"\\\\").replace(b"\n", b"\\n").replace(b"\r", b"\\r")
    return (b"" if safe == plain else b"\\") + digest.encode() + b"  " + safe + b"\n"


def _list(inside: int, lines: list[bytes]) -> None:
    """Add the lines to the list, which is replaced as a whole."""
    known: list[bytes] = []
    with (
        suppress(FileNotFoundError),
        opened_file(SUMS, inside) as fd,
        os.fdopen(os.dup(fd), "rb") as old,
    ):
        known = old.readlines()
    with suppress(FileNotFoundError):
        os.unlink(_PARTIAL, dir_fd=inside)
    with os.fdopen(os.open(_PARTIAL, _NEW, 0o600, dir_fd=inside), "wb") as new:
        new.writelines(sorted({*known, *lines}))
        new.flush()
        os.fsync(new.fileno())
    os.replace(_PARTIAL, SUMS, src_dir_fd=inside, dst_dir_fd=inside)
    os.fsync(inside)
