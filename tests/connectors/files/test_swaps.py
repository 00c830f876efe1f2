"""Links, swapped folders, special files and odd names: never outside, never the wrong one."""

import os
import socket
from pathlib import Path

import pytest

from servanda.connectors.files.names import from_text
from servanda.kernel.errors import StoreRefused, StoreUnreachable
from servanda.kernel.predicate import Everything
from tests.connectors.files.shelves import (
    EXPIRED,
    RECORDINGS,
    deletion,
    files,
    mapped,
    opened,
    paths,
    sweep,
    write,
)


@pytest.fixture
def outside(tmp_path: Path) -> Path:
    write(tmp_path / "outside", "2025/01/01/x.wav", "01/01/x.wav", "01/x.wav", "x.wav")
    return tmp_path / "outside"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    write(tmp_path / "root", "2025/01/01/a.wav", "2025/01/02/b.wav", "2026/01/01/c.wav")
    return tmp_path / "root"


def test_links_are_followed_nowhere(root: Path, outside: Path) -> None:
    (root / "2024").symlink_to(outside)
    (root / "2025/02").symlink_to(outside / "01")
    (root / "2025/01/03").symlink_to(outside / "01" / "01")
    (root / "2025/01/01/x.wav").symlink_to(outside / "x.wav")
    (root / "2025/01/04").symlink_to(root / "2026/01/01")  # nor inside the root
    before = files(outside)
    with opened(root) as store:
        assert store.tally(RECORDINGS, Everything()).count == 3
        assert sweep(store, deletion(RECORDINGS)) == ["2025/01/01/a.wav", "2025/01/02/b.wav"]
        assert store.shape().table("0000/(symbolic links)") is not None
    assert files(outside) == before
    assert (root / "2026/01/01/c.wav").exists()
    assert (root / "2025/01/01/x.wav").is_symlink()


def test_a_folder_swapped_for_a_link_redirects_nothing(root: Path, outside: Path) -> None:
    write(outside, "a.wav")
    before = files(outside)
    work = deletion(RECORDINGS)
    with opened(root) as store:
        (bounds,) = store.split(work, 10)
        with store.open(work, bounds, work.target) as window:
            (root / "2025/01/01").rename(root / "moved")
            (root / "2025/01/01").symlink_to(outside)
            window.commit()
    assert files(outside) == before
    assert (root / "moved/a.wav").exists()


def test_a_folder_swapped_for_another_is_left_alone(root: Path) -> None:
    work = deletion(RECORDINGS)
    with opened(root) as store:
        (bounds,) = store.split(work, 10)
        with store.open(work, bounds, work.target) as window:
            (root / "2025/01/01").rename(root / "moved")
            write(root, "2025/01/01/a.wav", text="another")
            with pytest.raises(StoreRefused, match=r"1 of 2 .*replaced"):
                window.commit()
        assert paths(store.present(work, window.keys)) == ["2025/01/01/a.wav"]
    assert (root / "2025/01/01/a.wav").read_text() == "another"
    assert not (root / "2025/01/02/b.wav").exists()


def test_a_root_swapped_after_opening_redirects_nothing(root: Path, outside: Path) -> None:
    before = files(outside)
    with opened(root) as store:
        root.rename(root.with_name("moved"))
        root.symlink_to(outside)
        assert sweep(store, deletion(RECORDINGS)) == ["2025/01/01/a.wav", "2025/01/02/b.wav"]
    assert files(outside) == before
    assert files(root.with_name("moved")) == ["2026/01/01/c.wav"]


def test_special_files_are_never_opened(root: Path) -> None:
    layout = mapped("{yyyy}/{mm}/{dd}/{name}.wav", ".txt")
    os.mkfifo(root / "2025/01/01/pipe.wav")
    os.mkfifo(root / "2025/01/01/a.txt")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(root / "2025/01/01/socket.wav"))
    with opened(root) as store:
        rows = list(store.rows(layout, EXPIRED, ["name", "callerid"]))  # would block on a pipe
        assert rows == [("a.wav", None), ("b.wav", None)]
        assert sweep(store, deletion(layout)) == ["2025/01/01/a.wav", "2025/01/02/b.wav"]
        assert store.shape().table("0000/00/00/(special files)") is not None
    assert files(root) == [
        "2025/01/01/a.txt",
        "2025/01/01/pipe.wav",
        "2025/01/01/socket.wav",
        "2026/01/01/c.wav",
    ]


ODD = [
    b"new\nline.wav",
    b"latin-\xe9.wav",
    b"\xff\xfe.wav",
    "\u00e9.wav".encode(),
    "e\u0301.wav".encode(),
    b".hidden.wav",
    b"-rf.wav",
    b"base64:YQ==.wav",
    b'quote".wav',
    b"A.wav",
    b"a b.wav",
]


@pytest.mark.parametrize("rows_per_window", [1, 100])
def test_names_may_hold_any_bytes(tmp_path: Path, rows_per_window: int) -> None:
    write(tmp_path, *(f"2025/01/01/{os.fsdecode(name)}" for name in ODD))
    kept = "2026/01/01/" + os.fsdecode(b"\xe9.wav")
    write(tmp_path, kept)
    with opened(tmp_path) as store:
        gone = sweep(store, deletion(RECORDINGS), rows_per_window)
    assert {os.fsencode(from_text(path))[len("2025/01/01/") :] for path in gone} == set(ODD)
    assert files(tmp_path) == [kept]


def test_case_matters(tmp_path: Path) -> None:
    write(tmp_path, "2025/01/01/a.wav", "2025/01/01/a.WAV", "2025/01/01/A.wav")
    with opened(tmp_path) as store:
        assert sweep(store, deletion(RECORDINGS)) == ["2025/01/01/A.wav", "2025/01/01/a.wav"]
    assert files(tmp_path) == ["2025/01/01/a.WAV"]


def test_a_missing_root_is_unreachable(tmp_path: Path) -> None:
    with pytest.raises(StoreUnreachable, match='"recordings"'), opened(tmp_path / "none"):
        pass
    write(tmp_path, "file")
    with pytest.raises(StoreUnreachable), opened(tmp_path / "file"):
        pass
