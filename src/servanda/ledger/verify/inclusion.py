"""Proofs as files of their own: an entry is in the ledger; one checkpoint grew from another.

    {"entry": "…", "index": 7, "size": 12, "path": ["base64", …], "checkpoint": "signed note"}
    {"old": "signed note", "new": "signed note", "path": ["base64", …]}

`entry` is the text of the entry, byte for byte as its leaf was hashed. The danger: to call
genuine what is not. So whatever is malformed, of another log, or of another size is refused, and
what is told of an entry is read from the very bytes that were proven. Tests:
tests/ledger/test_inclusion_file.py.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from servanda.ledger.verify.note import Checkpoint, NoteRefused, Verifier, decode
from servanda.ledger.verify.proof import consistent, included
from servanda.ledger.verify.report import Finding

LARGEST = 4 << 20  # bytes of such a file


@dataclass(slots=True)
class Proven:
    """`kind`: "inclusion" or "consistency". `index` and `entry` of what is included; `old` and
    `size` of the checkpoints. All of it stays empty unless the proof holds."""

    kind: str = ""
    index: int | None = None
    entry: dict[str, Any] = field(default_factory=dict)
    old: int | None = None
    size: int | None = None
    findings: list[Finding] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        return not self.findings

    def found(self, code: str, what: str) -> None:
        self.findings.append(Finding(code, "proof", what))


def inclusion_file(entry: bytes, index: int, size: int, path: list[str], note: str) -> bytes:
    """The file that shows an entry to be in the ledger; `path` in base64."""
    return _file(
        {"entry": entry.decode(), "index": index, "size": size, "path": path, "checkpoint": note}
    )


def consistency_file(old: str, new: str, path: list[str]) -> bytes:
    """The file that shows one signed checkpoint to be the beginning of another."""
    return _file({"old": old, "new": new, "path": path})


def is_proof(path: Path) -> bool:
    """Whether the file looks like one of these."""
    return isinstance(_object(path).get("path"), list)


def verify_proof(path: Path, vkey: str) -> Proven:
    """Check a proof's file against the public key; NoteRefused when that is none."""
    verifier = Verifier.parse(vkey)
    found, result = _object(path), Proven()
    try:
        hashes = [decode(each) for each in found["path"]]
        if "entry" in found:
            _inclusion(found, hashes, verifier, result)
        else:
            _consistency(found, hashes, verifier, result)
    except NoteRefused as refused:
        result.found("signature", str(refused))
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError):
        result.found("form", "it is malformed")
    return result


def _inclusion(
    found: dict[str, Any], hashes: list[bytes], verifier: Verifier, result: Proven
) -> None:
    result.kind = "inclusion"
    entry, index, checkpoint = found["entry"], found["index"], _checkpoint(found, verifier)
    if type(index) is not int or type(found["size"]) is not int:
        raise TypeError
    if found["size"] != checkpoint.size:
        result.found("size", "its checkpoint speaks of another size")
        return
    raw = entry.encode()
    if not included(raw, index, checkpoint.size, hashes, checkpoint.root):
        result.found("inclusion", "the entry is not in the ledger where it says")
        return
    told = json.loads(raw)
    if not isinstance(told, dict):
        raise TypeError
    result.index, result.entry, result.size = index, told, checkpoint.size


def _checkpoint(found: dict[str, Any], verifier: Verifier) -> Checkpoint:
    if not isinstance(found["checkpoint"], str):
        raise TypeError
    return verifier.checkpoint(found["checkpoint"])


def _consistency(
    found: dict[str, Any], hashes: list[bytes], verifier: Verifier, result: Proven
) -> None:
    result.kind = "consistency"
    old, new = (verifier.checkpoint(found[name]) for name in ("old", "new"))
    if not consistent(old.size, old.root, new.size, new.root, hashes):
        result.found("consistency", "the newer ledger does not begin with the older one")
        return
    result.old, result.size = old.size, new.size


def _object(path: Path) -> dict[str, Any]:
    try:
        if path.stat().st_size > LARGEST:
            return {}
        found = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _file(content: dict[str, Any]) -> bytes:
    return json.dumps(content, ensure_ascii=False, indent=1).encode() + b"\n"
