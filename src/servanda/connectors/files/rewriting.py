"""Changing lines of log files. This module destroys; nothing here can be undone.

Two kinds of files, two ways (tests in tests/connectors/files/test_lines.py):

The live file, which a product is appending to, is overwritten in place: of a line that goes only
its separators remain among blanks, a redacted field becomes its new text filled up with blanks.
The file is never cut, moved or made longer, and nothing after its last line break is touched, so
an appender notices nothing and loses nothing. Before each write the bytes there are compared with
the line that was chosen: a log that was truncated or replaced meanwhile is left alone.

A rotated file is written anew beside itself, in its own packing, with its owner, mode, times and
attributes, flushed, and put in the old one's place in one step: a crash leaves the one or the
other. It is left alone when it has changed since it was looked at, when somebody still has it
open for writing (some rotate before the product lets go), or when it has a second name that
would keep the old lines.

Whatever is left alone raises when all else is done, and `present` says which lines those are.
"""

from __future__ import annotations

import errno
import fcntl
import os
import signal
import stat
from contextlib import suppress
from dataclasses import dataclass, field
from types import TracebackType
from typing import TYPE_CHECKING, Self

from servanda.connectors.files import faults
from servanda.connectors.files.logs import (
    Line,
    LogFile,
    lines_of,
    opened_log,
    packed_as,
    packing_of,
)
from servanda.connectors.files.walk import opened_at
from servanda.kernel.errors import StoreRefused
from servanda.stores.port import Keys

if TYPE_CHECKING:
    from servanda.connectors.files.lineshelf import LineShelf

_Change = tuple[Line, bytes | None]


@dataclass(slots=True)
class Choice:
    """What is to change in one file, and which file, in which state, that was."""

    file: LogFile
    inode: tuple[int, int]
    state: tuple[int, int]  # size and time of the last change; a live file only grows
    wanted: list[_Change] = field(default_factory=list)

    @classmethod
    def of(cls, root: int, file: LogFile) -> Choice | None:
        """None when it has gone."""
        try:
            with opened_log(root, file) as (_, fd):
                return cls(file, *_identity(fd))
        except FileNotFoundError:
            return None


@dataclass(slots=True)
class Rewriting:
    """A window of lines to be changed; until `commit` nothing has happened."""

    shelf: LineShelf
    choices: list[Choice]
    keys: Keys

    def commit(self) -> None:
        """Change all that can be. StoreRefused, with how many lines remain and why, if any do."""
        left, why = 0, ""
        for choice in self.choices:
            try:
                with faults.translated(self.shelf.collection.store):
                    self._change(choice)
            except _LeftAlone as reason:
                left, why = left + reason.lines, why or reason.why
        if left:
            raise StoreRefused(
                f"{left} of {self.keys.count} lines of {self.shelf.collection.id} "
                f"were left alone ({why})",
                "run the sweep again",
            )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.choices = []

    def _change(self, choice: Choice) -> None:
        everything = len(choice.wanted)
        flags = os.O_RDWR if choice.file.live else os.O_RDONLY
        try:
            with opened_log(self.shelf.root, choice.file, flags) as (folder, fd):
                inode, state = _identity(fd)
                if inode != choice.inode:
                    raise _LeftAlone(everything, "the log was rotated meanwhile")
                if choice.file.live:
                    _overwrite(fd, choice)
                elif state != choice.state:
                    raise _LeftAlone(everything, "the log was written to meanwhile")
                elif os.fstat(fd).st_nlink > 1:
                    raise _LeftAlone(everything, "the log has a second name, a hard link")
                elif _being_written(fd):
                    raise _LeftAlone(everything, "a program still has the log open for writing")
                else:
                    _rewrite(folder, fd, choice)
        except FileNotFoundError:
            raise _LeftAlone(everything, "the log was rotated meanwhile") from None


class _LeftAlone(Exception):
    def __init__(self, lines: int, why: str) -> None:
        super().__init__(why)
        self.lines = lines
        self.why = why


# ── in place ──────────────────────────────────────────────────────────────────────────────────


def _overwrite(fd: int, choice: Choice) -> None:
    if packing_of(fd, choice.file):
        raise StoreRefused(
            f'log file "{choice.file.shown}" is packed, but counts as being written',
            "name packed files in `rotated`",
        )
    moved = 0
    for line, new in choice.wanted:
        if os.pread(fd, len(line.text) + 1, line.offset) != line.text + line.end:
            moved += 1
            continue
        content, at = new or b"", line.offset
        while content:
            done = os.pwrite(fd, content, at)
            content, at = content[done:], at + done
    os.fsync(fd)
    if moved:
        raise _LeftAlone(moved, "the log was truncated or replaced meanwhile")


# ── anew ──────────────────────────────────────────────────────────────────────────────────────


def _rewrite(folder: int, fd: int, choice: Choice) -> None:
    partial = _partial(choice.file.name)
    with suppress(FileNotFoundError):
        os.unlink(partial, dir_fd=folder)
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    copy = os.open(partial, flags, 0o600, dir_fd=folder)
    try:
        try:
            _write_rest(fd, copy, choice)
            _dress(fd, copy)
            os.fsync(copy)
        finally:
            os.close(copy)
        if _identity(fd)[1] != choice.state:
            raise _LeftAlone(len(choice.wanted), "the log was written to meanwhile")
        os.rename(partial, choice.file.name, src_dir_fd=folder, dst_dir_fd=folder)
        os.fsync(folder)
    finally:
        with suppress(FileNotFoundError):
            os.unlink(partial, dir_fd=folder)


def _write_rest(fd: int, copy: int, choice: Choice) -> None:
    """Every line but those that go, those that change changed."""
    changes = {line.offset: (line, new) for line, new in choice.wanted}
    with (
        os.fdopen(os.dup(copy), "wb") as raw,
        packed_as(raw, packing_of(fd, choice.file), "wb") as target,
    ):
        for line in lines_of(fd, choice.file):
            chosen, new = changes.pop(line.offset, (line, line.text))
            if chosen != line:
                break
            if new is not None:
                target.write(new + line.end)
        else:
            if not changes:
                return
    raise _LeftAlone(len(choice.wanted), "the log was written to meanwhile")


def _dress(fd: int, copy: int) -> None:
    """Owner, mode, times and attributes of the original."""
    status = os.fstat(fd)
    os.fchown(copy, status.st_uid, status.st_gid)
    os.fchmod(copy, stat.S_IMODE(status.st_mode))
    for name in os.listxattr(fd):
        with suppress(OSError):  # not every file system, nor every user, may set every one
            os.setxattr(copy, name, os.getxattr(fd, name))
    os.utime(copy, ns=(status.st_atime_ns, status.st_mtime_ns))


def _being_written(fd: int) -> bool:
    """Whether a program has the file open for writing, where the system can tell: it grants a
    read lease only when none has. The lease is given back at once."""
    try:
        fcntl.fcntl(fd, fcntl.F_SETSIG, signal.SIGURG)  # if broken: a signal nobody minds
        fcntl.fcntl(fd, fcntl.F_SETLEASE, fcntl.F_RDLCK)
        fcntl.fcntl(fd, fcntl.F_SETLEASE, fcntl.F_UNLCK)
    except OSError as error:
        return error.errno == errno.EAGAIN
    return False


def forget_partial(root: int, file: LogFile) -> None:
    """Remove the half-written copy that an interruption left: it holds old lines."""
    with (
        suppress(FileNotFoundError, NotADirectoryError),
        opened_at(root, file.parts) as folder,
    ):
        os.unlink(_partial(file.name), dir_fd=folder)


def _partial(name: str) -> str:
    return f".servanda.{name[:200]}.tmp"


def _identity(fd: int) -> tuple[tuple[int, int], tuple[int, int]]:
    status = os.fstat(fd)
    return (status.st_dev, status.st_ino), (status.st_size, status.st_mtime_ns)
