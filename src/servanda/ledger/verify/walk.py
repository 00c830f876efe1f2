"""One pass over all entries: tree, checkpoints, time, and what each entry says of a manifest.

Every checkpoint's root must be the root of the first `size` of the very same entries. So all
checkpoints are consistent with one another, and each entry is included, by construction.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

import orjson

from servanda.kernel.canonical import is_canonical
from servanda.ledger.verify.report import Report
from servanda.ledger.verify.statements import Statement
from servanda.ledger.verify.tree import Frontier, leaf_hashes

OnManifest = Callable[[int, Mapping[str, Any]], None]


class Walk:
    """Feed it every entry in order, then `finish`. Findings go to `report`."""

    def __init__(
        self,
        statements: list[Statement],
        report: Report,
        on_manifest: OnManifest | None = None,
    ) -> None:
        self._statements = iter(statements)
        self._next = next(self._statements, None)
        self._last_fit = 0  # the largest size whose root was as signed
        self._broken = False
        self._frontier = Frontier()
        self._report = report
        self._on_manifest = on_manifest
        self._last_at = ""
        self._covered = 0

    def feed(self, entries: list[bytes]) -> None:
        first = self._frontier.size
        hashes = leaf_hashes(entries)
        self._compare()
        done = 0
        while self._next is not None and self._next.size <= first + len(hashes):
            upto = self._next.size - first
            self._frontier.extend(hashes[done:upto])
            done = upto
            self._compare()
        self._frontier.extend(hashes[done:])
        self._read(first, entries)

    def finish(self) -> None:
        """Call once after the last entry."""
        report, size = self._report, self._frontier.size
        self._compare()
        report.entries = size
        report.root = self._frontier.root().hex()
        report.last_at = self._last_at or None
        while self._next is not None:
            code = "truncated" if self._next.earlier else "entries-missing"
            report.found(
                code,
                self._next.where,
                f"{self._next.size - size} of its entries are not there (only {size} are)",
            )
            self._advance()
        report.uncovered = size - self._covered

    def _compare(self) -> None:
        """Hold every statement about the present size against the tree."""
        while self._next is not None and self._next.size == self._frontier.size:
            fits = self._frontier.root() == self._next.root
            if fits:
                self._last_fit = self._next.size
            elif self._next.earlier:
                self._report.found(
                    "rewritten",
                    self._next.where,
                    "history was rewritten since: its root is not that of these entries",
                )
            elif not self._broken:  # what follows a changed entry cannot fit either
                self._broken = True
                self._report.found(
                    "root",
                    self._next.where,
                    f"its root is not that of the entries: {span(self._last_fit, self._next.size)}"
                    " were changed, removed, inserted or reordered, or the checkpoint is forged",
                )
            if not self._next.earlier:
                self._covered = self._next.size
            self._advance()

    def _advance(self) -> None:
        self._next = next(self._statements, None)

    def _read(self, first: int, entries: list[bytes]) -> None:
        report, kinds, last = self._report, self._report.kinds, self._last_at
        scan, parse = orjson.loads, datetime.fromisoformat
        for index, raw in enumerate(entries, first):
            try:
                entry = scan(raw)
                kind, at = entry["kind"], entry["at"]
                if len(at) != 27 or not is_canonical(raw, entry):
                    raise ValueError
                parse(at)
                if type(kind) is not str:
                    raise TypeError
                kinds[kind] = kinds.get(kind, 0) + 1
            except _MALFORMED:
                report.found("entry", f"entry {index}", "it is not an entry of a ledger")
                continue
            if at < last:
                report.found(
                    "time", f"entry {index}", f"its time {at} is before that of the entry before it"
                )
            last = at
            if "manifest" in entry and self._on_manifest is not None:
                self._on_manifest(index, entry)
            if report.first_at is None:
                report.first_at = at
        self._last_at = last


# Not UTF-8, not JSON, no canonical form (ValueError), or another shape than ours.
_MALFORMED = (ValueError, TypeError, KeyError, RecursionError)


def span(low: int, high: int) -> str:
    """`entry 7`, or `entries 7 to 12`; `high` is not among them."""
    return f"entry {low}" if high == low + 1 else f"entries {low} to {high - 1}"
