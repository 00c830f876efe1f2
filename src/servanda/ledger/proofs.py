"""Roots and proofs of the stored tree, each from O(log n) small reads."""

from __future__ import annotations

from servanda.kernel.errors import ServandaError, UsageError
from servanda.ledger.log import KEPT_EVERY
from servanda.ledger.verify.tree import EMPTY_ROOT, leaf_hash, node_hash
from servanda.state.connection import guard
from servanda.state.models import Leaf, Node, Tree


class LedgerDamaged(ServandaError):
    """The stored tree contradicts itself or a checkpoint that was signed."""


def size() -> int:
    """How many entries the ledger has."""
    with guard():
        return Tree.objects.get(id=1).size


def root(of_size: int | None = None) -> bytes:
    """The root of the tree as it was at that size (now, without one)."""
    upto = _checked(size() if of_size is None else of_size)
    return _range(0, upto) if upto else EMPTY_ROOT


def inclusion(index: int, of_size: int) -> list[bytes]:
    """The proof that leaf `index` is in the tree of `of_size` leaves (RFC 6962, 2.1.1)."""
    if not 0 <= index < _checked(of_size):
        raise UsageError(f"the ledger of {of_size} entries has no entry {index}")
    path: list[bytes] = []
    low, high = 0, of_size
    while high - low > 1:
        middle = low + _split(high - low)
        if index < middle:
            path.append(_range(middle, high))
            high = middle
        else:
            path.append(_range(low, middle))
            low = middle
    return path[::-1]


def consistency(old: int, new: int) -> list[bytes]:
    """The proof that the tree of `old` leaves is the beginning of that of `new` (2.1.2)."""
    if not 0 <= old <= _checked(new):
        raise UsageError(f"a ledger of {new} entries does not begin with one of {old}")
    if old in (0, new):
        return []
    path: list[bytes] = []
    low, high, whole = 0, new, True
    while old != high:
        middle = low + _split(high - low)
        if old <= middle:
            path.append(_range(middle, high))
            high = middle
        else:
            path.append(_range(low, middle))
            low, whole = middle, False
    if not whole:
        path.append(_range(low, high))
    return path[::-1]


def _checked(of_size: int) -> int:
    there = size()
    if not 0 <= of_size <= there:
        raise UsageError(f"the ledger has {there} entries, not {of_size}")
    return of_size


def _split(width: int) -> int:
    """The largest power of two below `width`."""
    return 1 << (width - 1).bit_length() - 1


def _range(low: int, high: int) -> bytes:
    """The root over the leaves from `low` (a subtree's left edge) to before `high`."""
    width = high - low
    if width & (width - 1) == 0:
        return _complete(width.bit_length() - 1, low)
    middle = low + _split(width)
    return node_hash(_range(low, middle), _range(middle, high))


def _complete(level: int, low: int) -> bytes:
    """The root of a complete subtree, from the nearest stored level below it."""
    stored = level - level % KEPT_EVERY
    first, count = low >> stored, 1 << level - stored
    span = {"index__gte": first, "index__lt": first + count}
    with guard():
        if stored:
            rows = Node.objects.filter(level=stored, **span).order_by("index")
            hashes = [bytes(each) for each in rows.values_list("hash", flat=True)]
        else:
            leaves = Leaf.objects.filter(**span).order_by("index")
            hashes = [leaf_hash(bytes(each)) for each in leaves.values_list("entry", flat=True)]
    if len(hashes) != count:
        raise LedgerDamaged(
            f"the ledger lacks some of the entries {low} to {low + (1 << level) - 1}",
            "restore the state database from a backup; `servanda verify` says more",
        )
    while len(hashes) > 1:
        hashes = [node_hash(*pair) for pair in zip(hashes[::2], hashes[1::2], strict=True)]
    return hashes[0]
