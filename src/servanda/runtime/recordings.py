"""Recordings, played from where they lie: few may, for a stated purpose, each one put on record.

The danger: a recording heard by whoever finds its address, or another file of the store read by
its path. What guards it: an address holds a sealed token of one record, bound to one task and
short-lived, never a path; the file is looked up through the collection's mapping; only endings of
sound are served, each as its own type. Tests: tests/web/requests/test_recordings.py.
"""

from __future__ import annotations

import base64
import binascii
import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.core import signing

from servanda.kernel import seal
from servanda.kernel.errors import StoreUnreachable, UsageError
from servanda.stores.port import Contents

if TYPE_CHECKING:
    from servanda.plan.find import Key
    from servanda.runtime.workspace import Workspace
    from servanda.stores.mapping import Collection
    from servanda.stores.port import Content, Held

TYPES: Mapping[str, str] = {
    ".wav": "audio/wav",
    ".mp3": "audio/mpeg",
    ".ogg": "audio/ogg",
    ".oga": "audio/ogg",
    ".opus": "audio/ogg",
    ".flac": "audio/flac",
    ".m4a": "audio/mp4",
    ".aac": "audio/aac",
    ".weba": "audio/webm",
}
"""What is served, by the ending of a file's name; nothing else is."""
CATEGORY = "comms.call_recording"
LASTS_S = 30 * 60
_PIECE = 1 << 16


@dataclass(frozen=True, slots=True)
class Wanted:
    """One record that somebody may hear."""

    collection: str
    named_by: tuple[str, ...]
    key: Key


def plays(workspace: Workspace, collection: Collection) -> bool:
    """Whether a collection holds recordings that are files."""
    audio = any(
        each == CATEGORY or each.startswith(f"{CATEGORY}.")
        for field in collection.fields
        for each in field.categories
    )
    return audio and collection.files is not None


def token(workspace: Workspace, task: str, wanted: Wanted) -> str:
    """The address's part that stands for one record, of use to this task alone."""
    from servanda.plan.requests.file import rows_to_data

    told = [wanted.collection, list(wanted.named_by), rows_to_data(wanted.named_by, (wanted.key,))]
    sealed = seal.seal(_key(workspace), json.dumps(told).encode(), task.encode())
    return _signer(workspace).sign(base64.urlsafe_b64encode(sealed).decode())


def opened(workspace: Workspace, task: str, told: str) -> Wanted:
    """The record of a token. UsageError where it is another task's, too old, or none."""
    from servanda.kernel.predicate import Among, from_data

    try:
        sealed = base64.urlsafe_b64decode(_signer(workspace).unsign(told, max_age=LASTS_S))
        plain = seal.unseal(_key(workspace), sealed, task.encode())
        collection, named_by, rows = json.loads(plain)
        found: Any = from_data({"among": [named_by, rows]})
    except (signing.BadSignature, seal.SealBroken, binascii.Error, ValueError):
        raise UsageError(
            "this recording cannot be played any more", "load the page again"
        ) from None
    assert isinstance(found, Among)
    return Wanted(collection, found.fields, found.rows[0])


class Playing:
    """An open recording. `size` is None where the store gives it as a stream only."""

    def __init__(self, workspace: Workspace, held: Held, more: Iterator[Held], kind: str) -> None:
        self.kind = kind
        self._workspace = workspace  # whose stores stay open while somebody works with it
        self._more = more
        self._stream = held.content.stream
        self.size = self._stream.seek(0, os.SEEK_END) if self._stream.seekable() else None

    def pieces(self, first: int, length: int | None) -> Iterator[bytes]:
        """The bytes from `first` on. The recording is closed at the end."""
        try:
            if self.size is not None:
                self._stream.seek(first)
            left = length
            while left is None or left > 0:
                piece = self._stream.read(_PIECE if left is None else min(_PIECE, left))
                if not piece:
                    return
                left = None if left is None else left - len(piece)
                yield piece
        finally:
            self.close()

    def close(self) -> None:
        close = getattr(self._more, "close", None)
        if close is not None:
            close()


def play(workspace: Workspace, wanted: Wanted) -> Playing:
    """Open it. UsageError where it is no recording, or has gone. Stores' errors pass."""
    from servanda.publish.package.reading import asking

    mapped = workspace.collection(wanted.collection)
    store = workspace.stores[mapped.store]
    if isinstance(store, StoreUnreachable):
        raise store
    if not plays(workspace, mapped) or not isinstance(store, Contents):
        raise UsageError("that is no recording")
    more = iter(store.contents(mapped, asking(wanted.named_by, [wanted.key]), wanted.named_by))
    for held in more:
        kind = _kind(held.content)
        if kind and held.values == wanted.key:
            return Playing(workspace, held, more, kind)
    raise UsageError("the recording is not there any more, or is of no kind that can be played")


def _kind(content: Content) -> str:
    from servanda.publish.package.names import ending

    return TYPES.get(ending(content.path), "")


def _key(workspace: Workspace) -> bytes:
    return workspace.master.root("recordings")


def _signer(workspace: Workspace) -> signing.TimestampSigner:
    key = workspace.master.root("addresses of recordings").hex()
    return signing.TimestampSigner(key=key, salt="servanda recording")
