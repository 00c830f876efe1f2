"""Keyed hashes that stand for records, so that nothing needs to remember whose they were.

A *mark* is the same in every run, so that what came back with a restored backup is recognised; it
needs the workspace's master key. A *commitment* is salted for one run and request, so that two of
them say nothing of each other; without the salt it says nothing at all.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence

from servanda.kernel import keyring
from servanda.kernel.evaluate import as_text
from servanda.kernel.keyring import Master
from servanda.kernel.predicate import Scalar

MARK_BYTES = 16
COMMITMENT_BYTES = 32


def mark_key(master: Master) -> bytes:
    """The key of all marks of a workspace; it stays the same when the master key changes."""
    return keyring.root(master, "erased marks")


def named(collection: str, key: Sequence[Scalar]) -> bytes:
    """A record as bytes: 7 and "7" are one key, since a restored store may give either."""
    if len(key) == 1 and type(key[0]) is int:  # nearly all of them, and there may be very many
        return b"%s\0%d" % (collection.encode(), key[0])
    parts = [collection, *("" if each is None else as_text(each) for each in key)]
    return "\0".join(parts).encode("utf-8", "surrogateescape")


def all_named(collection: str, keys: Sequence[Sequence[Scalar]]) -> list[bytes]:
    """`named` of each."""
    numbers = [key[0] for key in keys if len(key) == 1 and type(key[0]) is int]
    if len(numbers) == len(keys):
        start = collection.encode()
        return [b"%s\0%d" % (start, each) for each in numbers]
    return [named(collection, key) for key in keys]


def identity_named(kind: str, normal: str) -> bytes:
    """An identity in normal form as bytes."""
    return f"identity\0{kind}\0{normal}".encode()


def tie_named(collection: str, fields: Sequence[str], values: Sequence[Scalar]) -> bytes:
    """The values by which records of a collection own others, as bytes."""
    return named("\0".join(("tie", collection, *fields)), values)


def mark(key: bytes, name: bytes) -> bytes:
    (only,) = _hashed(key, MARK_BYTES, (name,))
    return only


def packed_marks(key: bytes, names: Iterable[bytes]) -> bytes:
    return b"".join(sorted(_hashed(key, MARK_BYTES, names)))


def unpacked(marks: bytes) -> Iterable[bytes]:
    return (marks[at : at + MARK_BYTES] for at in range(0, len(marks), MARK_BYTES))


def commitments(salt: bytes, names: Iterable[bytes]) -> list[bytes]:
    return list(_hashed(salt, COMMITMENT_BYTES, names))


def _hashed(key: bytes, size: int, names: Iterable[bytes]) -> Iterator[bytes]:
    """Of each; what the key does to a hash is worked out once."""
    keyed = hashlib.blake2b(key=key, digest_size=size)
    for each in names:
        one = keyed.copy()
        one.update(each)
        yield one.digest()
