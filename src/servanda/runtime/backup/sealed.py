"""A stream sealed under a passphrase, piece by piece: memory does not grow with it.

    servanda-backup 1\n
    {"n":…,"r":8,"p":1,"salt":"…","prefix":"…","check":"…"}\n
    pieces: 4 bytes (length, and the highest bit on the last), then AES-256-GCM

The danger: a file that was cut, or whose pieces were changed, moved or taken from another file,
and is believed. What guards it: the nonce of a piece is its number and whether it is the last, and
the head is associated data of each. Tests: tests/runtime/backup/test_sealed.py.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Iterator
from typing import IO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from servanda.kernel.errors import ServandaError, UsageError
from servanda.kernel.seal import KEY_BYTES, derive

MAGIC = b"servanda-backup 1\n"
PIECE = 1 << 18
_TAG = 16
_LAST = 1 << 31
_N, _R, _P = 1 << 16, 8, 1  # 64 MiB and a quarter of a second for each guess
_MOST_N = 1 << 20
_HEAD = 1000


class BackupBroken(ServandaError):
    """The file is not a whole backup."""


class PassphraseWrong(UsageError):
    """The passphrase is another one."""


def _key(passphrase: str, salt: bytes, n: int, r: int, p: int) -> bytes:
    return Scrypt(salt, KEY_BYTES, n, r, p).derive(passphrase.encode())


class Writer:
    """`write` as often as needed, then `end`."""

    def __init__(self, file: IO[bytes], passphrase: str) -> None:
        salt, prefix = secrets.token_bytes(16), secrets.token_bytes(7)
        key = _key(passphrase, salt, _N, _R, _P)
        head = {
            "n": _N,
            "r": _R,
            "p": _P,
            "salt": salt.hex(),
            "prefix": prefix.hex(),
            "check": _check(key),
        }
        line = json.dumps(head).encode() + b"\n"
        self._file, self._prefix, self._cipher = file, prefix, AESGCM(key)
        self._place = hashlib.sha256(MAGIC + line).digest()
        self._kept, self._number = bytearray(), 0
        file.write(MAGIC + line)

    def write(self, data: bytes) -> None:
        self._kept += data
        while len(self._kept) > PIECE:
            self._piece(bytes(self._kept[:PIECE]), last=False)
            del self._kept[:PIECE]

    def end(self) -> None:
        self._piece(bytes(self._kept), last=True)
        self._kept.clear()

    def _piece(self, plain: bytes, *, last: bool) -> None:
        sealed = self._cipher.encrypt(_nonce(self._prefix, self._number, last), plain, self._place)
        self._file.write((len(sealed) | (_LAST if last else 0)).to_bytes(4, "big") + sealed)
        self._number += 1


def pieces(file: IO[bytes], passphrase: str) -> Iterator[bytes]:
    """What was written, in order. PassphraseWrong, or BackupBroken as soon as something is."""
    key, prefix, place = _open(file, passphrase)
    cipher, number, last = AESGCM(key), 0, False
    while not last:
        length = int.from_bytes(_exactly(file, 4), "big")
        last, length = bool(length & _LAST), length & ~_LAST
        if not _TAG <= length <= PIECE + _TAG:
            raise _broken("it was changed")
        sealed = _exactly(file, length)
        try:
            yield cipher.decrypt(_nonce(prefix, number, last), sealed, place)
        except InvalidTag:
            raise _broken("it was changed") from None
        number += 1
    if file.read(1):
        raise _broken("something follows after its end")


def _open(file: IO[bytes], passphrase: str) -> tuple[bytes, bytes, bytes]:
    if file.read(len(MAGIC)) != MAGIC:
        raise UsageError("this is not a backup of Servanda", "name a file of `servanda backup`")
    line = file.readline(_HEAD)
    try:
        head = json.loads(line)
        n, r, p = (int(head[name]) for name in ("n", "r", "p"))
        salt, prefix = bytes.fromhex(head["salt"]), bytes.fromhex(head["prefix"])
        fits = 1 < n <= _MOST_N and r == _R and p == _P and len(prefix) == 7 and len(salt) == 16
        key = _key(passphrase, salt, n, r, p) if fits else b""
        right = fits and secrets.compare_digest(str(head["check"]), _check(key))
    except (ValueError, KeyError, TypeError):
        raise _broken("its beginning was changed") from None
    if not fits:
        raise _broken("its beginning was changed")
    if not right:
        raise PassphraseWrong(
            "the backup does not open with this passphrase", "nothing was changed; try another"
        )
    return key, prefix, hashlib.sha256(MAGIC + line).digest()


def _check(key: bytes) -> str:
    return derive(key, "backup check")[:8].hex()


def _nonce(prefix: bytes, number: int, last: bool) -> bytes:
    return prefix + number.to_bytes(4, "big") + bytes((last,))


def _exactly(file: IO[bytes], size: int) -> bytes:
    data = file.read(size)
    if len(data) != size:
        raise _broken("its end is missing")
    return data


def _broken(why: str) -> BackupBroken:
    return BackupBroken(
        f"this backup is not whole: {why}", "take another copy; nothing was changed"
    )
