"""Read the members of a bundle's zip without trusting it: bounded memory, digests on the way."""

from __future__ import annotations

import hashlib
import struct
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path

from servanda.ledger.verify.layout import CONTENTS, MEMBERS

LONGEST_LINE = 256 * 2**20
_PIECE = 2**20
_PLAIN = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_FLAGS = 0x808  # sizes after the data, names in UTF-8; nothing else, above all no encryption

# Everything that Python's zip reader is known to raise over damaged bytes.
DAMAGE = (
    zipfile.BadZipFile,
    zipfile.LargeZipFile,
    zlib.error,
    struct.error,
    EOFError,
    OSError,
    NotImplementedError,
    RuntimeError,
    ValueError,
    OverflowError,
    IndexError,
)


class Damaged(Exception):
    """The file is not a whole bundle. The message says what is wrong with it."""


class Archive:
    """An open bundle. `digests` fills with what was read to its end: name to (hex, size)."""

    def __init__(self, path: Path) -> None:
        self.digests: dict[str, tuple[str, int]] = {}
        try:
            self._zip = zipfile.ZipFile(path)
            self.names = [info.filename for info in self._zip.infolist()]
            odd = [
                info
                for info in self._zip.infolist()
                if info.compress_type not in _PLAIN or info.flag_bits & ~_FLAGS
            ]
        except FileNotFoundError:
            raise Damaged("there is no such file") from None
        except DAMAGE as error:
            raise Damaged(f"it is not a readable zip file ({type(error).__name__})") from None
        if odd or sorted(self.names) != sorted({*self.names} & {*MEMBERS, CONTENTS}):
            self.close()
            raise Damaged("it holds files that are not part of a bundle")

    def close(self) -> None:
        self._zip.close()

    def whole(self, name: str, limit: int) -> bytes:
        """All of a small member."""
        return b"".join(self.pieces(name, limit))

    def pieces(self, name: str, limit: int | None = None) -> Iterator[bytes]:
        """A member's bytes, piece by piece; Damaged when the zip is, or when it is too long."""
        digest, size = hashlib.sha256(), 0
        try:
            with self._zip.open(name) as file:
                while piece := file.read(_PIECE):
                    digest.update(piece)
                    size += len(piece)
                    if limit is not None and size > limit:
                        raise Damaged(f"{name} is too long")
                    yield piece
        except KeyError:
            raise Damaged(f"{name} is missing") from None
        except DAMAGE as error:
            raise Damaged(f"{name} cannot be read ({type(error).__name__})") from None
        self.digests[name] = (digest.hexdigest(), size)

    def drain(self, name: str) -> None:
        """Read a member for its digest alone."""
        for _ in self.pieces(name):
            pass

    def lines(self, name: str) -> Iterator[list[bytes]]:
        """A member's lines without their ends, some at a time. A last line without end is one."""
        rest = b""
        for piece in self.pieces(name):
            *lines, rest = (rest + piece).split(b"\n")
            if len(rest) > LONGEST_LINE:
                raise Damaged(f"a line of {name} is too long")
            if lines:
                yield lines
        if rest:
            yield [rest]
