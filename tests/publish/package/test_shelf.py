"""Packages are there until they expire, and then they are not."""

from __future__ import annotations

import os
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from servanda.publish.package import Shelf
from servanda.publish.package.shelf import NotRemoved

NOW = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)


def put(shelf: Shelf, ref: str, now: datetime) -> Path:
    kept = shelf.place(ref, now)
    kept.path.write_bytes(b"PK")
    return kept.path


def test_only_what_has_expired_goes(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path / ".servanda" / "packages", days=14)
    old = put(shelf, "11", NOW - timedelta(days=14))
    young = put(shelf, "12", NOW - timedelta(days=14) + timedelta(seconds=1))
    newest = put(shelf, "12", NOW)
    note = shelf.folder / "README"
    note.write_text("not ours")
    assert [each.ref for each in shelf.packages()] == ["11", "12", "12"]
    assert [each.path for each in shelf.expire(NOW)] == [old]
    assert not old.exists() and young.exists() and newest.exists() and note.exists()
    assert shelf.expire(NOW) == []


def test_a_request_can_take_its_packages_back(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path)
    mine, other = put(shelf, "1", NOW), put(shelf, "12", NOW)
    assert [each.path for each in shelf.withdraw("1")] == [mine]
    assert not mine.exists() and other.exists()


def test_the_folder_is_closed_to_others(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path / ".servanda" / "packages")
    put(shelf, "1", NOW)
    assert stat.S_IMODE(shelf.folder.stat().st_mode) == 0o700


def test_an_abandoned_draft_goes_and_one_in_work_stays(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path)
    dead, live = tmp_path / ".a.zip.part", tmp_path / ".b.zip.part"
    for each in (dead, live):
        each.write_bytes(b"half")
    os.utime(dead, (0, 0))
    assert shelf.expire(NOW) == []
    assert not dead.exists() and live.exists()


def test_what_cannot_be_removed_is_said(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path)
    path = shelf.place("1", NOW - timedelta(days=20)).path
    path.mkdir()  # not even the superuser unlinks a folder
    with pytest.raises(NotRemoved, match="has expired and cannot be removed"):
        shelf.expire(NOW)


def test_an_empty_workspace_has_nothing_to_expire(tmp_path: Path) -> None:
    assert Shelf(tmp_path / "nowhere").expire(NOW) == []
