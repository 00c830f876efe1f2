"""Two messages whose names come to one number: neither may take the other's place."""

from __future__ import annotations

from pathlib import Path

import pytest

from servanda.kernel.errors import StoreRefused
from tests.connectors.files.shelves import VOICEMAIL, files, opened, write

INBOX = "default/200/INBOX"


def test_two_messages_of_one_number_both_stay(tmp_path: Path) -> None:
    for stem in ("msg0000", "msg00000", "msg0001"):
        for ending in (".txt", ".wav"):
            write(tmp_path, f"{INBOX}/{stem}{ending}", text=stem + ending)
    neighbour = "default/201/INBOX/msg0000.txt"
    write(tmp_path, neighbour, text="neighbour")
    with opened(tmp_path) as store, pytest.raises(StoreRefused, match="have one number"):
        store.aftercare([VOICEMAIL])
    said = sorted((tmp_path / name).read_text() for name in files(tmp_path))
    assert said == sorted(
        ["neighbour"]
        + [
            f"{stem}{end}"
            for stem in ("msg0000", "msg00000", "msg0001")
            for end in (".txt", ".wav")
        ]
    )


def test_a_gap_beside_no_clash_is_closed(tmp_path: Path) -> None:
    for stem in ("msg0000", "msg0003"):
        write(tmp_path, f"{INBOX}/{stem}.txt", text=stem)
    with opened(tmp_path) as store:
        store.aftercare([VOICEMAIL])
    assert files(tmp_path) == [f"{INBOX}/msg0000.txt", f"{INBOX}/msg0001.txt"]
    assert (tmp_path / INBOX / "msg0001.txt").read_text() == "msg0003"
