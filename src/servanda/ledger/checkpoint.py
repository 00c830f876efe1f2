"""Checkpoints: signed statements of the tree's root, and their publication as files."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from servanda import state
from servanda.kernel.errors import UsageError
from servanda.ledger.proofs import LedgerDamaged, root
from servanda.ledger.signer import Signer
from servanda.ledger.verify.note import checkpoint_text
from servanda.state.connection import guard
from servanda.state.models import Checkpoint, Tree

NEWEST = "checkpoint"
EACH = "checkpoints"


def note_at(size: int, signer: Signer) -> str:
    """The signed checkpoint of the tree as it was at `size`; not stored."""
    return signer.sign(checkpoint_text(signer.name, size, root(size)))


def make(signer: Signer, *, now: datetime | None = None) -> str:
    """Sign the tree as it is now, store the checkpoint, and return its note.

    The same size again gives the same note. Refuses (LedgerDamaged) to sign a tree in which the
    newest checkpoint does not fit any more.
    """
    with state.transaction():
        tree = Tree.objects.select_for_update().get(id=1)
        newest = Checkpoint.objects.order_by("-size").first()
        if newest is not None:
            if newest.size > tree.size or root(newest.size) != bytes(newest.root):
                raise LedgerDamaged(
                    f"the ledger no longer fits its own checkpoint at {newest.size} entries",
                    "it was changed or restored from an older backup; see `servanda verify`",
                )
            if newest.size == tree.size:
                return newest.note
        note = note_at(tree.size, signer)
        Checkpoint.objects.create(
            size=tree.size,
            root=root(tree.size),
            note=note,
            at=datetime.now(UTC) if now is None else now,
        )
        return note


def notes(upto: int | None = None) -> Iterator[str]:
    """Stored checkpoints of at most `upto` entries, by size."""
    rows = Checkpoint.objects.order_by("size")
    if upto is not None:
        rows = rows.filter(size__lte=upto)
    with guard():
        yield from rows.values_list("note", flat=True).iterator(chunk_size=500)


def newest() -> Checkpoint | None:
    with guard():
        return Checkpoint.objects.order_by("-size").first()


def publish(folder: Path) -> Path | None:
    """Write each checkpoint not yet there to `folder/checkpoints/SIZE`, the newest to
    `folder/checkpoint` too, and return that; None when there is no checkpoint.

    Files appear complete or not at all, and one that is there is never replaced: LedgerDamaged
    when the newest published checkpoint is not among ours.
    """
    latest = newest()
    if latest is None:
        return None
    each = folder / EACH
    try:
        each.mkdir(parents=True, exist_ok=True)
        there = {int(path.name) for path in each.iterdir() if path.name.isdecimal()}
        _agree(each, there)
        with guard():
            ours = Checkpoint.objects.order_by("size").values_list("size", "note")
            for size, note in ours.iterator(chunk_size=500):
                if size not in there:
                    _write(each / str(size), note)
        _write(folder / NEWEST, latest.note)
    except OSError as error:
        raise UsageError(
            f"checkpoints cannot be published in {folder} ({error.strerror})",
            "check that the folder can be written",
        ) from None
    return folder / NEWEST


def _agree(each: Path, there: set[int]) -> None:
    if not there:
        return
    size = max(there)
    with guard():
        ours = Checkpoint.objects.filter(size=size).first()
    if ours is None or ours.note.encode() != (each / str(size)).read_bytes():
        raise LedgerDamaged(
            f"the published checkpoint at {size} entries is not one of this ledger",
            "the state database may be an older backup; do not publish over it",
        )


def _write(path: Path, note: str) -> None:
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    with draft.open("w", encoding="utf-8") as file:
        file.write(note)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
