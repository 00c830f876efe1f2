"""Identities of file records, packed for evidence, and bounds of windows.

A record is named by its relative path: `["2025/03/01/a.wav"]`. Where a product renumbers its
files the path does not identify, so the digest of the record's card stands beside it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable

from servanda.connectors.files.names import from_text, to_text
from servanda.connectors.files.walk import Parts, Range
from servanda.stores.port import Bounds, Keys

_quote = json.JSONEncoder(ensure_ascii=False).encode


def folder_keys(
    parts: Parts, names: Iterable[str], marks: Iterable[str] | None = None
) -> list[bytes]:
    """Key lines of files in one folder."""
    prefix = "".join(f"{part}/" for part in parts)
    paths = [to_text(prefix + name) for name in names]
    if marks is None:
        return [f"[{_quote(path)}]".encode() for path in paths]
    return [
        f"[{_quote(path)},{_quote(mark)}]".encode() for path, mark in zip(paths, marks, strict=True)
    ]


def path_of(line: bytes) -> tuple[Parts, str]:
    """Path and mark ("" where there is none) of a key line."""
    path, *mark = json.loads(line)
    return tuple(from_text(path).split("/")), mark[0] if mark else ""


def packed(lines: list[bytes]) -> Keys:
    lines.sort()
    return Keys("json", b"\n".join(lines), len(lines))


def range_to(within: Range) -> Bounds:
    """JSON-able bounds."""
    return {
        "after": None if within.after is None else to_text("/".join(within.after)),
        "upto": None if within.upto is None else to_text("/".join(within.upto)),
    }


def range_from(bounds: Bounds) -> Range:
    return Range(_parts(bounds.get("after")), _parts(bounds.get("upto")))


def _parts(text: str | None) -> Parts | None:
    return None if text is None else tuple(from_text(text).split("/"))
