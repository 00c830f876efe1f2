"""Keeping a copy of records as a file: one JSON object a line, compressed, written once.

The copy is what remains when the originals are deleted, so it is complete and durable before
its name exists: written beside, flushed, given its name without replacing anything, the folder
flushed, and read back. The same rows give the same bytes.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
import os
import re
import zlib
from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import UTC, datetime

from servanda.connectors.files.walk import opened_file
from servanda.kernel.errors import StoreRefused
from servanda.kernel.predicate import Scalar
from servanda.stores.port import Row

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,180}")


def put(folder: int, batch: str, header: Sequence[str], rows: Iterator[Row]) -> str:
    """Write `<batch>.jsonl.gz` into an open folder, unless it is there, and give the SHA-256 (hex)
    of the file as it lies there."""
    if not _NAME.fullmatch(batch):
        raise StoreRefused(
            "a batch's name becomes a file's name", "use letters, digits, dots and dashes"
        )
    final, partial = f"{batch}.jsonl.gz", f".servanda.{batch}.tmp"
    try:
        return _read_back(folder, final)[0]
    except FileNotFoundError:
        pass
    with suppress(FileNotFoundError):
        os.unlink(partial, dir_fd=folder)  # left by a run that did not end
    try:
        written = _write(folder, partial, header, rows)
        with suppress(FileExistsError):  # another worker was faster with the same batch
            os.link(partial, final, src_dir_fd=folder, dst_dir_fd=folder)
    finally:
        with suppress(FileNotFoundError):
            os.unlink(partial, dir_fd=folder)
    os.fsync(folder)
    digest, content = _read_back(folder, final)
    if content != written:
        raise StoreRefused(
            "the copy that was read back is not the one that was written",
            "check the disk; the originals were left untouched",
        )
    return digest


def _write(folder: int, name: str, header: Sequence[str], rows: Iterator[Row]) -> str:
    """Write and flush; the digest of the lines."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    digest = hashlib.sha256()
    with os.fdopen(os.open(name, flags, 0o600, dir_fd=folder), "wb") as raw:
        with gzip.GzipFile(filename="", mode="wb", fileobj=raw, mtime=0) as packed:
            for row in rows:
                record = dict(zip(header, map(_plain, row), strict=True))
                line = json.dumps(record, separators=(",", ":")).encode() + b"\n"
                digest.update(line)
                packed.write(line)
        raw.flush()
        os.fsync(raw.fileno())
    return digest.hexdigest()


def _read_back(folder: int, name: str) -> tuple[str, str]:
    """Digests of the file and of the lines in it."""
    content = hashlib.sha256()
    with opened_file(name, folder) as fd, os.fdopen(os.dup(fd), "rb") as raw:
        digest = hashlib.file_digest(raw, "sha256").hexdigest()
        raw.seek(0)
        try:
            with gzip.GzipFile(fileobj=raw, mode="rb") as packed:
                while piece := packed.read(1 << 20):
                    content.update(piece)
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            raise StoreRefused(
                "an archived copy cannot be read", "move it away and run again"
            ) from error
    return digest, content.hexdigest()


def _plain(value: Scalar) -> object:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat() if value.tzinfo else value.isoformat()
    if isinstance(value, bytes):
        return {"base64": base64.b64encode(value).decode("ascii")}
    return value
