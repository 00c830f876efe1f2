"""Verify the ledger where it lies: what the verifier checks, and that our own columns agree."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

from servanda.ledger import checkpoint, history, manifests
from servanda.ledger.entries import from_micros, stamp
from servanda.ledger.verify.leaves import verify_leaves
from servanda.ledger.verify.report import Report
from servanda.state.connection import guard
from servanda.state.models import Tree


def verify(
    vkey: str,
    since: str | None = None,
    *,
    with_manifests: bool = True,
    keys: Mapping[str, bytes] | None = None,
) -> Report:
    """Check the state database's ledger against its public key and, if given, a checkpoint kept
    since earlier. `keys`: evidence keys by run, to open manifests with.

    Entries appended while it runs are left out. NoteRefused when `vkey` is not a key.
    """
    report = Report()
    newest = checkpoint.newest()
    with guard():
        tree = Tree.objects.get(id=1)
    size = tree.size
    verify_leaves(
        _pages(size, report),
        checkpoint.notes(upto=size),
        vkey,
        since,
        manifests.find if with_manifests else None,
        keys,
        report,
    )
    if newest is not None and newest.size > size:
        report.found(
            "entries-missing",
            f"checkpoint of {newest.size} entries",
            f"{newest.size - size} of its entries are not there (only {size} are)",
        )
    return report


def _pages(size: int, report: Report) -> Iterator[list[bytes]]:
    """The entries, after a look at the columns that history is searched by."""
    expected = 0
    for page in history.rows(size):
        for index, kind, at, entry in page:
            if index != expected:
                report.found("gap", f"entry {expected}", "it is not there")
                expected = index
            expected += 1
            if not _fits(kind, at, entry):
                report.found(
                    "columns",
                    f"entry {index}",
                    "it is filed under another kind or time than it has",
                )
        yield [entry for _, _, _, entry in page]
    if expected != size:
        report.found("size", "ledger", f"it counts {size} entries but has {expected}")


def _fits(kind: str, at: int, entry: bytes) -> bool:
    try:
        data = json.loads(entry)
        return bool(data["kind"] == kind and data["at"] == stamp(from_micros(at)))
    except (ValueError, TypeError, KeyError, RecursionError, OverflowError):
        return False
