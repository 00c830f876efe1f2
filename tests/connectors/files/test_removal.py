"""Expired files go, others stay, and what cannot go is said."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from servanda.kernel.errors import StoreRefused
from servanda.kernel.predicate import All, ClockBy, Compare, Contains, Everything, Not
from servanda.stores.mapping import Clock, FilePart, SetNull
from servanda.stores.port import RedactRows, Work
from tests.connectors.files.shelves import (
    CUTOFF,
    EXPIRED,
    RECORDINGS,
    deletion,
    files,
    mapped,
    opened,
    packed,
    paths,
    sweep,
    write,
)

OLD = ["2024/12/31/a.wav", "2024/12/31/b.wav", "2025/05/31/c.wav"]
NEW = ["2025/06/01/d.wav", "2025/07/02/e.wav", "2026/01/01/f.wav"]
OTHER = ["2024/12/31/notes.txt", "2024/a.wav", "readme", "2024/12/31/deep/a.wav"]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    write(tmp_path, *OLD, *NEW, *OTHER)
    return tmp_path


@pytest.mark.parametrize("rows_per_window", [1, 2, 100])
def test_expired_files_go_and_nothing_else(root: Path, rows_per_window: int) -> None:
    work = deletion(RECORDINGS)
    with opened(root) as store:
        assert store.tally(RECORDINGS, EXPIRED).count == 3
        assert sweep(store, work, rows_per_window) == OLD
        assert store.tally(RECORDINGS, EXPIRED).count == 0
        assert store.tally(RECORDINGS, Everything()).count == 3
    assert files(root) == sorted(NEW + OTHER)


def test_a_window_left_uncommitted_changes_nothing(root: Path) -> None:
    work = deletion(RECORDINGS)
    with opened(root) as store:
        (bounds,) = store.split(work, 100)
        with store.open(work, bounds, work.target) as window:
            assert paths(window.keys) == OLD
        assert store.present(work, window.keys) == window.keys
    assert set(OLD) <= set(files(root))


def test_the_target_of_a_window_may_be_narrower_than_the_work(root: Path) -> None:
    work = deletion(RECORDINGS)
    held = Compare("name", "=", "b.wav")
    with opened(root) as store:
        (bounds,) = store.split(work, 100)
        with store.open(work, bounds, All((EXPIRED, Not(held)))) as window:
            window.commit()
    assert "2024/12/31/b.wav" in files(root)
    assert "2024/12/31/a.wav" not in files(root)


def test_a_half_done_window_is_resumed(root: Path) -> None:
    work = deletion(RECORDINGS)
    with opened(root) as store:
        (bounds,) = store.split(work, 100)
        with store.open(work, bounds, work.target) as first:
            (root / OLD[0]).unlink()  # as far as a crash let it come
        still = store.present(work, first.keys)
        assert paths(still) == OLD[1:]
        with store.open(work, bounds, work.target) as again:
            assert again.keys == still
            again.commit()
        assert store.present(work, first.keys).count == 0


def test_tally_gives_oldest_and_newest(root: Path) -> None:
    with opened(root) as store:
        expired, rest = store.tallies(RECORDINGS, [EXPIRED, Not(EXPIRED)], "recorded")
    assert (expired.count, rest.count) == (3, 3)
    assert expired.oldest == datetime(2024, 12, 31, tzinfo=UTC)
    assert expired.newest == datetime(2025, 5, 31, tzinfo=UTC)
    assert rest.newest == datetime(2026, 1, 1, tzinfo=UTC)


def test_rows_stream_fields_and_clocks(root: Path) -> None:
    with opened(root) as store:
        rows = list(store.rows(RECORDINGS, EXPIRED, ["name", "size", "recorded"]))
        assert rows[0] == ("a.wav", 5, datetime(2024, 12, 31, tzinfo=UTC))
        assert len(rows) == 3
        assert len(list(store.rows(RECORDINGS, EXPIRED, ["name"], limit=2))) == 2
        hits = list(store.rows(RECORDINGS, Contains("name", "E.W"), ["path"]))
    assert hits == [("2025/07/02/e.wav",)]


def test_a_replaced_file_is_not_the_one_that_expired(tmp_path: Path) -> None:
    by_age = mapped("{name}.wav", clocks=(Clock("recorded", FilePart("mtime")),))
    write(tmp_path, "a.wav", "b.wav", "c.wav")
    for name in ("a.wav", "b.wav"):
        os.utime(tmp_path / name, (0, (CUTOFF - timedelta(days=1)).timestamp()))
    work = deletion(by_age)
    with opened(tmp_path) as store:
        (bounds,) = store.split(work, 100)
        with store.open(work, bounds, work.target) as window:
            assert paths(window.keys) == ["a.wav", "b.wav"]
            (tmp_path / "new").write_text("a new call")
            (tmp_path / "new").rename(tmp_path / "a.wav")
            with pytest.raises(StoreRefused, match=r"1 of 2 .*changed while"):
                window.commit()
        assert paths(store.present(work, window.keys)) == ["a.wav"]
    assert (tmp_path / "a.wav").read_text() == "a new call"
    assert files(tmp_path) == ["a.wav", "c.wav"]


def test_another_file_under_the_name_is_left_even_where_the_path_decides(root: Path) -> None:
    """It has expired too, but it is not what the evidence names: the next sweep takes it."""
    work = deletion(RECORDINGS)
    with opened(root) as store:
        (bounds,) = store.split(work, 100)
        with store.open(work, bounds, work.target) as window:
            (root / "new").write_text("restored from somewhere")
            (root / "new").rename(root / OLD[0])
            with pytest.raises(StoreRefused, match=r"1 of 3 .*changed while"):
                window.commit()
        assert paths(store.present(work, window.keys)) == OLD[:1]
        assert (root / OLD[0]).read_text() == "restored from somewhere"
        assert sweep(store, work) == OLD[:1]


def test_a_file_written_to_meanwhile_is_no_longer_expired(tmp_path: Path) -> None:
    by_age = mapped("{name}.wav", clocks=(Clock("recorded", FilePart("mtime")),))
    write(tmp_path, "a.wav", "b.wav", "c.wav")
    for name in ("a.wav", "b.wav"):
        os.utime(tmp_path / name, (0, 0))
    work = deletion(by_age, ClockBy("recorded", CUTOFF))
    with opened(tmp_path) as store:
        (bounds,) = store.split(work, 100)
        with store.open(work, bounds, work.target) as window:
            (tmp_path / "b.wav").write_text("still being recorded")
            with pytest.raises(StoreRefused, match="1 of 2"):
                window.commit()
    assert files(tmp_path) == ["b.wav", "c.wav"]


def test_sidecars_go_with_their_file_and_before_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    layout = mapped("{yyyy}/{mm}/{dd}/{name}.wav", ".txt", ".WAV")
    write(tmp_path, "2025/01/01/a.wav", "2025/01/01/a.WAV", "2025/01/01/a.txt")
    write(tmp_path, "2025/01/01/b.txt", "2025/01/01/a.mp3", "2025/07/01/c.wav", "2025/07/01/c.txt")
    order: list[str] = []
    unlink = os.unlink

    def noting(name: str, *, dir_fd: int) -> None:
        order.append(name)
        unlink(name, dir_fd=dir_fd)

    monkeypatch.setattr(os, "unlink", noting)
    with opened(tmp_path) as store:
        assert store.tally(layout, EXPIRED).count == 2  # the lost sidecar is a record too
        assert sweep(store, deletion(layout)) == ["2025/01/01/a.wav", "2025/01/01/b.wav"]
    assert order == ["a.WAV", "a.txt", "a.wav", "b.txt"]
    assert files(tmp_path) == ["2025/01/01/a.mp3", "2025/07/01/c.txt", "2025/07/01/c.wav"]


def test_a_record_with_a_file_left_is_still_present(tmp_path: Path) -> None:
    layout = mapped("{yyyy}/{mm}/{dd}/{name}.wav", ".txt")
    write(tmp_path, "2025/01/01/a.txt", "2025/01/01/b.wav", "2025/01/01/b.txt")
    keys = packed([["2025/01/01/a.wav"], ["2025/01/01/b.wav"], ["2025/01/01/c.wav"]])
    with opened(tmp_path) as store:
        assert paths(store.present(deletion(layout), keys)) == [
            "2025/01/01/a.wav",
            "2025/01/01/b.wav",
        ]


def test_what_cannot_be_removed_is_counted_after_all_others_went(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    unlink = os.unlink

    def stubborn(name: str, *, dir_fd: int) -> None:
        if name == "a.wav":
            raise PermissionError(1, "Operation not permitted")
        unlink(name, dir_fd=dir_fd)

    work = deletion(RECORDINGS)
    with opened(root) as store:
        (bounds,) = store.split(work, 100)
        with store.open(work, bounds, work.target) as window:
            monkeypatch.setattr(os, "unlink", stubborn)
            with pytest.raises(StoreRefused) as caught:
                window.commit()
        assert "1 of 3 records" in str(caught.value)
        assert "a.wav" not in str(caught.value)
        assert paths(store.present(work, window.keys)) == ["2024/12/31/a.wav"]
    assert "2025/05/31/c.wav" not in files(root)


def test_files_are_not_redacted(root: Path) -> None:
    work = Work(RECORDINGS, RedactRows((("name", SetNull()),)), EXPIRED)
    with opened(root) as store, pytest.raises(StoreRefused, match="cannot be overwritten"):
        store.split(work, 100)
    assert set(OLD) <= set(files(root))


def test_a_read_only_store_opens_no_window(root: Path) -> None:
    work = deletion(RECORDINGS)
    with opened(root, read_only=True) as store:
        (bounds,) = store.split(work, 100)
        with pytest.raises(StoreRefused, match="read-only"):
            store.open(work, bounds, work.target)
        with pytest.raises(StoreRefused, match="read-only"):
            store.put(None, "batch", ["name"], iter([("x",)]))
    assert files(root) == sorted(OLD + NEW + OTHER)
