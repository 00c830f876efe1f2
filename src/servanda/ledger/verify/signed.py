"""Statements signed on their own: the receipt of a request or of a consent, the manifest of a
package.

    {"receipt": {…}, "signature": "signed note", "evidence": [{entry, index, checkpoint, proof}]}

The note's text is the origin with the kind, and the digest of the statement's canonical bytes:
`example.com/receipt`, then 64 hexadecimal digits. So nothing that was signed as one thing can be
taken for another, a checkpoint least of all. The evidence shows entries of the ledger that speak
of the statement; it needs no signature of its own, because a signed checkpoint speaks for it.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, TypeAlias

from servanda.kernel.canonical import NotCanonical
from servanda.kernel.digest import digest_of, file_digest, sha256_hex
from servanda.kernel.seal import opens
from servanda.ledger.verify.note import NoteRefused, Verifier, decode
from servanda.ledger.verify.proof import included
from servanda.ledger.verify.report import Finding

Kind: TypeAlias = Literal["receipt", "package", "consent"]
_KINDS: tuple[Kind, ...] = ("receipt", "package", "consent")
LARGEST = 64 << 20  # bytes of a file with a statement


@dataclass(slots=True)
class Signed:
    """`statement` is what was signed, empty unless it is genuine. `entries`: places of ledger
    entries that speak of it; `files`: how many files beside a manifest are what it says."""

    kind: str = ""
    statement: dict[str, Any] = field(default_factory=dict)
    entries: list[int] = field(default_factory=list)
    files: int = 0
    findings: list[Finding] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        return not self.findings

    def found(self, code: str, where: str, what: str) -> None:
        self.findings.append(Finding(code, where, what))


def statement_text(origin: str, kind: Kind, statement: dict[str, Any]) -> str:
    """What is signed."""
    return f"{origin}/{kind}\n{digest_of(statement)}\n"


def is_statement(path: Path) -> bool:
    """Whether the file looks like one, and not like a bundle."""
    with path.open("rb") as file:
        return file.read(1) == b"{"


def verify_signed(path: Path, vkey: str) -> Signed:
    """Check the statement in the file against the public key; NoteRefused when that is none.

    A package's manifest is held against the files beside it.
    """
    verifier = Verifier.parse(vkey)
    result = Signed()
    found = _object(path)
    kind: Kind | None = next((k for k in _KINDS if k in found), None)
    if kind is None or not isinstance(found[kind], dict):
        result.found("form", path.name, "it is neither a receipt nor a manifest of a package")
        return result
    result.kind = kind
    statement = found[kind]
    try:
        signed = verifier.text(str(found.get("signature")))
        if signed != statement_text(verifier.name, kind, statement):
            result.found("signature", path.name, "something else was signed than what it says")
            return result
    except NoteRefused as refused:
        result.found("signature", path.name, str(refused))
        return result
    except NotCanonical:
        result.found("form", path.name, "it holds what has no canonical form")
        return result
    result.statement = statement
    evidence = found.get("evidence", [])
    for number, each in enumerate(evidence if isinstance(evidence, list) else [None], 1):
        _evidence(each, f"evidence {number}", verifier, result)
    if kind == "package":
        _files(path.parent, statement, result)
    return result


def _object(path: Path) -> dict[str, Any]:
    if path.stat().st_size > LARGEST:
        return {}
    try:
        found = json.loads(path.read_bytes())
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _evidence(each: Any, where: str, verifier: Verifier, result: Signed) -> None:
    try:
        entry, index = str(each["entry"]), int(each["index"])
        checkpoint = verifier.checkpoint(str(each["checkpoint"]))
        proof = [decode(str(hashed)) for hashed in each["proof"]]
    except NoteRefused as refused:
        result.found("evidence", where, str(refused))
        return
    except (KeyError, TypeError, ValueError):
        result.found("evidence", where, "it is malformed")
        return
    if not included(entry.encode(), index, checkpoint.size, proof, checkpoint.root):
        result.found("evidence", where, "the entry is not in the ledger where it says")
    elif not _speaks_of(entry, result):
        result.found("evidence", where, "the entry speaks of something else")
    else:
        result.entries.append(index)


def _speaks_of(entry: str, result: Signed) -> bool:
    """The entry names the request, and where it names a receipt, this one."""
    try:
        told = json.loads(entry)
    except ValueError:
        return False
    if not isinstance(told, dict):
        return False
    if result.kind == "consent":
        return _is_of_consent(told, result.statement)
    named = told.get("requests") if "requests" in told else [told.get("request")]
    if not isinstance(named, list) or result.statement.get("request") not in named:
        return False
    return told.get("kind") != "request.replied" or told.get(result.kind) in (
        None,
        digest_of(result.statement),
    )


def _is_of_consent(told: dict[str, Any], statement: dict[str, Any]) -> bool:
    """The entry holds the commitment of exactly this record."""
    try:
        raw, salt = str(statement["kept"]).encode(), bytes.fromhex(str(statement["salt"]))
        record = json.loads(raw)["record"]
    except (KeyError, TypeError, ValueError):
        return False
    return (
        told.get("kind") == "consent.recorded"
        and told.get("record") in (record, sha256_hex(str(record).encode()))
        and opens(str(told.get("commitment")), raw, salt)
    )


def _files(folder: Path, statement: dict[str, Any], result: Signed) -> None:
    members = statement.get("members")
    for each in members if isinstance(members, list) else []:
        name = str(each.get("name")) if isinstance(each, dict) else ""
        path = folder / name
        if not name or ".." in Path(name).parts or Path(name).is_absolute():
            result.found("file", "manifest", "it names a file outside the package")
        elif not path.is_file():
            result.found("file", name, "it is not there")
        elif file_digest(path) != each.get("sha256"):
            result.found("file", name, "it is not what was packed")
        else:
            result.files += 1
