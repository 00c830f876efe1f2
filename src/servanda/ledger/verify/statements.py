"""The checkpoints a ledger is held against: read, signature checked, put in order."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from servanda.ledger.verify.note import NoteRefused, Verifier
from servanda.ledger.verify.report import Report


@dataclass(frozen=True, slots=True)
class Statement:
    """Somebody signed that the first `size` entries have this root."""

    size: int
    root: bytes
    where: str
    earlier: bool = False  # kept by the verifier since before, not taken from what is verified


def gather(
    notes: Iterable[str], verifier: Verifier, since: str | None, report: Report
) -> list[Statement]:
    """Statements by ascending size; whatever is malformed or not signed by the key is reported."""
    statements: list[Statement] = []
    largest = -1
    for number, note in enumerate(notes, 1):
        where = f"checkpoint {number}"
        try:
            stated = verifier.checkpoint(note)
        except NoteRefused as refused:
            report.found("checkpoint", where, str(refused))
            continue
        where = f"checkpoint of {stated.size} entries"
        if stated.size <= largest:
            report.found("checkpoint-order", where, "it does not come after a smaller one")
            continue
        largest = stated.size
        statements.append(Statement(stated.size, stated.root, where))
        report.checkpoints += 1
    if since is not None:
        try:
            earlier = verifier.checkpoint(since)
        except NoteRefused as refused:
            report.found("earlier-checkpoint", "the earlier checkpoint", str(refused))
        else:
            report.earlier_size = earlier.size
            where = f"the earlier checkpoint of {earlier.size} entries"
            statements.append(Statement(earlier.size, earlier.root, where, earlier=True))
    return sorted(statements, key=lambda each: each.size)
