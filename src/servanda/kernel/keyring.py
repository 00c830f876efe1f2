"""The workspace's master key, and how everything under it is reached while the key changes.

    wrapped = keyring.wrap(master, key)          # within the transaction that saves it
    key = keyring.unwrap(master, wrapped)
    marks = keyring.root(master, "identity marks")

`master` is 32 bytes, or a `Keyring`: a current key and, while a rotation is under way, the one
before it. What is wrapped carries no name of its key, so the current one is tried first.

The danger: a mark that changes with the key finds nobody any more, and an erased person who came
back is not recognised. So such uses have a *root* of their own: a key that stays the same for
ever and is itself wrapped by the master. Tests: tests/runtime/keys/test_rotation.py.
"""

from __future__ import annotations

import hashlib
import hmac
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from typing import TypeAlias

from servanda.kernel import seal as sealing


class Keyring(ABC):
    """Keys by which the master key can be another one tomorrow."""

    @abstractmethod
    def wrap(self, key: bytes) -> bytes:
        """Under the current key. The caller saves it within the same transaction: only then does
        a rotation that runs meanwhile know of it."""

    @abstractmethod
    def unwrap(self, wrapped: bytes) -> bytes:
        """With whichever key fits; SealBroken when none does."""

    @abstractmethod
    def seal_at(self, plain: bytes, place: bytes) -> bytes:
        """Under the current key itself; the same rule as for `wrap`."""

    @abstractmethod
    def unseal_at(self, sealed: bytes, place: bytes) -> bytes:
        """With whichever key fits; SealBroken when none does."""

    @abstractmethod
    def root(self, use: str) -> bytes:
        """A key that is the same for ever, whatever the master is; made on first use."""

    def seal(self, purpose: str, plain: bytes) -> bytes:
        """For small secrets of one purpose (`second factor`). No rotation needs to touch them."""
        return sealing.seal(self.root(f"seal {purpose}"), plain, purpose.encode())

    def unseal(self, purpose: str, sealed: bytes) -> bytes:
        """What `seal` was given for this purpose; SealBroken for anything else."""
        return sealing.unseal(self.root(f"seal {purpose}"), sealed, purpose.encode())


Master: TypeAlias = bytes | Keyring


def _hashed(words: bytes) -> Callable[[bytes], bytes]:
    return lambda master: hmac.new(master, words, hashlib.sha256).digest()


ROOTS: Mapping[str, Callable[[bytes], bytes]] = {
    "identity marks": lambda master: sealing.derive(master, "identity marks"),
    "erased marks": _hashed(b"servanda marks 1"),
    "pseudonyms": _hashed(b"servanda pseudonym 1"),
}
"""Roots that once were derived from the master anew each time: a first value that fits what is
there already. All others are random."""


def wrap(master: Master, key: bytes) -> bytes:
    return master.wrap(key) if isinstance(master, Keyring) else sealing.wrap(master, key)


def unwrap(master: Master, wrapped: bytes) -> bytes:
    if isinstance(master, Keyring):
        return master.unwrap(wrapped)
    return sealing.unwrap(master, wrapped)


def seal(master: Master, plain: bytes, place: bytes) -> bytes:
    if isinstance(master, Keyring):
        return master.seal_at(plain, place)
    return sealing.seal(master, plain, place)


def unseal(master: Master, sealed: bytes, place: bytes) -> bytes:
    if isinstance(master, Keyring):
        return master.unseal_at(sealed, place)
    return sealing.unseal(master, sealed, place)


def root(master: Master, use: str) -> bytes:
    if isinstance(master, Keyring):
        return master.root(use)
    first = ROOTS.get(use)
    return first(master) if first else sealing.derive(master, f"root {use}")


def fingerprint(key: bytes) -> str:
    """The name of a key: says nothing of it, and is the same wherever it lies."""
    return sealing.derive(key, "key name")[:8].hex()
