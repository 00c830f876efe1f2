"""Addresses of our own files carry their digest, so browsers may keep them for a year."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

from django.contrib.staticfiles import finders
from django.contrib.staticfiles.storage import StaticFilesStorage


class DigestStorage(StaticFilesStorage):
    def __init__(self, *args: object, **named: object) -> None:
        super().__init__(location="/nonexistent", base_url=None)

    def url(self, name: str | None) -> str:
        address = super().url(name)
        return f"{address}?v={_digest(name)}" if name else address


@cache
def _digest(name: str) -> str:
    found = finders.find(name)
    if not found:
        raise ValueError(f"there is no static file {name}")
    return hashlib.sha256(Path(str(found)).read_bytes()).hexdigest()[:10]
