"""Lines of logs: the live file in place, rotated ones anew, packed or not."""

import bz2
import gzip
import lzma
import os
import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest

from servanda.connectors.files import FileStore
from servanda.kernel.errors import StoreRefused
from servanda.kernel.predicate import (
    ClockMissing,
    Compare,
    Everything,
)
from servanda.stores.port import DeleteRows, Work
from tests.connectors.files.loglines import (
    EXPIRED,
    FIRST,
    LIVE,
    LOG,
    NEW,
    OLD,
    PACKED,
    commit_all,
    line,
)
from tests.connectors.files.shelves import deletion, files


@pytest.mark.parametrize("rows_per_window", [1, 100])
def test_expired_lines_go_and_no_byte_else(
    log_store: FileStore, log: Path, rows_per_window: int
) -> None:
    assert log_store.tally(LOG, EXPIRED, "logged").count == 6
    assert commit_all(log_store, deletion(LOG, EXPIRED), rows_per_window) == 6
    live = (log / "queue_log").read_bytes()
    blank = b"          |            |     |       \n"  # still four fields to whoever splits it
    assert len(blank) == len(LIVE[0]) == len(LIVE[4])
    expected = blank + LIVE[1] + LIVE[2] + LIVE[3] + blank
    assert live == expected + line(OLD, "07009")[:-1]  # the unfinished line is still being written
    assert (log / "queue_log.1").read_bytes() == FIRST[1] + FIRST[2]
    assert gzip.decompress((log / "queue_log.2.gz").read_bytes()) == PACKED[2]
    assert (log / "full").read_bytes() == line(OLD, "07010")
    assert files(log) == ["full", "queue_log", "queue_log.1", "queue_log.2.gz"]
    assert log_store.tally(LOG, EXPIRED).count == 0
    assert log_store.tally(LOG, Everything()).count == 5


def test_lines_that_do_not_parse_are_counted_and_kept(log_store: FileStore) -> None:
    assert log_store.tally(LOG, ClockMissing("logged")).count == 2
    assert list(log_store.rows(LOG, ClockMissing("logged"), ["event", "file", "logged"])) == [
        (None, "queue_log", None),
        (None, "queue_log.1", None),
    ]


def test_twins_are_each_counted(log_store: FileStore, log: Path) -> None:
    (log / "queue_log.3").write_bytes(LIVE[0] * 2 + LIVE[1])
    work = deletion(LOG, Compare("caller", "=", "07001"))
    (bounds,) = log_store.split(work, 100)
    with log_store.open(work, bounds, work.target) as window:
        assert window.keys.count == 3
        assert window.keys.data == window.keys.data[:32] * 3
        (log / "queue_log").unlink()
        assert log_store.present(work, window.keys).count == 2


def test_a_window_left_uncommitted_changes_nothing(log_store: FileStore, log: Path) -> None:
    before = {name: (log / name).read_bytes() for name in files(log)}
    work = deletion(LOG, EXPIRED)
    (bounds,) = log_store.split(work, 100)
    with log_store.open(work, bounds, work.target):
        pass
    assert {name: (log / name).read_bytes() for name in files(log)} == before


def test_the_rewritten_file_keeps_mode_owner_and_times(log_store: FileStore, log: Path) -> None:
    for name in ("queue_log.1", "queue_log.2.gz"):
        (log / name).chmod(0o640)
        os.utime(log / name, ns=(10**18, 10**18 + 7))
    before = {name: (log / name).stat() for name in ("queue_log.1", "queue_log.2.gz")}
    commit_all(log_store, deletion(LOG, EXPIRED))
    for name, was in before.items():
        now = (log / name).stat()
        assert (now.st_mode, now.st_uid, now.st_mtime_ns) == (
            was.st_mode,
            was.st_uid,
            was.st_mtime_ns,
        )
        assert now.st_ino != was.st_ino


@pytest.mark.parametrize("compress", [bz2.compress, lzma.compress])
def test_other_packings_are_kept(log_store: FileStore, log: Path, compress: object) -> None:
    (log / "queue_log.3.x").write_bytes(compress(b"".join(PACKED)))  # type: ignore[operator]
    commit_all(log_store, deletion(LOG, EXPIRED))
    opener = bz2 if compress is bz2.compress else lzma
    assert opener.decompress((log / "queue_log.3.x").read_bytes()) == PACKED[2]


@pytest.mark.parametrize("damage", ["cut", "flip", "zstd"])
def test_a_damaged_file_is_refused_by_name_and_untouched(
    log_store: FileStore, log: Path, damage: str
) -> None:
    packed = bytearray((log / "queue_log.2.gz").read_bytes())
    if damage == "cut":
        del packed[-5:]
    elif damage == "flip":
        packed[-7] ^= 0xFF  # in the checksum of its last part
    else:
        packed[:4] = b"\x28\xb5\x2f\xfd"
    (log / "queue_log.2.gz").write_bytes(packed)
    with pytest.raises(StoreRefused, match=r"queue_log\.2\.gz"):
        log_store.tally(LOG, EXPIRED)
    with pytest.raises(StoreRefused, match=r"queue_log\.2\.gz"):
        log_store.open(deletion(LOG, EXPIRED), {"after": None, "upto": None}, EXPIRED)
    assert (log / "queue_log.2.gz").read_bytes() == packed
    assert (log / "queue_log.1").read_bytes() == b"".join(FIRST)


def test_an_appender_loses_nothing(log: Path, log_store: FileStore) -> None:
    """A product with O_APPEND keeps writing while its log is swept, and every line arrives."""
    written = [line(NEW + number, f"08{number:05d}") for number in range(1000)]

    def product() -> None:
        fd = os.open(log / "queue_log", os.O_WRONLY | os.O_APPEND)
        os.write(fd, b"\n")
        for each in written:
            os.write(fd, each)
            time.sleep(0.0002)
        os.close(fd)

    appender = threading.Thread(target=product)
    appender.start()
    while appender.is_alive():
        commit_all(log_store, deletion(LOG, EXPIRED))
    appender.join()
    commit_all(log_store, deletion(LOG, EXPIRED))
    content = (log / "queue_log").read_bytes()
    assert all(each in content for each in written)
    assert b"07001" not in content
    assert b"07009" not in content  # its line was ended, so it went too


def test_a_log_that_a_program_still_writes_is_not_replaced(log_store: FileStore, log: Path) -> None:
    work = deletion(LOG, EXPIRED)
    with (log / "queue_log.1").open("ab"), pytest.raises(StoreRefused, match=r"2 of 6 .*open"):
        commit_all(log_store, work)
    assert (log / "queue_log.1").read_bytes() == b"".join(FIRST)
    assert gzip.decompress((log / "queue_log.2.gz").read_bytes()) == PACKED[2]
    assert commit_all(log_store, work) == 2


@pytest.mark.parametrize("event", ["rotate", "append", "link", "copytruncate"])
def test_what_changed_since_it_was_looked_at_is_left_alone(
    log_store: FileStore, log: Path, event: str
) -> None:
    work = deletion(LOG, EXPIRED)
    (bounds,) = log_store.split(work, 100)
    with log_store.open(work, bounds, EXPIRED) as window:
        if event == "rotate":
            (log / "queue_log.1").rename(log / "queue_log.3")
            (log / "queue_log").rename(log / "queue_log.1")
            (log / "queue_log").write_bytes(line(NEW, "07011"))
        elif event == "append":
            with (log / "queue_log.1").open("ab") as late:
                late.write(line(NEW, "07011"))
        elif event == "link":
            (log / "second").hardlink_to(log / "queue_log.1")
        else:
            (log / "queue_log").write_bytes(line(NEW, "07011"))
        with pytest.raises(StoreRefused, match="left alone"):
            window.commit()
    kept = b"".join((log / n).read_bytes() for n in files(log) if not n.endswith(".gz"))
    assert FIRST[2] in kept
    if event != "link":
        assert line(NEW, "07011") in kept
    expected = {"rotate": 4, "append": 2, "link": 2, "copytruncate": 0}[event]
    assert log_store.present(work, window.keys).count == expected


def test_a_crash_leaves_the_old_file_or_the_new_one(
    log_store: FileStore, log: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    work = deletion(LOG, EXPIRED)
    (bounds,) = log_store.split(work, 100)

    class Crash(BaseException):
        pass

    def die(*_: object, **__: object) -> None:
        raise Crash

    with log_store.open(work, bounds, EXPIRED) as window, monkeypatch.context() as patched:
        patched.setattr(os, "rename", die)
        patched.setattr(os, "unlink", die)
        with pytest.raises((Crash, FileNotFoundError)):
            window.commit()
    (log / ".servanda.queue_log.1.tmp").write_bytes(b"left by kill -9")
    assert (log / "queue_log.1").read_bytes() == b"".join(FIRST)
    log_store.aftercare([LOG])
    assert not list(log.glob(".servanda*"))
    commit_all(log_store, work)
    assert log_store.tally(LOG, EXPIRED).count == 0


def test_a_packed_file_under_the_live_name_is_refused(log_store: FileStore, log: Path) -> None:
    assert LOG.files is not None
    packed = replace(LOG, files=replace(LOG.files, template="queue_log.2.gz", rotated=""))
    work = Work(packed, DeleteRows(), EXPIRED)
    before = (log / "queue_log.2.gz").read_bytes()
    with log_store.open(work, {}, EXPIRED) as window, pytest.raises(StoreRefused, match="packed"):
        window.commit()
    assert (log / "queue_log.2.gz").read_bytes() == before
