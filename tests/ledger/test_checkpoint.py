"""Checkpoints: one a size, and published files that are never replaced by others."""

from pathlib import Path

import pytest

from servanda import ledger
from servanda.kernel.errors import UsageError
from servanda.ledger.proofs import LedgerDamaged
from servanda.ledger.signer import Signer


def grow(count: int = 3) -> None:
    ledger.append([{"kind": "census"}] * count)


def test_the_same_size_gives_the_same_note(each_state: str, signer: Signer) -> None:
    from servanda.state.models import Checkpoint

    empty = ledger.checkpoint.make(signer)
    assert signer.verifier.checkpoint(empty).size == 0
    grow()
    first = ledger.checkpoint.make(signer)
    assert ledger.checkpoint.make(signer) == first
    grow()
    second = ledger.checkpoint.make(signer)
    assert list(ledger.checkpoint.notes()) == [empty, first, second]
    assert list(ledger.checkpoint.notes(upto=5)) == [empty, first]
    stated = signer.verifier.checkpoint(second)
    assert (stated.size, stated.root) == (6, ledger.proofs.root())
    assert Checkpoint.objects.count() == 3
    assert ledger.checkpoint.note_at(3, signer) == first


def test_publishing(sqlite_state: str, signer: Signer, tmp_path: Path) -> None:
    folder = tmp_path / "public"
    assert ledger.checkpoint.publish(folder) is None
    notes = {}
    for size in (3, 6):
        grow()
        notes[size] = ledger.checkpoint.make(signer)
    assert ledger.checkpoint.publish(folder) == folder / "checkpoint"
    assert (folder / "checkpoint").read_text() == notes[6]
    grow()
    notes[9] = ledger.checkpoint.make(signer)
    kept = (folder / "checkpoints" / "3").stat().st_mtime_ns
    ledger.checkpoint.publish(folder)
    assert (folder / "checkpoint").read_text() == notes[9]
    each = {int(path.name): path.read_text() for path in (folder / "checkpoints").iterdir()}
    assert each == notes
    assert (folder / "checkpoints" / "3").stat().st_mtime_ns == kept
    assert sorted(path.name for path in folder.iterdir()) == ["checkpoint", "checkpoints"]


def test_another_history_is_not_published_over(
    sqlite_state: str, signer: Signer, tmp_path: Path
) -> None:
    from servanda.state.models import Checkpoint

    grow()
    ledger.checkpoint.make(signer)
    ledger.checkpoint.publish(tmp_path)
    stated = (tmp_path / "checkpoint").read_text()
    other = Signer("example.test/privacy", bytes(32))
    Checkpoint.objects.update(note=ledger.checkpoint.note_at(3, other))
    with pytest.raises(LedgerDamaged, match="is not one of this ledger"):
        ledger.checkpoint.publish(tmp_path)
    Checkpoint.objects.update(size=2)
    with pytest.raises(LedgerDamaged, match="is not one of this ledger"):
        ledger.checkpoint.publish(tmp_path)
    assert (tmp_path / "checkpoint").read_text() == stated
    assert [each.name for each in (tmp_path / "checkpoints").iterdir()] == ["3"]


def test_a_folder_that_cannot_be_written(sqlite_state: str, signer: Signer, tmp_path: Path) -> None:
    grow()
    ledger.checkpoint.make(signer)
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(UsageError, match="cannot be published"):
        ledger.checkpoint.publish(tmp_path / "file")
