"""SHA-256 in the one form we write it: 64 lower-case hexadecimal digits."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

from servanda.kernel.canonical import Json, canonical

_FORM = re.compile(r"[0-9a-f]{64}")


def sha256_hex(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def digest_of(value: Json) -> str:
    """The digest of a JSON value's canonical bytes; NotCanonical as in `canonical`."""
    return sha256_hex(canonical(value))


def file_digest(path: Path) -> str:
    """The digest of a file's bytes, read in pieces."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def is_digest(text: object) -> bool:
    return isinstance(text, str) and _FORM.fullmatch(text) is not None
