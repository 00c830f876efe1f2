"""Kinds of files a folder's collections cover, against a real folder."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from servanda import inventory
from servanda.connectors.files.store import FileStore
from servanda.inventory.folders import covered
from servanda.stores.mapping import Collection, FileLayout, FilePart, StoreConfig
from tests.plan.builders import collection, field, keep_forever, policy


def folder(template: str, *sidecars: str, rotated: str = "") -> Collection:
    layout = FileLayout(template, sidecars, rotated=rotated)
    return replace(collection("wav", "disk"), source=template, files=layout)


@pytest.mark.parametrize(
    ("kind", "template", "expected"),
    [
        ("0000/00/00/*.wav", "{yyyy}/{mm}/{dd}/{name}.wav", True),
        ("0000/00/00/*.mp3", "{yyyy}/{mm}/{dd}/{name}.wav", False),
        ("*.wav", "{yyyy}/{mm}/{dd}/{name}.wav", False),
        ("0000/00/00/*/*.wav", "{yyyy}/{mm}/{dd}/{name}.wav", False),
        ("*/000/*/*.txt", "default/{mailbox}/INBOX/msg{n}.txt", True),
        ("*/*/*/*.txt", "default/{mailbox}/INBOX/msg{n}.txt", True),
        ("000", "{name}", True),
        ("*.pdf", "{name}", True),
        ("*", "{name}.pdf", False),
        ("*.log", "queue.log", True),
    ],
)
def test_a_template_covers_its_kinds(kind: str, template: str, expected: bool) -> None:
    assert covered(kind, [folder(template)]) is expected


def test_sidecars_and_rotated_files_belong_to_the_collection() -> None:
    mapped = folder("{name}.wav", ".txt", ".WAV", rotated="queue_log.*")
    assert covered("*.txt", [mapped]) and covered("*.WAV", [mapped])
    assert not covered("*.pdf", [mapped])


def test_a_real_folder_shows_what_nobody_declared(tmp_path: Path) -> None:
    day = tmp_path / "2025" / "03" / "01"
    day.mkdir(parents=True)
    for name in ("in-0700.wav", "in-0700.txt", "CV Ada.pdf"):
        (day / name).write_bytes(b"x")
    layout = FileLayout("{yyyy}/{mm}/{dd}/{name}.wav", (".txt",))
    mapped = replace(
        collection("wav", "disk", key=("path",)),
        fields=(replace(field("path"), source=FilePart("path")),),
        source=layout.template,
        files=layout,
    )
    config = StoreConfig("disk", f"file://{tmp_path}", collections=(mapped,))
    store = FileStore("disk", config.connect)
    found = inventory.take(
        policy({"accounts": keep_forever("a test")}), [config], {"disk": store},
        datetime(2026, 3, 4, tzinfo=UTC),
    ).store("disk")  # fmt: skip
    assert found.undeclared == ("0000/00/00/*.pdf",)
    assert [m.collection for m in found.mapped] == ["disk.wav"]
    store.close()
