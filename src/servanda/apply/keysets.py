"""Arithmetic on packed keys: what resuming needs to say what truly went."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from servanda.kernel.errors import StoreRefused
from servanda.stores.port import Keys

_WIDTH = {"i8": 8, "sha256": 32}


def of_partition(name: str, records: int) -> Keys:
    """The keys of a partition that goes whole: its name stands for all its records."""
    return Keys("partition", name.encode() if records else b"", records)


def members(keys: Keys) -> list[bytes]:
    """The packed identities, one by one, repetitions kept (keyless tables may hold twins)."""
    if keys.encoding == "partition":
        return [keys.data] if keys.count else []
    if keys.encoding == "json":
        return keys.data.split(b"\n")[: keys.count] if keys.data else []
    width = _WIDTH[keys.encoding]
    return [keys.data[at : at + width] for at in range(0, len(keys.data), width)]


def union(one: Keys, other: Keys) -> Keys:
    """In either, each as often as where it is most often."""
    if not other.count or one == other:
        return one
    if not one.count:
        return other
    _same(one, other)
    if one.encoding == "partition":
        return one if one.count >= other.count else other
    extra = _counted(members(other))
    mine = members(one)
    for each in mine:
        if extra.get(each):
            extra[each] -= 1
    return _pack(one, [*mine, *(each for each, n in extra.items() for _ in range(n))])


def minus(one: Keys, other: Keys) -> Keys:
    """In the first and not in the second."""
    if not one.count or not other.count:
        return one
    _same(one, other)
    if one.encoding == "partition":
        return Keys("partition", b"", 0)
    out = _counted(members(other))
    left: list[bytes] = []
    for each in members(one):
        if out.get(each):
            out[each] -= 1
        else:
            left.append(each)
    return _pack(one, left)


def equal(one: Keys, other: Keys) -> bool:
    """Whether both name the same records, whatever their order."""
    if one.count != other.count:
        return False
    return one.data == other.data or sorted(members(one)) == sorted(members(other))


def digest(keys: Keys) -> str:
    """SHA-256 over encoding and packed keys, in hex."""
    return hashlib.sha256(keys.encoding.encode() + b"\0" + keys.data).hexdigest()


def _pack(like: Keys, parts: list[bytes]) -> Keys:
    if like.encoding == "i8":  # two's complement does not sort as bytes do
        parts.sort(key=lambda part: int.from_bytes(part, "big", signed=True))
    else:
        parts.sort()
    glue = b"\n" if like.encoding == "json" else b""
    return Keys(like.encoding, glue.join(parts), len(parts))


def _counted(parts: Iterable[bytes]) -> dict[bytes, int]:
    counts: dict[bytes, int] = {}
    for part in parts:
        counts[part] = counts.get(part, 0) + 1
    return counts


def _same(one: Keys, other: Keys) -> None:
    if one.encoding != other.encoding:
        raise StoreRefused(
            "the records of a window are named in another way than before the interruption",
            "the table's key was changed meanwhile; make a new plan",
        )
