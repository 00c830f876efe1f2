"""Manifests against the entries that name them; opened where the run's key is at hand."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from servanda.kernel.canonical import NotCanonical
from servanda.kernel.digest import sha256_hex
from servanda.kernel.seal import SealBroken, unseal
from servanda.ledger.verify.manifest import agrees, place
from servanda.ledger.verify.note import NoteRefused, decode
from servanda.ledger.verify.report import Report

Sealed = tuple[str, bytes | None]  # digest, sealed bytes (None: the ledger's owner lacks them)
Take = Callable[[str], Sealed]


class MalformedManifest(ValueError):
    """A line of the manifests is not one."""


class ManifestCheck:
    """Called with each entry that names a manifest; takes that manifest and compares.

    `take` is given the digest the entry names and answers with what is there instead: in a bundle
    simply the next one, in a database the one found under that digest.
    """

    def __init__(self, take: Take, keys: Mapping[str, bytes], report: Report) -> None:
        self._take = take
        self._keys = keys
        self._report = report
        self.in_step = True  # until a manifest is not the one its entry names

    def __call__(self, index: int, entry: Mapping[str, Any]) -> None:
        if not self.in_step:
            return
        where, named = f"entry {index}", entry["manifest"]
        digest, sealed = self._take(named) if isinstance(named, str) else ("", None)
        if digest != named:
            self.in_step = False  # every later comparison would fail too
            self._report.found("manifest", where, "another manifest stands in its place, or none")
        elif sealed is None:
            self._report.found("manifest-missing", where, "its manifest is missing")
        elif sha256_hex(sealed) != digest:
            self._report.found("manifest", where, "its manifest was altered")
        else:
            self._report.manifests += 1
            self._open(where, entry, sealed)

    def _open(self, where: str, entry: Mapping[str, Any], sealed: bytes) -> None:
        try:
            key = self._keys.get(entry["run"])
            if key is None:
                return
            encoding, count = entry["encoding"], entry["count"]
            bound = place(entry["run"], entry["step"], entry["window"], encoding, count)
            data = unseal(key, sealed, bound)
        except (SealBroken, KeyError, TypeError, NotCanonical):
            self._report.found(
                "manifest-seal", where, "its manifest does not open with the given evidence key"
            )
            return
        if agrees(encoding, data, count):
            self._report.opened += 1
        else:
            self._report.found(
                "manifest-count", where, "its manifest does not hold as many keys as it says"
            )


def parse_line(line: bytes) -> Sealed:
    """One line of `manifests.jsonl`; MalformedManifest when it is not one."""
    try:
        given = json.loads(line)
        digest, sealed = given["digest"], given["sealed"]
        if not isinstance(digest, str) or len(given) != 2:
            raise MalformedManifest("a line of the manifests is malformed")
        return digest, None if sealed is None else decode(sealed)
    except (ValueError, TypeError, KeyError, RecursionError, NoteRefused):
        raise MalformedManifest("a line of the manifests is malformed") from None
