"""Proofs for people: of one entry under a signed checkpoint, and from one checkpoint to another."""

from __future__ import annotations

from dataclasses import dataclass

from servanda.kernel.errors import UsageError
from servanda.ledger import history, proofs
from servanda.ledger.entries import Entry
from servanda.ledger.verify.inclusion import consistency_file, inclusion_file
from servanda.ledger.verify.note import encode
from servanda.ledger.verify.proof import consistent, included
from servanda.ledger.verify.tree import leaf_hash
from servanda.state.connection import guard
from servanda.state.models import Checkpoint


@dataclass(frozen=True, slots=True)
class Inclusion:
    """That an entry is in the ledger. `holds`: checked here as a stranger would."""

    entry: Entry
    checkpoint: Checkpoint
    path: tuple[bytes, ...]
    holds: bool

    def file(self) -> bytes:
        path = [encode(each) for each in self.path]
        note = self.checkpoint.note
        return inclusion_file(self.entry.raw, self.entry.index, self.checkpoint.size, path, note)


@dataclass(frozen=True, slots=True)
class Consistency:
    """That nothing was changed between two checkpoints."""

    old: Checkpoint
    new: Checkpoint
    path: tuple[bytes, ...]
    holds: bool

    def file(self) -> bytes:
        return consistency_file(self.old.note, self.new.note, [encode(each) for each in self.path])


def leaf(entry: Entry) -> str:
    """The hash by which an entry stands in the tree, in hex."""
    return leaf_hash(entry.raw).hex()


def inclusion(index: int) -> Inclusion | None:
    """Under the newest checkpoint; None where none speaks of the entry yet. UsageError where the
    ledger has no such entry."""
    entry = history.at(index)
    with guard():
        newest = Checkpoint.objects.order_by("-size").first()
    if newest is None or newest.size <= index:
        return None
    path = tuple(proofs.inclusion(index, newest.size))
    holds = included(entry.raw, index, newest.size, path, bytes(newest.root))
    return Inclusion(entry, newest, path, holds)


def consistency(old: int, new: int) -> Consistency:
    """Between the checkpoints of these sizes; UsageError where there is none of that size."""
    first, second = of_size(old), of_size(new)
    if old > new:
        raise UsageError("the first checkpoint must be the smaller one", "turn them round")
    path = tuple(proofs.consistency(old, new))
    holds = consistent(old, bytes(first.root), new, bytes(second.root), path)
    return Consistency(first, second, path, holds)


def checkpoints(before: int | None = None, limit: int = 50) -> list[Checkpoint]:
    """The newest first; `before`: smaller than this."""
    rows = Checkpoint.objects.order_by("-size")
    if before is not None:
        rows = rows.filter(size__lt=before)
    with guard():
        return list(rows[:limit])


def of_size(size: int) -> Checkpoint:
    with guard():
        found = Checkpoint.objects.filter(size=size).first()
    if found is None:
        raise UsageError(f"there is no checkpoint of {size:,} entries", "see the list of them")
    return found
