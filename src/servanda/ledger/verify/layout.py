"""How a bundle is laid out: a zip of these members, the last of which is signed over the others.

README.txt         how to check it
bundle.json        {"v":1,"origin":…,"size":…,"until":…,"manifests":true}
checkpoints.jsonl  one JSON text a line: every signed checkpoint, by size
entries.jsonl      one entry a line, exactly the bytes of its leaf
manifests.jsonl    one object a line, in the order of the entries that name them:
                   {"digest":…,"sealed":base64 or null}
keys.json          {run: base64 of its opened evidence key}
contents           signed note: origin/bundle, then `sha256 size name` for each of the above
"""

from __future__ import annotations

import re

README = "README.txt"
HEADER = "bundle.json"
CHECKPOINTS = "checkpoints.jsonl"
ENTRIES = "entries.jsonl"
MANIFESTS = "manifests.jsonl"
KEYS = "keys.json"
CONTENTS = "contents"
MEMBERS = (README, HEADER, CHECKPOINTS, ENTRIES, MANIFESTS, KEYS)

VERSION = 1
_LINE = re.compile(r"([0-9a-f]{64}) (0|[1-9][0-9]{0,17}) (\S+)")


def contents_text(origin: str, members: list[tuple[str, int, str]]) -> str:
    """The text of `contents`; members as (SHA-256 in hex, size in bytes, name)."""
    lines = [f"{digest} {size} {name}" for digest, size, name in members]
    return "\n".join([f"{origin}/bundle", *lines, ""])


def parse_contents(origin: str, text: str) -> dict[str, tuple[str, int]] | None:
    """Name to (digest, size); None unless the text is one `contents_text` wrote for this origin."""
    first, *lines, last = text.split("\n")
    if first != f"{origin}/bundle" or last:
        return None
    members: dict[str, tuple[str, int]] = {}
    for line in lines:
        match = _LINE.fullmatch(line)
        if match is None or match[3] in members:
            return None
        members[match[3]] = (match[1], int(match[2]))
    return members
