"""The small text file beside a recording that says whose it is (Asterisk's `msg0000.txt`).

Lines of `key=value`, with `;` and `#` comments and `[sections]` passed over, or one JSON object.
"""

from __future__ import annotations

import hashlib
import json
import os

from servanda.connectors.files.walk import Folder, Found, opened_file
from servanda.kernel.predicate import Scalar

ENDINGS = (".txt", ".ini", ".json")
_LARGEST = 1 << 20  # a card is a few hundred bytes; more than this is something else


def card_name(found: Found) -> str | None:
    """Which file of the record is its card: the main file, or the first sidecar that can be."""
    names = [found.name] if found.inode else []
    names += [name for name, _ in found.sidecars]
    return next((name for name in names if name.endswith(ENDINGS)), None)


def read_bytes(folder: Folder, found: Found) -> bytes:
    """The card's content; empty where there is none (or it went away)."""
    name = card_name(found)
    if name is None:
        return b""
    try:
        with opened_file(name, folder.fd) as fd, os.fdopen(os.dup(fd), "rb") as file:
            return file.read(_LARGEST)
    except FileNotFoundError:
        return b""


def digest(folder: Folder, found: Found) -> str:
    """What identifies a record whose name changes: SHA-256 of its card, in hex."""
    return hashlib.sha256(read_bytes(folder, found)).hexdigest()


def parse(content: bytes) -> dict[str, Scalar]:
    text = content.decode("utf-8", "replace")
    if text.lstrip().startswith("{"):
        try:
            data = json.loads(text)
        except ValueError:
            return {}
        return {str(k): v for k, v in data.items() if isinstance(v, str | int | float | None)}
    values: dict[str, Scalar] = {}
    for line in text.splitlines():
        key, equals, value = line.partition("=")
        if equals and not line.lstrip().startswith((";", "#", "[")):
            values.setdefault(key.strip(), value.strip())
    return values
