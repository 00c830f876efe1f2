"""Folders of recordings for these tests, and the collections that map them."""

import json
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from servanda.connectors.files import FileStore
from servanda.kernel.predicate import ClockBy, Predicate
from servanda.stores.mapping import Clock, Collection, Field, FileLayout, FilePart
from servanda.stores.port import DeleteRows, Keys, Work

CUTOFF = datetime(2025, 5, 31, 12, tzinfo=UTC)
EXPIRED: Predicate = ClockBy("recorded", CUTOFF)

RECORDINGS = Collection(
    store="recordings",
    name="wav",
    source="{yyyy}/{mm}/{dd}/{name}.wav",
    activity="call-recording",
    key=("path",),
    clocks=(Clock("recorded", FilePart("path")),),
    fields=(
        Field("path", FilePart("path")),
        Field("name", FilePart("name"), ("comms.call_recording",)),
        Field("size", FilePart("size")),
        Field("callerid", FilePart("sidecar", "callerid"), ("contact.phone",)),
    ),
    files=FileLayout("{yyyy}/{mm}/{dd}/{name}.wav"),
)

VOICEMAIL = Collection(
    store="voicemail",
    name="messages",
    source="{context}/{mailbox}/{folder}/msg{n}.txt",
    activity="voicemail",
    key=("path",),
    clocks=(Clock("received", FilePart("sidecar", "origtime"), "epoch_s"),),
    fields=(
        Field("path", FilePart("path")),
        Field("mailbox", FilePart("group", "mailbox")),
        Field("callerid", FilePart("sidecar", "callerid"), ("contact.phone",)),
    ),
    files=FileLayout(
        "{context}/{mailbox}/{folder}/msg{n}.txt", (".wav", ".WAV"), sequence="msg{n:04d}"
    ),
)


def mapped(template: str, *sidecars: str, **changes: object) -> Collection:
    """The recordings under another template."""
    files = FileLayout(template, sidecars)
    return replace(RECORDINGS, source=template, files=files, **changes)  # type: ignore[arg-type]


@contextmanager
def opened(root: Path, *, read_only: bool = False, zone: str = "UTC") -> Iterator[FileStore]:
    store = FileStore("recordings", root.as_uri(), zone=zone, read_only=read_only)
    try:
        yield store
    finally:
        store.close()


def write(root: Path, *paths: str, text: str = "sound") -> None:
    for path in paths:
        file = root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)


def files(root: Path) -> list[str]:
    """Every file below, whatever its kind, by relative path."""
    return sorted(
        str((Path(folder) / name).relative_to(root))
        for folder, _, names in os.walk(root)
        for name in names
    )


def deletion(collection: Collection, target: Predicate = EXPIRED) -> Work:
    return Work(collection, DeleteRows(), target)


def sweep(store: FileStore, work: Work, rows_per_window: int = 100) -> list[str]:
    """Run all windows; the paths their keys name, in the order of the windows."""
    gone: list[str] = []
    for bounds in store.split(work, rows_per_window):
        as_stored = json.loads(json.dumps(bounds))
        with store.open(work, as_stored, work.target) as window:
            gone += paths(window.keys)
            window.commit()
            assert store.present(work, window.keys).count == 0
    return gone


def paths(keys: Keys) -> list[str]:
    lines = keys.data.split(b"\n") if keys.count else []
    assert len(lines) == keys.count
    assert lines == sorted(lines)
    return [json.loads(line)[0] for line in lines]


def packed(entries: Sequence[Sequence[str]]) -> Keys:
    lines = sorted(json.dumps(each, separators=(",", ":")).encode() for each in entries)
    return Keys("json", b"\n".join(lines), len(lines))
