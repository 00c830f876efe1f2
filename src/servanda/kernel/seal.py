"""Secrets at rest: sealing, key wrapping, salted commitments, and files that hold keys.

What could go wrong here: a key readable by other users, a sealed text moved to another place
and believed there, a nonce used twice. What guards it: key files are made 0600 and refused
otherwise; every sealing is bound to its place by associated data; nonces are random and 96 bits,
and a key seals far fewer than 2^32 texts. Tests: tests/kernel/test_seal.py.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
import stat
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.keywrap import (
    InvalidUnwrap,
    aes_key_unwrap,
    aes_key_wrap,
)

from servanda.kernel.errors import ServandaError

KEY_BYTES = 32
_NONCE_BYTES = 12


class SealBroken(ServandaError):
    """Sealed bytes do not open: the key is another one, or bytes or their place were changed."""


class KeyFileRefused(ServandaError):
    """A key file is not there, is not a key, or is readable by others."""


def new_key() -> bytes:
    """32 random bytes."""
    return secrets.token_bytes(KEY_BYTES)


def seal(key: bytes, plain: bytes, place: bytes) -> bytes:
    """AES-256-GCM: nonce (12 bytes), then ciphertext with tag. `place` is associated data."""
    nonce = secrets.token_bytes(_NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, plain, place)


def unseal(key: bytes, sealed: bytes, place: bytes) -> bytes:
    """What `seal` was given; SealBroken unless key, bytes and place are all the same."""
    try:
        return AESGCM(key).decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], place)
    except (InvalidTag, ValueError):
        raise SealBroken(
            "sealed data does not open",
            "it was sealed with another key, or changed since; restore it from a backup",
        ) from None


def derive(key: bytes, use: str) -> bytes:
    """A key of its own for one use (HKDF-SHA256); the same each time."""
    return HKDF(SHA256(), KEY_BYTES, salt=None, info=f"servanda {use}".encode()).derive(key)


def wrap(master: bytes, key: bytes) -> bytes:
    """A key under another key (AES-KW, RFC 3394): 8 bytes longer than `key`."""
    return aes_key_wrap(master, key)


def unwrap(master: bytes, wrapped: bytes) -> bytes:
    """The key inside; SealBroken when `master` is not the key it was wrapped with."""
    try:
        return aes_key_unwrap(master, wrapped)
    except (InvalidUnwrap, ValueError):
        raise SealBroken(
            "a wrapped key does not open",
            "check that the workspace has the key file it was made with",
        ) from None


def new_salt() -> bytes:
    """16 random bytes for one commitment."""
    return secrets.token_bytes(16)


def commit(value: bytes, salt: bytes) -> str:
    """HMAC-SHA256 of `value` under `salt`, in hex: says nothing of `value` without the salt."""
    return hmac.new(salt, value, hashlib.sha256).hexdigest()


def opens(commitment: str, value: bytes, salt: bytes) -> bool:
    """Whether `commitment` is the one of `value`; takes the same time either way."""
    return hmac.compare_digest(commitment, commit(value, salt))


def write_secret(path: Path, content: bytes) -> None:
    """Make a file only its owner can read; FileExistsError when there is one already.

    It appears under its name complete or not at all.
    """
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.link(draft, path)
    finally:
        draft.unlink()


def read_secret(path: Path) -> bytes:
    """The content of a key file; KeyFileRefused where group or others may read or write it."""
    try:
        with path.open("rb") as file:
            mode = stat.S_IMODE(os.fstat(file.fileno()).st_mode)
            if mode & 0o077:
                raise KeyFileRefused(
                    f"key file {path} is open to other users (mode {mode:04o})",
                    f"run `chmod 600 {path}`, and consider the key known to them",
                )
            return file.read()
    except FileNotFoundError:
        raise KeyFileRefused(f"key file {path} is not there", "restore it from a backup") from None
    except OSError as error:
        raise KeyFileRefused(
            f"key file {path} cannot be read ({error.strerror})", "check its owner"
        ) from None


def key_file(path: Path) -> bytes:
    """The 32-byte key in `path` (hexadecimal), made on first use."""
    if not path.exists():
        try:
            write_secret(path, new_key().hex().encode() + b"\n")
        except FileExistsError:
            pass  # another process was first; its key is the one
        except OSError as error:
            raise KeyFileRefused(
                f"key file {path} cannot be made ({error.strerror})", "check its folder"
            ) from None
    return read_key(path)


def read_key(path: Path) -> bytes:
    """The 32-byte key in `path`; KeyFileRefused without one."""
    try:
        key = bytes.fromhex(read_secret(path).decode())
    except ValueError:
        key = b""
    if len(key) != KEY_BYTES:
        raise KeyFileRefused(
            f"key file {path} does not hold a key of {KEY_BYTES} bytes", "restore it from a backup"
        )
    return key
