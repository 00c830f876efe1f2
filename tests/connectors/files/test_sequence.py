"""Voicemail: what remains is numbered from 0, under Asterisk's lock, whatever interrupts."""

import errno
import fcntl
import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from servanda.connectors.files import FileStore, sequence
from servanda.connectors.files.walk import Folder
from servanda.kernel.errors import StoreBusy, StoreRefused
from servanda.kernel.predicate import ClockBy, Everything
from tests.connectors.files.shelves import CUTOFF, VOICEMAIL, deletion, opened, paths, sweep

EXPIRED = ClockBy("received", CUTOFF)
OLD, NEW = 1_700_000_000, 1_750_000_000
WORK = deletion(VOICEMAIL, EXPIRED)


def message(folder: Path, number: int, origtime: int, who: str) -> None:
    """One message as Asterisk stores it."""
    folder.mkdir(parents=True, exist_ok=True)
    card = f"; comment\n[message]\norigmailbox=200\ncallerid={who}\norigtime={origtime}\n"
    (folder / f"msg{number:04d}.txt").write_text(card)
    for ending in (".wav", ".WAV"):
        (folder / f"msg{number:04d}{ending}").write_text(f"{who} {ending}")


def heard(folder: Path) -> list[str]:
    """The messages as Asterisk finds them: from 0 to the first missing number."""
    callers: list[str] = []
    while (card := folder / f"msg{len(callers):04d}.txt").exists():
        who = next(x for x in card.read_text().splitlines() if x.startswith("callerid"))
        for ending in (".wav", ".WAV"):
            assert card.with_suffix(ending).read_text() == f"{who.split('=')[1]} {ending}"
        callers.append(who.split("=")[1])
    return callers


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    inbox = tmp_path / "default/200/INBOX"
    for number, (origtime, who) in enumerate(
        [(NEW, "ann"), (OLD, "bob"), (NEW, "cy"), (OLD, "di"), (NEW, "eve")]
    ):
        message(inbox, number, origtime, who)
    (tmp_path / "default/200/unavail.wav").write_text("greeting")
    message(tmp_path / "default/201/INBOX", 0, NEW, "stranger")
    return inbox


@pytest.fixture
def store(inbox: Path) -> Iterator[FileStore]:
    with opened(inbox.parents[2]) as store:
        yield store


def test_what_remains_is_numbered_without_gaps(store: FileStore, inbox: Path) -> None:
    assert heard(inbox) == ["ann", "bob", "cy", "di", "eve"]
    gone = sweep(store, WORK, 1)
    assert gone == ["default/200/INBOX/msg0001.txt", "default/200/INBOX/msg0003.txt"]
    assert heard(inbox) == ["ann", "cy", "eve"]
    assert len(list(inbox.iterdir())) == 9  # no lock, no half message
    assert heard(inbox.parents[1] / "201/INBOX") == ["stranger"]
    assert (inbox.parent / "unavail.wav").exists()


def test_a_message_that_moved_up_is_not_taken_for_the_one_that_went(
    store: FileStore, inbox: Path
) -> None:
    (bounds,) = store.split(WORK, 10)
    with store.open(WORK, bounds, EXPIRED) as window:
        assert store.present(WORK, window.keys) == window.keys
        window.commit()
    assert (inbox / "msg0001.txt").exists()
    assert store.present(WORK, window.keys).count == 0


def test_messages_renumbered_meanwhile_are_still_the_right_ones(
    store: FileStore, inbox: Path
) -> None:
    (bounds,) = store.split(WORK, 10)
    with store.open(WORK, bounds, EXPIRED) as window:
        for number in range(5):  # somebody deletes the first one at the phone
            for ending in (".txt", ".wav", ".WAV"):
                source = inbox / f"msg{number:04d}{ending}"
                if number:
                    source.rename(inbox / f"msg{number - 1:04d}{ending}")
                else:
                    source.unlink()
        window.commit()
    assert heard(inbox) == ["cy", "eve"]


def test_the_lock_of_the_product_is_waited_for(store: FileStore, inbox: Path) -> None:
    (inbox / ".lock").touch()  # as Asterisk leaves it while it works
    (bounds,) = store.split(WORK, 10)
    with store.open(WORK, bounds, EXPIRED) as window:
        started = threading.Event()

        def finish() -> None:
            started.wait()
            time.sleep(0.2)
            assert len(heard(inbox)) == 5  # nothing was touched before the lock was free
            (inbox / ".lock").unlink()

        asterisk = threading.Thread(target=finish)
        asterisk.start()
        started.set()
        window.commit()
        asterisk.join()
    assert heard(inbox) == ["ann", "cy", "eve"]


def test_a_lock_that_stays_is_left_to_its_holder(
    store: FileStore, inbox: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sequence, "_PATIENCE_S", 0.1)
    (inbox / ".lock").touch()
    (bounds,) = store.split(WORK, 10)
    with store.open(WORK, bounds, EXPIRED) as window, pytest.raises(StoreBusy):
        window.commit()
    assert len(heard(inbox)) == 5
    assert sorted(inbox.glob(".lock*")) == [inbox / ".lock"]


def test_the_lock_is_held_in_both_of_asterisks_ways(store: FileStore, inbox: Path) -> None:
    seen: list[str] = []
    shelf = sequence.Numbering.parse("msg{n:04d}")
    folder_fd = os.open(inbox, os.O_RDONLY)
    try:
        folder = Folder(("default", "200", "INBOX"), folder_fd, {})
        with shelf.locked(folder):
            with pytest.raises(FileExistsError):
                (inbox / "mine").touch()
                os.link(inbox / "mine", inbox / ".lock")
            with (inbox / ".lock").open("w") as lock, pytest.raises(OSError) as caught:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            assert caught.value.errno == errno.EAGAIN
            seen = [path.name for path in inbox.glob(".lock*")]
    finally:
        os.close(folder_fd)
    assert seen == [".lock"]
    assert not (inbox / ".lock").exists()


class _Crash(BaseException):
    """Stands for kill -9: nothing after it runs, not even our clean-up."""


@pytest.mark.parametrize("step", range(1, 40))
def test_a_crash_at_any_step_loses_no_message(
    store: FileStore, inbox: Path, monkeypatch: pytest.MonkeyPatch, step: int
) -> None:
    (bounds,) = store.split(WORK, 10)
    window = store.open(WORK, bounds, EXPIRED)
    steps = 0

    def dying(real: object) -> object:
        def call(*args: object, **kwargs: object) -> object:
            nonlocal steps
            steps += 1
            if steps >= step:
                raise _Crash
            return real(*args, **kwargs)  # type: ignore[operator]

        return call

    with monkeypatch.context() as patched:
        for name in ("unlink", "link", "rename", "write", "fsync", "rmdir"):
            patched.setattr(os, name, dying(getattr(os, name)))
        try:
            window.commit()
        except _Crash:
            crashed = True
        else:
            crashed = False
    assert crashed == (steps >= step)
    with store.open(WORK, bounds, EXPIRED) as again:
        again.commit()
    store.aftercare([VOICEMAIL])
    assert store.present(WORK, window.keys).count == 0
    assert heard(inbox) == ["ann", "cy", "eve"]
    left = {path.name for path in inbox.iterdir() if not path.name.startswith(".lock-")}
    assert len(left) == 9
    assert ".lock" not in left


def test_a_sidecar_without_its_message_does_not_block_the_others(
    store: FileStore, inbox: Path
) -> None:
    (inbox / "msg0001.txt").unlink()
    sweep(store, WORK)
    assert heard(inbox) == ["ann", "cy", "eve"]
    assert sorted(p.name for p in inbox.glob("*.wav"))[3:] == ["msg0005.wav"]
    unstarted = store.tally(VOICEMAIL, Everything()).count
    assert unstarted == 5  # three messages, a stranger's, and the lost sound: shown, not hidden


def test_a_gap_is_closed_after_a_run(store: FileStore, inbox: Path) -> None:
    for path in inbox.glob("msg0001.*"):
        path.unlink()
    store.aftercare([VOICEMAIL])
    assert heard(inbox) == ["ann", "cy", "di", "eve"]


def test_the_caller_and_the_time_come_from_the_card(store: FileStore, inbox: Path) -> None:
    rows = list(store.rows(VOICEMAIL, EXPIRED, ["mailbox", "callerid", "path"]))
    assert rows == [
        ("200", "bob", "default/200/INBOX/msg0001.txt"),
        ("200", "di", "default/200/INBOX/msg0003.txt"),
    ]
    tally = store.tally(VOICEMAIL, Everything(), "received")
    assert tally.oldest is not None and tally.oldest.timestamp() == OLD


def test_a_mistaken_numbering_is_refused() -> None:
    with pytest.raises(StoreRefused, match="how files are numbered"):
        sequence.Numbering.parse("msg{n}")


def test_keys_name_message_and_content(store: FileStore) -> None:
    (bounds,) = store.split(WORK, 10)
    with store.open(WORK, bounds, EXPIRED) as window:
        assert paths(window.keys) == [
            "default/200/INBOX/msg0001.txt",
            "default/200/INBOX/msg0003.txt",
        ]
        assert all(len(line) > 64 for line in window.keys.data.split(b"\n"))
