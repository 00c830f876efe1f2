"""The contract of the connector port, on files with cards and on lines of logs."""

from __future__ import annotations

import gzip
import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest

from servanda.connectors.files import FileStore
from servanda.kernel.errors import StoreRefused
from servanda.stores.mapping import Clock, Collection, Field, FileLayout, FilePart
from servanda.stores.port import Work
from tests.connectors.contract import ERASE, EXPIRED, RECORDS, Kind, Made, Record, StoreContract

CARDS = Collection(
    store="calls",
    name="cards",
    source="*.wav",
    activity="calls",
    key=("path",),
    clocks=(Clock("recorded", FilePart("sidecar", "recorded")),),
    fields=(
        Field("path", FilePart("path")),
        Field("person", FilePart("sidecar", "person"), ("name",)),
        Field("note", FilePart("sidecar", "note"), ("comms",)),
    ),
    files=FileLayout("{day}/{id}.wav", (".json",)),
)
LINES = Collection(
    store="calls",
    name="lines",
    source="*.log",
    activity="calls",
    key=(),
    clocks=(Clock("recorded", FilePart("group", "recorded")),),
    fields=(
        Field("person", FilePart("group", "person"), ("name",)),
        Field("note", FilePart("group", "note"), ("comms",)),
    ),
    files=FileLayout(
        "now.log",
        lines=r"(?P<id>\d+)\t(?P<recorded>[^\t]*)\t(?P<person>[^\t]*)\t(?P<note>.*)",
        rotated="{id}.log",
    ),
)


class _Files(StoreContract):
    """A record is known by its path or its line, so every kind of key comes to the same."""

    can_keep_copies = False  # a copy is one packed file for its owner, no collection

    collection: Collection

    @pytest.fixture(autouse=True)
    def _folder(self, tmp_path: Path) -> None:
        self.folder = tmp_path

    def make(self, kind: Kind, records: Sequence[Record]) -> AbstractContextManager[Made]:
        return self.made(records)

    @contextmanager
    def made(self, records: Sequence[Record]) -> Iterator[Made]:
        root = self.folder
        self.write(root, records)

        def reopened() -> FileStore:
            return FileStore("calls", root.as_uri(), read_only=True)

        store = FileStore("calls", root.as_uri())
        try:
            yield Made(store, self.collection, lambda: self.raw(root), reopened)
        finally:
            store.close()

    def test_a_batch_is_kept_once(self) -> None:
        with self.made(RECORDS) as made:
            rows = list(made.store.rows(made.collection, EXPIRED, ("person", "note")))
            digest = made.store.put(None, "batch-1", ("person", "note"), iter(rows))
            assert made.store.put(None, "batch-1", ("person", "note"), iter(())) == digest
        packed = (self.folder / "batch-1.jsonl.gz").read_bytes()
        assert hashlib.sha256(packed).hexdigest() == digest
        kept = [json.loads(line) for line in gzip.decompress(packed).splitlines()]
        assert [(each["person"], each["note"]) for each in kept] == rows
        assert len(rows) == 4

    def write(self, root: Path, records: Sequence[Record]) -> None:
        raise NotImplementedError

    def raw(self, root: Path) -> Mapping[int, object]:
        raise NotImplementedError


class TestFilesWithCards(_Files):
    can_redact = False
    collection = CARDS

    def test_redact_changes_what_is_due_once(self) -> None:
        with self.made(RECORDS) as made:
            before = made.raw()
            work = Work(made.collection, ERASE, EXPIRED)
            with pytest.raises(StoreRefused, match="cannot be overwritten"):
                made.store.split(work, 100)
            with pytest.raises(StoreRefused, match="cannot be overwritten"):
                made.store.open(work, {}, EXPIRED)
            assert made.raw() == before

    def write(self, root: Path, records: Sequence[Record]) -> None:
        for each in records:
            card = {"person": each.person, "note": each.note}
            if each.recorded is not None:
                card["recorded"] = each.recorded.isoformat()
            folder = root / f"day{each.id % 3}"
            folder.mkdir(exist_ok=True)
            (folder / f"{each.id}.wav").write_text("sound")
            (folder / f"{each.id}.json").write_text(json.dumps(card))
        (root / "other.wav").write_text("no record of this collection")

    def raw(self, root: Path) -> Mapping[int, object]:
        return {
            int(path.stem): (path.read_text(), path.with_suffix(".json").read_text())
            for path in root.glob("*/*.wav")
        }


class TestLinesOfLogs(_Files):
    collection = LINES

    def write(self, root: Path, records: Sequence[Record]) -> None:
        for each in records:
            when = each.recorded.isoformat() if each.recorded else ""
            with (root / f"{each.id % 2}.log").open("a") as log:
                log.write(f"{each.id}\t{when}\t{each.person}\t{each.note}\n")
        (root / "now.log").write_text("")

    def raw(self, root: Path) -> Mapping[int, object]:
        lines = "".join(path.read_text() for path in root.glob("*.log")).splitlines()
        return {int(line.partition("\t")[0]): line for line in lines}
