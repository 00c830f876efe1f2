"""RFC 6962 Merkle tree hashing: leaves, nodes, and a tree that grows at its right edge.

Pure functions over hashes; the ledger builds with them and the verifier checks with them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from hashlib import sha256

EMPTY_ROOT = sha256(b"").digest()
HASH_BYTES = 32


def leaf_hash(entry: bytes) -> bytes:
    return sha256(b"\0" + entry).digest()


def leaf_hashes(entries: Iterable[bytes]) -> list[bytes]:
    return [sha256(b"\0" + entry).digest() for entry in entries]


def node_hash(left: bytes, right: bytes) -> bytes:
    return sha256(b"\1" + left + right).digest()


class Frontier:
    """The complete subtrees of a tree of `size` leaves: enough to append and to know its root.

    `peaks[level]` is the root of the complete subtree of 2^level leaves that waits for its right
    sibling, or None; present exactly where `size` has that bit.
    """

    __slots__ = ("peaks", "size")

    def __init__(self) -> None:
        self.size = 0
        self.peaks: list[bytes | None] = []

    @classmethod
    def unpack(cls, size: int, packed: bytes) -> Frontier:
        """From the size and the peaks, largest first; ValueError if they do not fit."""
        if size < 0 or len(packed) != HASH_BYTES * size.bit_count():
            raise ValueError("the peaks do not fit the size of the tree")
        frontier = cls()
        frontier.size = size
        frontier.peaks = [None] * size.bit_length()
        levels = [level for level in range(size.bit_length()) if size >> level & 1]
        for place, level in enumerate(reversed(levels)):
            frontier.peaks[level] = packed[place * HASH_BYTES : (place + 1) * HASH_BYTES]
        return frontier

    def pack(self) -> bytes:
        return b"".join(peak for peak in reversed(self.peaks) if peak is not None)

    def extend(
        self,
        hashes: list[bytes],
        made: Callable[[int, int, list[bytes]], None] | None = None,
    ) -> None:
        """Append leaves by their hashes. `made(level, first index, hashes)` is told each level's
        newly completed subtrees, level 0 being the leaves themselves."""
        before, level = self.size, 0
        self.size += len(hashes)
        while hashes:
            if made is not None:
                made(level, before >> level, hashes)
            if level == len(self.peaks):
                self.peaks.append(None)
            waiting = self.peaks[level]
            row = hashes if waiting is None else [waiting, *hashes]
            self.peaks[level] = row[-1] if len(row) % 2 else None
            hashes = [
                sha256(b"\1" + left + right).digest()
                for left, right in zip(row[::2], row[1::2], strict=False)
            ]
            level += 1

    def root(self) -> bytes:
        root: bytes | None = None
        for peak in self.peaks:
            if peak is not None:
                root = peak if root is None else node_hash(peak, root)
        return EMPTY_ROOT if root is None else root
