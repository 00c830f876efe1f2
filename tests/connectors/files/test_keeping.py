"""Files copied before they go: byte for byte, listed, never twice, and only then removed."""

from __future__ import annotations

import hashlib
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from servanda.kernel.errors import StoreRefused
from servanda.kernel.predicate import ClockBy, Predicate
from servanda.stores.mapping import Collection
from servanda.stores.port import Content, FileWindow
from tests.connectors.files.shelves import (
    CUTOFF,
    EXPIRED,
    RECORDINGS,
    VOICEMAIL,
    deletion,
    files,
    mapped,
    opened,
    write,
)

OLD = ("2025/05/01/a.wav", "2025/05/01/b.wav", "2025/05/02/c.wav")
NEW = "2025/06/10/d.wav"


@pytest.fixture
def folders(tmp_path: Path) -> tuple[Path, Path]:
    source, vault = tmp_path / "source", tmp_path / "vault"
    for number, path in enumerate((*OLD, NEW)):
        write(source, path, text=f"sound {number}")
    vault.mkdir()
    return source, vault


def _moved(
    source: Path, vault: Path, collection: Collection = RECORDINGS, due: Predicate = EXPIRED
) -> str:
    """One window over everything that is due: kept, then removed; the digest of the copy."""
    work = deletion(collection, due)
    with opened(source) as store, opened(vault) as keeper:
        (bounds,) = store.split(work, 100)
        with store.open(work, bounds, due) as window:
            assert isinstance(window, FileWindow)
            digest = keeper.keep(None, "run.1", window.contents())
            window.commit()
    return digest


def test_the_copies_are_the_files_and_the_list_names_them(folders: tuple[Path, Path]) -> None:
    source, vault = folders
    before = {
        path: ((source / path).read_bytes(), (source / path).stat().st_mtime_ns) for path in OLD
    }
    digest = _moved(source, vault)
    assert files(source) == [NEW]
    assert files(vault / "run.1") == sorted(("SHA256SUMS", *OLD))
    for path, (content, changed) in before.items():
        assert (vault / "run.1" / path).read_bytes() == content
        assert (vault / "run.1" / path).stat().st_mtime_ns == changed
    sums = (vault / "run.1" / "SHA256SUMS").read_bytes()
    assert hashlib.sha256(b"".join(sorted(sums.splitlines(keepends=True)))).hexdigest() == digest
    checked = subprocess.run(["sha256sum", "-c", "SHA256SUMS"], cwd=vault / "run.1", check=False)
    assert checked.returncode == 0


def test_names_of_any_bytes(tmp_path: Path) -> None:
    source, vault = tmp_path / "source", tmp_path / "vault"
    vault.mkdir()
    odd = (b"new\nline.wav", b"back\\slash.wav", b"latin-\xe9.wav", "Ødegård 王.wav".encode())
    (source / "2025/05/01").mkdir(parents=True)
    for name in odd:
        (source / "2025/05/01" / os.fsdecode(name)).write_bytes(b"of " + name)
    _moved(source, vault)
    assert files(source) == []
    kept = vault / "run.1" / "2025/05/01"
    assert {os.fsencode(each.name): each.read_bytes() for each in kept.iterdir()} == {
        name: b"of " + name for name in odd
    }
    checked = subprocess.run(["sha256sum", "-c", "SHA256SUMS"], cwd=vault / "run.1", check=False)
    assert checked.returncode == 0


def test_a_record_goes_with_its_sidecars_and_a_numbered_folder_closes_up(tmp_path: Path) -> None:
    source, vault = tmp_path / "source", tmp_path / "vault"
    vault.mkdir()
    inbox = "default/200/INBOX"
    for number, origtime in enumerate((1735732800, 1751371200, 1735819200)):  # old, new, old
        write(
            source,
            f"{inbox}/msg{number:04d}.txt",
            text=f"callerid=0700{number}\norigtime={origtime}\n",
        )
        write(source, f"{inbox}/msg{number:04d}.wav", text=f"voice {number}")
    _moved(source, vault, VOICEMAIL, ClockBy("received", CUTOFF))
    assert files(source) == [f"{inbox}/msg0000.txt", f"{inbox}/msg0000.wav"]
    assert (source / inbox / "msg0000.wav").read_text() == "voice 1"
    kept = vault / "run.1" / inbox
    assert (kept / "msg0000.wav").read_text() == "voice 0"
    assert (kept / "msg0002.wav").read_text() == "voice 2"
    assert len(files(vault)) == 5


def test_the_same_again_adds_nothing_and_another_under_the_name_stays_beside(
    folders: tuple[Path, Path],
) -> None:
    source, vault = folders
    first = _moved(source, vault)
    for number, path in enumerate(OLD):
        write(source, path, text=f"sound {number}")  # as after a restore
    assert _moved(source, vault) == first
    assert files(vault / "run.1") == sorted(("SHA256SUMS", *OLD))
    write(source, OLD[0], text="another sound")
    assert _moved(source, vault) != first
    kept = vault / "run.1"
    assert (kept / OLD[0]).read_text() == "sound 0"
    assert (kept / f"{OLD[0]}.2").read_text() == "another sound"
    assert len((kept / "SHA256SUMS").read_text().splitlines()) == 4


@pytest.mark.parametrize("change", ["rewritten", "replaced", "sidecar"])
def test_what_is_not_as_it_was_copied_stays(folders: tuple[Path, Path], change: str) -> None:
    source, vault = folders
    collection = mapped("{yyyy}/{mm}/{dd}/{name}.wav", ".txt")
    work = deletion(collection)
    with opened(source) as store, opened(vault) as keeper:
        (bounds,) = store.split(work, 100)
        with store.open(work, bounds, EXPIRED) as window:
            assert isinstance(window, FileWindow)
            keeper.keep(None, "run.1", window.contents())
            if change == "rewritten":
                (source / OLD[1]).write_text("sound 1, and more")
            elif change == "replaced":
                write(source, "2025/05/01/tmp", text="sound 9")
                (source / "2025/05/01/tmp").rename(source / OLD[1])
            else:
                write(source, "2025/05/01/b.txt", text="callerid=07001")
            with pytest.raises(StoreRefused, match="1 of 3 records"):
                window.commit()
    assert (source / OLD[1]).exists()
    assert not (source / OLD[0]).exists()
    assert not (source / OLD[2]).exists()


def test_a_file_changed_while_it_is_copied_stays(folders: tuple[Path, Path]) -> None:
    source, vault = folders
    work = deletion(RECORDINGS)

    def meddled(contents: Iterator[Content]) -> Iterator[Content]:
        for content in contents:
            if content.path == OLD[1]:
                (source / OLD[1]).write_text("written meanwhile")
            yield content

    with opened(source) as store, opened(vault) as keeper:
        (bounds,) = store.split(work, 100)
        with store.open(work, bounds, EXPIRED) as window:
            assert isinstance(window, FileWindow)
            keeper.keep(None, "run.1", meddled(window.contents()))
            with pytest.raises(StoreRefused, match="1 of 3 records"):
                window.commit()
    assert files(source) == [OLD[1], NEW]


def test_without_commit_nothing_goes_and_a_read_only_store_keeps_nothing(
    folders: tuple[Path, Path],
) -> None:
    source, vault = folders
    work = deletion(RECORDINGS)
    with opened(source) as store, opened(vault, read_only=True) as keeper:
        (bounds,) = store.split(work, 100)
        with store.open(work, bounds, EXPIRED) as window, pytest.raises(StoreRefused):
            assert isinstance(window, FileWindow)
            keeper.keep(None, "run.1", window.contents())
    assert files(source) == sorted((*OLD, NEW))
    assert files(vault) == []


def test_a_link_in_the_vault_leads_nowhere(folders: tuple[Path, Path], tmp_path: Path) -> None:
    source, vault = folders
    (tmp_path / "outside").mkdir()
    (vault / "run.1").mkdir()
    (vault / "run.1" / "2025").symlink_to(tmp_path / "outside")
    with pytest.raises(StoreRefused):
        _moved(source, vault)
    assert files(tmp_path / "outside") == []
    assert files(source) == sorted((*OLD, NEW))
