"""Verify a ledger that is not in a bundle: its leaves and checkpoints as iterators."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from servanda.ledger.verify.note import Verifier
from servanda.ledger.verify.report import Report
from servanda.ledger.verify.sealed import ManifestCheck, Take
from servanda.ledger.verify.statements import gather
from servanda.ledger.verify.walk import Walk


def verify_leaves(
    leaves: Iterable[list[bytes]],
    notes: Iterable[str],
    vkey: str,
    since: str | None = None,
    take: Take | None = None,
    keys: Mapping[str, bytes] | None = None,
    report: Report | None = None,
) -> Report:
    """Check entries (their bytes in order, some at a time) as `verify_bundle` does a bundle's.

    `notes`: the signed checkpoints by size; entries younger than the last are no fault here, they
    are counted as `uncovered`. `take`: finds a manifest
    by the digest an entry names; without it manifests are not looked at. `report`: one the
    caller adds findings of its own to. Raises NoteRefused only when `vkey` is not a key.
    """
    verifier = Verifier.parse(vkey)
    report = Report() if report is None else report
    statements = gather(notes, verifier, since, report)
    check = None
    if take is None:
        report.manifests_left_out = True
    else:
        check = ManifestCheck(take, keys or {}, report)
    walk = Walk(statements, report, check)
    for page in leaves:
        walk.feed(page)
    walk.finish()
    return report
