"""What has to wait for its turn in the package, outside memory and readable by nobody.

The harm: a person's data in clear on a disk. What does not fit into memory goes to a nameless
file, encrypted under a key that never leaves this process.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Self

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CTR

from servanda.kernel.seal import new_key

_IN_MEMORY = 1 << 20
_PIECE = 1 << 18


class Spool:
    """Written once from one end to the other, then read the same way."""

    def __init__(self, folder: Path) -> None:
        self._cipher = Cipher(AES(new_key()), CTR(bytes(16)))  # the key is this spool's alone
        self._in = self._cipher.encryptor()
        place = str(folder)
        self._file = tempfile.SpooledTemporaryFile(_IN_MEMORY, dir=place)  # noqa: SIM115

    def write(self, data: bytes) -> None:
        self._file.write(self._in.update(data))

    def pieces(self) -> Iterator[bytes]:
        self._file.seek(0)
        out = self._cipher.decryptor()
        while piece := self._file.read(_PIECE):
            yield out.update(piece)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._file.close()
