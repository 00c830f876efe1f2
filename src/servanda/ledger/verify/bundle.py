"""Verify a bundle: one file, and nothing trusted but the public key."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from servanda.ledger.verify import layout
from servanda.ledger.verify.archive import Archive, Damaged
from servanda.ledger.verify.note import NoteRefused, Verifier, decode
from servanda.ledger.verify.report import Report
from servanda.ledger.verify.sealed import MalformedManifest, ManifestCheck, Sealed, parse_line
from servanda.ledger.verify.statements import Statement, gather
from servanda.ledger.verify.walk import Walk, span

_SMALL = 16 * 2**20


def verify_bundle(path: Path, vkey: str, since: str | None = None) -> Report:
    """Check the bundle at `path` against the log's public key and, if given, an earlier
    checkpoint (the text of a signed note) that must still be a beginning of it.

    Whatever is wrong is a finding of the report; the only error raised is NoteRefused, when
    `vkey` itself is not a key. Reads once, in memory that does not grow with the bundle.
    """
    verifier = Verifier.parse(vkey)
    report = Report()
    try:
        archive = Archive(path)
    except Damaged as damaged:
        report.found("bundle", "bundle", str(damaged))
        return report
    try:
        _verify(archive, verifier, since, report)
    except Damaged as damaged:
        report.found("bundle", "bundle", str(damaged))
    finally:
        archive.close()
    return report


def _verify(archive: Archive, verifier: Verifier, since: str | None, report: Report) -> None:
    contents = _contents(archive, verifier, report)
    archive.whole(layout.README, _SMALL)
    header = _object(archive, layout.HEADER, report)
    keys = _keys(archive, report)
    statements = gather(_notes(archive, report), verifier, since, report)
    manifests: Iterator[Sealed] | None = None
    check: ManifestCheck | None = None
    if header.get("manifests") is False:
        report.manifests_left_out = True
        archive.whole(layout.MANIFESTS, 0)
    else:
        manifests = _manifests(archive, report)
        check = ManifestCheck(lambda _: next(manifests, ("", None)), keys, report)
    _entries(archive, statements, check, report)
    if report.uncovered:
        first = report.entries - report.uncovered
        what = "no checkpoint speaks for them: one was removed, or they were added afterwards"
        report.found("uncovered", span(first, report.entries), what)
    if manifests is not None and check is not None and check.in_step and any(manifests):
        report.found("manifest", layout.MANIFESTS, "there are more than the entries name")
    _header(header, verifier, report)
    for name, stated in contents.items():
        if name not in archive.digests:  # its reading stopped early, at something already reported
            archive.drain(name)
        if archive.digests.get(name) != stated:
            report.found("contents", name, "it is not what the signed contents say")


def _entries(
    archive: Archive, statements: list[Statement], check: ManifestCheck | None, report: Report
) -> None:
    walk = Walk(statements, report, check)
    damaged: Damaged | None = None
    try:
        for lines in archive.lines(layout.ENTRIES):
            walk.feed(lines)
    except Damaged as error:
        damaged = error
    walk.finish()
    if damaged is not None:
        raise damaged


def _contents(archive: Archive, verifier: Verifier, report: Report) -> dict[str, tuple[str, int]]:
    try:
        note = archive.whole(layout.CONTENTS, _SMALL).decode()
        members = layout.parse_contents(verifier.name, verifier.text(note))
    except (NoteRefused, UnicodeDecodeError) as refused:
        what = str(refused) if isinstance(refused, NoteRefused) else "it is not text"
        report.found("contents", layout.CONTENTS, what)
        return {}
    if members is None or sorted(members) != sorted(layout.MEMBERS):
        report.found("contents", layout.CONTENTS, "it is not the table of a bundle of this log")
        return {}
    return members


def _header(header: dict[str, Any], verifier: Verifier, report: Report) -> None:
    if header.get("v") != layout.VERSION:
        report.found("header", layout.HEADER, "the bundle is of a version this one cannot read")
    if header.get("origin") != verifier.name:
        report.found("header", layout.HEADER, "the bundle is of another log")
    if header.get("size") != report.entries:
        report.found("header", layout.HEADER, "it states another number of entries than there are")


def _notes(archive: Archive, report: Report) -> Iterator[str]:
    number = 0
    for lines in archive.lines(layout.CHECKPOINTS):
        for line in lines:
            number += 1
            try:
                note = json.loads(line)
            except (ValueError, RecursionError):
                note = None
            if isinstance(note, str):
                yield note
            else:
                report.found("checkpoint", f"checkpoint {number}", "it is not a text")


def _manifests(archive: Archive, report: Report) -> Iterator[Sealed]:
    for lines in archive.lines(layout.MANIFESTS):
        for line in lines:
            try:
                yield parse_line(line)
            except MalformedManifest as malformed:
                report.found("manifest", layout.MANIFESTS, str(malformed))
                return


def _keys(archive: Archive, report: Report) -> dict[str, bytes]:
    keys: dict[str, bytes] = {}
    for run, key in _object(archive, layout.KEYS, report).items():
        try:
            keys[run] = decode(key if isinstance(key, str) else "-")
        except NoteRefused:
            report.found("keys", layout.KEYS, "an evidence key in it is malformed")
    return keys


def _object(archive: Archive, name: str, report: Report) -> dict[str, Any]:
    try:
        given = json.loads(archive.whole(name, _SMALL))
    except (ValueError, RecursionError):
        given = None
    if isinstance(given, dict):
        return given
    report.found("form", name, "it is not a JSON object")
    return {}
