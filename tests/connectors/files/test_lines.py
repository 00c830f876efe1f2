"""Lines of logs: the live file in place, rotated ones anew, packed or not."""

import bz2
import gzip
import lzma
import os
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from servanda.connectors.files import FileStore
from servanda.kernel.errors import StoreRefused
from servanda.kernel.predicate import (
    All,
    ClockBy,
    ClockMissing,
    Compare,
    Contains,
    Erased,
    Everything,
    Missing,
    Not,
)
from servanda.stores.mapping import (
    Clock,
    Collection,
    Erasure,
    Field,
    FileLayout,
    FilePart,
    Generalise,
    Pseudonym,
    SetNull,
    SetText,
)
from servanda.stores.port import DeleteRows, RedactRows, Work
from tests.connectors.files.shelves import deletion, files, opened

LOG = Collection(
    store="logs",
    name="queue",
    source="queue_log",
    activity="call-recording",
    key=(),
    clocks=(Clock("logged", FilePart("group", "at"), "epoch_s"),),
    fields=(
        Field("at", FilePart("group", "at")),
        Field("event", FilePart("group", "event")),
        Field("caller", FilePart("group", "caller"), ("contact.phone",), SetNull()),
        Field("file", FilePart("name")),
    ),
    files=FileLayout(
        "queue_log",
        lines=r"(?P<at>\d+)\|(?P<call>[^|]*)\|(?P<event>[A-Z]+)\|(?P<caller>[^|]*)",
        rotated="queue_log.{rest}",
    ),
)
CUTOFF = datetime(2025, 1, 1, tzinfo=UTC)
EXPIRED = ClockBy("logged", CUTOFF)
OLD, NEW = 1_700_000_000, 1_750_000_000


def line(at: int, caller: str, event: str = "ENTER") -> bytes:
    return f"{at}|{at}.1|{event}|{caller}|1\n".encode()


LIVE = [
    line(OLD, "07001"),
    line(NEW, "07002"),
    b"not a line of ours \xe9\n",
    b"\n",
    line(OLD + 1, "07003"),
]
FIRST = [line(OLD - 9, "07004"), line(NEW - 9, "07005"), b"caf\xe9 unparsed\n", line(OLD, "07012")]
PACKED = [line(OLD - 99, "07006"), line(OLD - 98, "07007"), line(NEW - 99, "07008")]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "queue_log").write_bytes(b"".join(LIVE) + line(OLD, "07009")[:-1])
    (tmp_path / "queue_log.1").write_bytes(b"".join(FIRST))
    (tmp_path / "queue_log.2.gz").write_bytes(
        gzip.compress(b"".join(PACKED[:1])) + gzip.compress(b"".join(PACKED[1:]))
    )
    (tmp_path / "full").write_bytes(line(OLD, "07010"))  # another log
    return tmp_path


@pytest.fixture
def store(root: Path) -> Iterator[FileStore]:
    with opened(root) as store:
        yield store


def commit_all(store: FileStore, work: Work, rows_per_window: int = 100) -> int:
    count = 0
    for bounds in store.split(work, rows_per_window):
        with store.open(work, bounds, work.target) as window:
            assert store.present(work, window.keys) == window.keys
            window.commit()
            assert store.present(work, window.keys).count == 0
            count += window.keys.count
    return count


def redaction(how: Erasure, target: object = EXPIRED, key: bytes = b"") -> Work:
    return Work(LOG, RedactRows((("caller", how),)), target, pseudonym_key=key)  # type: ignore[arg-type]


@pytest.mark.parametrize("rows_per_window", [1, 100])
def test_expired_lines_go_and_no_byte_else(
    store: FileStore, root: Path, rows_per_window: int
) -> None:
    assert store.tally(LOG, EXPIRED, "logged").count == 6
    assert commit_all(store, deletion(LOG, EXPIRED), rows_per_window) == 6
    live = (root / "queue_log").read_bytes()
    blank = b"          |            |     |       \n"  # still four fields to whoever splits it
    assert len(blank) == len(LIVE[0]) == len(LIVE[4])
    expected = blank + LIVE[1] + LIVE[2] + LIVE[3] + blank
    assert live == expected + line(OLD, "07009")[:-1]  # the unfinished line is still being written
    assert (root / "queue_log.1").read_bytes() == FIRST[1] + FIRST[2]
    assert gzip.decompress((root / "queue_log.2.gz").read_bytes()) == PACKED[2]
    assert (root / "full").read_bytes() == line(OLD, "07010")
    assert files(root) == ["full", "queue_log", "queue_log.1", "queue_log.2.gz"]
    assert store.tally(LOG, EXPIRED).count == 0
    assert store.tally(LOG, Everything()).count == 5


def test_lines_that_do_not_parse_are_counted_and_kept(store: FileStore) -> None:
    assert store.tally(LOG, ClockMissing("logged")).count == 2
    assert list(store.rows(LOG, ClockMissing("logged"), ["event", "file", "logged"])) == [
        (None, "queue_log", None),
        (None, "queue_log.1", None),
    ]


def test_twins_are_each_counted(store: FileStore, root: Path) -> None:
    (root / "queue_log.3").write_bytes(LIVE[0] * 2 + LIVE[1])
    work = deletion(LOG, Compare("caller", "=", "07001"))
    (bounds,) = store.split(work, 100)
    with store.open(work, bounds, work.target) as window:
        assert window.keys.count == 3
        assert window.keys.data == window.keys.data[:32] * 3
        (root / "queue_log").unlink()
        assert store.present(work, window.keys).count == 2


def test_a_window_left_uncommitted_changes_nothing(store: FileStore, root: Path) -> None:
    before = {name: (root / name).read_bytes() for name in files(root)}
    work = deletion(LOG, EXPIRED)
    (bounds,) = store.split(work, 100)
    with store.open(work, bounds, work.target):
        pass
    assert {name: (root / name).read_bytes() for name in files(root)} == before


def test_the_rewritten_file_keeps_mode_owner_and_times(store: FileStore, root: Path) -> None:
    for name in ("queue_log.1", "queue_log.2.gz"):
        (root / name).chmod(0o640)
        os.utime(root / name, ns=(10**18, 10**18 + 7))
    before = {name: (root / name).stat() for name in ("queue_log.1", "queue_log.2.gz")}
    commit_all(store, deletion(LOG, EXPIRED))
    for name, was in before.items():
        now = (root / name).stat()
        assert (now.st_mode, now.st_uid, now.st_mtime_ns) == (
            was.st_mode,
            was.st_uid,
            was.st_mtime_ns,
        )
        assert now.st_ino != was.st_ino


@pytest.mark.parametrize("compress", [bz2.compress, lzma.compress])
def test_other_packings_are_kept(store: FileStore, root: Path, compress: object) -> None:
    (root / "queue_log.3.x").write_bytes(compress(b"".join(PACKED)))  # type: ignore[operator]
    commit_all(store, deletion(LOG, EXPIRED))
    opener = bz2 if compress is bz2.compress else lzma
    assert opener.decompress((root / "queue_log.3.x").read_bytes()) == PACKED[2]


@pytest.mark.parametrize("damage", ["cut", "flip", "zstd"])
def test_a_damaged_file_is_refused_by_name_and_untouched(
    store: FileStore, root: Path, damage: str
) -> None:
    packed = bytearray((root / "queue_log.2.gz").read_bytes())
    if damage == "cut":
        del packed[-5:]
    elif damage == "flip":
        packed[-7] ^= 0xFF  # in the checksum of its last part
    else:
        packed[:4] = b"\x28\xb5\x2f\xfd"
    (root / "queue_log.2.gz").write_bytes(packed)
    with pytest.raises(StoreRefused, match=r"queue_log\.2\.gz"):
        store.tally(LOG, EXPIRED)
    with pytest.raises(StoreRefused, match=r"queue_log\.2\.gz"):
        store.open(deletion(LOG, EXPIRED), {"after": None, "upto": None}, EXPIRED)
    assert (root / "queue_log.2.gz").read_bytes() == packed
    assert (root / "queue_log.1").read_bytes() == b"".join(FIRST)


def test_an_appender_loses_nothing(root: Path, store: FileStore) -> None:
    """A product with O_APPEND keeps writing while its log is swept, and every line arrives."""
    written = [line(NEW + number, f"08{number:05d}") for number in range(1000)]

    def product() -> None:
        fd = os.open(root / "queue_log", os.O_WRONLY | os.O_APPEND)
        os.write(fd, b"\n")
        for each in written:
            os.write(fd, each)
            time.sleep(0.0002)
        os.close(fd)

    appender = threading.Thread(target=product)
    appender.start()
    while appender.is_alive():
        commit_all(store, deletion(LOG, EXPIRED))
    appender.join()
    commit_all(store, deletion(LOG, EXPIRED))
    content = (root / "queue_log").read_bytes()
    assert all(each in content for each in written)
    assert b"07001" not in content
    assert b"07009" not in content  # its line was ended, so it went too


def test_a_log_that_a_program_still_writes_is_not_replaced(store: FileStore, root: Path) -> None:
    work = deletion(LOG, EXPIRED)
    with (root / "queue_log.1").open("ab"), pytest.raises(StoreRefused, match=r"2 of 6 .*open"):
        commit_all(store, work)
    assert (root / "queue_log.1").read_bytes() == b"".join(FIRST)
    assert gzip.decompress((root / "queue_log.2.gz").read_bytes()) == PACKED[2]
    assert commit_all(store, work) == 2


@pytest.mark.parametrize("event", ["rotate", "append", "link", "copytruncate"])
def test_what_changed_since_it_was_looked_at_is_left_alone(
    store: FileStore, root: Path, event: str
) -> None:
    work = deletion(LOG, EXPIRED)
    (bounds,) = store.split(work, 100)
    with store.open(work, bounds, EXPIRED) as window:
        if event == "rotate":
            (root / "queue_log.1").rename(root / "queue_log.3")
            (root / "queue_log").rename(root / "queue_log.1")
            (root / "queue_log").write_bytes(line(NEW, "07011"))
        elif event == "append":
            with (root / "queue_log.1").open("ab") as late:
                late.write(line(NEW, "07011"))
        elif event == "link":
            (root / "second").hardlink_to(root / "queue_log.1")
        else:
            (root / "queue_log").write_bytes(line(NEW, "07011"))
        with pytest.raises(StoreRefused, match="left alone"):
            window.commit()
    kept = b"".join((root / n).read_bytes() for n in files(root) if not n.endswith(".gz"))
    assert FIRST[2] in kept
    if event != "link":
        assert line(NEW, "07011") in kept
    expected = {"rotate": 4, "append": 2, "link": 2, "copytruncate": 0}[event]
    assert store.present(work, window.keys).count == expected


def test_a_crash_leaves_the_old_file_or_the_new_one(
    store: FileStore, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    work = deletion(LOG, EXPIRED)
    (bounds,) = store.split(work, 100)

    class Crash(BaseException):
        pass

    def die(*_: object, **__: object) -> None:
        raise Crash

    with store.open(work, bounds, EXPIRED) as window, monkeypatch.context() as patched:
        patched.setattr(os, "rename", die)
        patched.setattr(os, "unlink", die)
        with pytest.raises((Crash, FileNotFoundError)):
            window.commit()
    (root / ".servanda.queue_log.1.tmp").write_bytes(b"left by kill -9")
    assert (root / "queue_log.1").read_bytes() == b"".join(FIRST)
    store.aftercare([LOG])
    assert not list(root.glob(".servanda*"))
    commit_all(store, work)
    assert store.tally(LOG, EXPIRED).count == 0


NOT_YET = All((EXPIRED, Not(Missing("caller"))))


def test_a_field_is_blanked_and_the_rest_of_its_line_stays(store: FileStore, root: Path) -> None:
    work = redaction(SetNull(), NOT_YET)
    assert commit_all(store, work) == 6
    assert (root / "queue_log").read_bytes().startswith(LIVE[0].replace(b"07001", b"     "))
    assert LIVE[1] in (root / "queue_log").read_bytes()
    assert (root / "queue_log.1").read_bytes() == b"".join(
        [FIRST[0].replace(b"07004", b""), *FIRST[1:3], FIRST[3].replace(b"07012", b"")]
    )
    assert store.tally(LOG, NOT_YET).count == 0
    assert store.split(work, 100) == []
    assert store.tally(LOG, Contains("caller", "07002")).count == 1


def test_a_replacement_that_does_not_fit_the_live_file_is_refused_before(
    store: FileStore, root: Path
) -> None:
    before = (root / "queue_log").read_bytes()
    work = redaction(SetText("somebody else"))
    with pytest.raises(StoreRefused, match="longer"):
        store.open(work, {}, EXPIRED)
    assert (root / "queue_log").read_bytes() == before


def test_rotated_files_take_a_replacement_of_any_length(store: FileStore, root: Path) -> None:
    target = All((EXPIRED, Compare("file", "!=", "queue_log")))
    work = redaction(Pseudonym(), target, b"k" * 32)
    assert commit_all(store, work) == 4
    names = {str(row[0]) for row in store.rows(LOG, target, ["caller"])}
    assert len(names) == 4
    assert all(name.startswith("ps_") and len(name) == 35 for name in names)
    assert store.split(work, 100) == []
    work = redaction(Generalise("number", 10), All((Compare("caller", "=", "07005"),)))
    assert commit_all(store, work) == 1
    assert b"|7000|" in (root / "queue_log.1").read_bytes()


def test_a_group_that_is_not_of_the_line_is_not_overwritten(store: FileStore) -> None:
    work = Work(LOG, RedactRows((("file", SetNull()),)), EXPIRED)
    with pytest.raises(StoreRefused, match="no part of a line"):
        store.split(work, 100)


def test_a_packed_file_under_the_live_name_is_refused(store: FileStore, root: Path) -> None:
    assert LOG.files is not None
    packed = replace(LOG, files=replace(LOG.files, template="queue_log.2.gz", rotated=""))
    work = Work(packed, DeleteRows(), EXPIRED)
    before = (root / "queue_log.2.gz").read_bytes()
    with store.open(work, {}, EXPIRED) as window, pytest.raises(StoreRefused, match="packed"):
        window.commit()
    assert (root / "queue_log.2.gz").read_bytes() == before


def test_what_could_not_be_generalised_is_blank_and_not_due_again(
    store: FileStore, root: Path
) -> None:
    (root / "queue_log.3").write_bytes(line(OLD, "unknown") + line(OLD, "07013"))
    target = All((EXPIRED, Compare("file", "=", "queue_log.3"), Not(Erased("caller", "number:10"))))
    assert commit_all(store, redaction(Generalise("number", 10), target)) == 2
    assert list(store.rows(LOG, Compare("file", "=", "queue_log.3"), ["caller"])) == [
        ("",),
        ("7010",),
    ]
    assert store.tally(LOG, target).count == 0
