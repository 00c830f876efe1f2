"""The proof of one entry as a file: genuine ones hold, and no altered one does."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from servanda import ledger
from servanda.ledger.signer import Signer
from servanda.ledger.verify import NoteRefused, is_proof, is_statement, verify_proof
from servanda.ledger.verify.inclusion import consistency_file, inclusion_file
from servanda.ledger.verify.note import encode
from tests.ledger.evidence import Evidence

Change = Callable[[dict[str, Any]], object]


def _proof(evidence: Evidence, index: int, size: int, note: str) -> bytes:
    path = [encode(each) for each in ledger.proofs.inclusion(index, size)]
    return inclusion_file(ledger.history.at(index).raw, index, size, path, note)


def _written(folder: Path, content: bytes) -> Path:
    path = folder / "proof.json"
    path.write_bytes(content)
    return path


def test_every_entry_can_be_proven_under_every_checkpoint(
    evidence: Evidence, tmp_path: Path
) -> None:
    vkey = evidence.signer.vkey
    for size, note in zip((9, 20, 23), evidence.notes, strict=True):
        for index in range(size):
            path = _written(tmp_path, _proof(evidence, index, size, note))
            found = verify_proof(path, vkey)
            assert (found.ok, found.kind, found.index, found.size) == (
                True,
                "inclusion",
                index,
                size,
            )
            assert found.entry == ledger.history.at(index).data


def _flip(text: str) -> str:
    return ("B" if text[0] != "B" else "C") + text[1:]


ALTERED: dict[str, Change] = {
    "another entry": lambda p: p.update(entry=p["entry"].replace("census", "censuS")),
    "one space more": lambda p: p.update(entry=p["entry"] + " "),
    "another place": lambda p: p.update(index=p["index"] + 1),
    "a negative place": lambda p: p.update(index=-1),
    "a place as text": lambda p: p.update(index=str(p["index"])),
    "true for a place": lambda p: p.update(index=True),
    "another size": lambda p: p.update(size=p["size"] + 1),
    "a hash less": lambda p: p["path"].pop(),
    "a hash more": lambda p: p["path"].append(p["path"][0]),
    "hashes turned": lambda p: p["path"].reverse(),
    "a changed hash": lambda p: p["path"].__setitem__(0, _flip(p["path"][0])),
    "no base64": lambda p: p["path"].__setitem__(0, "§"),
    "a number in the path": lambda p: p["path"].__setitem__(0, 5),
    "a changed note": lambda p: p.update(checkpoint=p["checkpoint"].replace("\n23\n", "\n24\n")),
    "no note": lambda p: p.pop("checkpoint"),
    "a note that is none": lambda p: p.update(checkpoint=None),
    "half a character": lambda p: p.update(entry="\ud800"),
    "nothing of an entry": lambda p: p.update(entry=None),
}


@pytest.mark.parametrize("name", ALTERED)
def test_an_altered_proof_is_found_out(evidence: Evidence, tmp_path: Path, name: str) -> None:
    sound = _proof(evidence, 21, 23, evidence.notes[2])
    assert verify_proof(_written(tmp_path, sound), evidence.signer.vkey).ok
    proof = json.loads(sound)
    ALTERED[name](proof)
    found = verify_proof(_written(tmp_path, json.dumps(proof).encode()), evidence.signer.vkey)
    assert not found.ok
    assert (found.entry, found.index) == ({}, None)


def test_a_checkpoint_of_another_key_proves_nothing(evidence: Evidence, tmp_path: Path) -> None:
    other = Signer.open(tmp_path / "other.key", evidence.signer.name)
    path = _written(tmp_path, _proof(evidence, 3, 23, evidence.notes[2]))
    assert verify_proof(path, evidence.signer.vkey).ok
    assert [each.code for each in verify_proof(path, other.vkey).findings] == ["signature"]
    with pytest.raises(NoteRefused):
        verify_proof(path, "nonsense")


def test_one_checkpoint_grew_from_another(evidence: Evidence, tmp_path: Path) -> None:
    old, _, new = evidence.notes
    steps = [encode(each) for each in ledger.proofs.consistency(9, 23)]
    found = verify_proof(
        _written(tmp_path, consistency_file(old, new, steps)), evidence.signer.vkey
    )
    assert (found.ok, found.kind, found.old, found.size) == (True, "consistency", 9, 23)
    for bad in (
        consistency_file(new, old, steps),
        consistency_file(old, evidence.notes[1], steps),
        consistency_file(old, new, steps[:-1]),
    ):
        assert not verify_proof(_written(tmp_path, bad), evidence.signer.vkey).ok


def test_proofs_are_told_from_other_files(evidence: Evidence, tmp_path: Path) -> None:
    path = _written(tmp_path, _proof(evidence, 3, 23, evidence.notes[2]))
    assert is_proof(path)
    assert is_statement(path), "both begin with a brace, so proofs are looked for first"
    assert not is_proof(_written(tmp_path, b'{"receipt": {}, "signature": ""}'))
    assert not is_proof(_written(tmp_path, b"[" * 100_000))
    assert not is_proof(tmp_path / "nothing")
