"""Log files and their lines, read as bytes.

A record is a line with a letter or a digit in it. In the file a product is writing to, only what
stands before the last line break counts: the rest is still being written. Compression is known
by the first bytes, not by the name; what cannot be read to its end is refused, never cut short.
"""

from __future__ import annotations

import bz2
import gzip
import hashlib
import lzma
import os
import re
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from io import BufferedIOBase
from typing import IO, Literal, cast

from servanda.connectors.files.names import to_text
from servanda.connectors.files.walk import Parts, opened_at, opened_file
from servanda.kernel.errors import StoreRefused

Packing = Literal["", "gzip", "bz2", "xz"]
_MAGIC: tuple[tuple[bytes, Packing], ...] = (
    (b"\x1f\x8b", "gzip"),
    (b"BZh", "bz2"),
    (b"\xfd7zXZ\x00", "xz"),
)
_FOREIGN = (b"\x28\xb5\x2f\xfd", b"PK\x03\x04", b"\x04\x22\x4d\x18")  # zstd, zip, lz4
_LONGEST = 1 << 20
_CONTENT = re.compile(rb"[A-Za-z0-9\x80-\xff]")


@dataclass(frozen=True, slots=True)
class LogFile:
    """One file of a log. `live`: the product may be appending to it."""

    parts: Parts
    name: str
    live: bool
    groups: Mapping[str, str]

    @property
    def path(self) -> Parts:
        return (*self.parts, self.name)

    @property
    def shown(self) -> str:
        return to_text("/".join(self.path))


@dataclass(frozen=True, slots=True)
class Line:
    """`offset`: of its first byte in the unpacked file. `text` is without `end`, its line break,
    which the last one may lack."""

    offset: int
    text: bytes
    end: bytes = b"\n"

    @property
    def is_record(self) -> bool:
        return is_content(self.text)

    @property
    def digest(self) -> bytes:
        return hashlib.sha256(self.text).digest()


def is_content(text: bytes) -> bool:
    """Whether there is a letter or digit (of any script): what else remains says nothing."""
    return _CONTENT.search(text) is not None


@contextmanager
def opened_log(root: int, file: LogFile, flags: int = os.O_RDONLY) -> Iterator[tuple[int, int]]:
    """Descriptors of its folder and of the file itself."""
    with opened_at(root, file.parts) as folder, opened_file(file.name, folder, flags) as fd:
        yield folder, fd


def lines_of(fd: int, file: LogFile) -> Iterator[Line]:
    """Every line, blank ones too; StoreRefused, naming the file, when it cannot be read."""
    offset = 0
    for piece in _pieces(fd, file):
        if file.live and not piece.endswith(b"\n"):
            return  # still being written
        text = piece.removesuffix(b"\n")
        yield Line(offset, text, piece[len(text) :])
        offset += len(piece)


def packing_of(fd: int, file: LogFile) -> Packing:
    start = os.pread(fd, 8, 0)
    if start.startswith(_FOREIGN):
        raise StoreRefused(
            f'log file "{file.shown}" is packed in a way that we cannot rewrite',
            "use gzip, bzip2 or xz for rotated logs, or unpack it",
        )
    return next((name for magic, name in _MAGIC if start.startswith(magic)), "")


@contextmanager
def unpacked(fd: int, packing: Packing) -> Iterator[BufferedIOBase]:
    """The content from its beginning."""
    with os.fdopen(os.dup(fd), "rb") as raw:
        raw.seek(0)
        with packed_as(raw, packing, "rb") as stream:
            yield stream


@contextmanager
def packed_as(
    raw: BufferedIOBase, packing: Packing, mode: Literal["rb", "wb"]
) -> Iterator[BufferedIOBase]:
    """A stream that packs or unpacks on its way; complete once left."""
    match packing:
        case "gzip":
            with gzip.GzipFile(filename="", mode=mode, fileobj=cast(IO[bytes], raw), mtime=0) as gz:
                yield gz
        case "bz2":
            with bz2.BZ2File(cast(IO[bytes], raw), mode) as bz:
                yield bz
        case "xz":
            with lzma.LZMAFile(cast(IO[bytes], raw), mode) as xz:
                yield xz
        case "":
            yield raw


def _pieces(fd: int, file: LogFile) -> Iterator[bytes]:
    packing = packing_of(fd, file)
    try:
        with unpacked(fd, packing) as stream:
            while piece := stream.readline(_LONGEST):
                if len(piece) == _LONGEST and not piece.endswith(b"\n"):
                    raise StoreRefused(
                        f'log file "{file.shown}" has a line of more than a million characters',
                        "check that it is a log of lines",
                    )
                yield piece
    except (EOFError, zlib.error, gzip.BadGzipFile, lzma.LZMAError) as error:
        raise _corrupt(file) from error
    except OSError as error:
        if error.errno is None:  # bz2 tells of bad data so
            raise _corrupt(file) from error
        raise


def _corrupt(file: LogFile) -> StoreRefused:
    return StoreRefused(
        f'log file "{file.shown}" is damaged and was left as it is',
        "restore it, or remove it if nobody can read it",
    )
