"""Folders whose files a product numbers without gaps (Asterisk's voicemail: msg0000, msg0001, …).

Asterisk counts up to the first missing number: with a gap, what lies beyond is not found until
it puts the folder in order itself, and a message that is left meanwhile lands in the gap, before
older ones. So a deletion is followed by closing the gap, both under the lock that Asterisk takes.

The lock is the name `.lock`, made with `link`, which fails where it exists. Asterisk can also be
told to use `flock` on that file, so we hold that too. Ours carries our mark: after a crash the
flock is gone while the name stands, and whoever comes next of us may take it away.

A file moves by being linked under its new name and then unlinked under the old one. A crash in
between leaves it with both; that two names share an inode says what was going on, and the next
run ends it. A message is at worst heard twice, never lost (test_sequence).
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import re
import secrets
import time
from collections.abc import Iterator
from dataclasses import dataclass

from servanda.connectors.files.layout import Layout
from servanda.connectors.files.walk import EVERYWHERE, Folder, Found, found
from servanda.kernel.errors import StoreBusy, StoreRefused

_LOCK = ".lock"
_MARK = b"servanda\n"
_PATIENCE_S = 10.0  # twice as long as Asterisk itself waits
_FORMAT = re.compile(r"([^{}/]*)\{([A-Za-z_]\w*):0(\d)d\}([^{}/]*)")


@dataclass(frozen=True, slots=True)
class Numbering:
    """How stems are numbered: `msg{n:04d}` is prefix, group, width, suffix."""

    prefix: str
    group: str
    width: int
    suffix: str

    @classmethod
    def parse(cls, text: str) -> Numbering:
        match = _FORMAT.fullmatch(text)
        if match is None:
            raise StoreRefused(
                f'"{text}" does not say how files are numbered',
                "write the name with its number, for example msg{n:04d}",
            )
        prefix, group, width, suffix = match.groups()
        return cls(prefix, group, int(width), suffix)

    def stem(self, number: int) -> str:
        return f"{self.prefix}{number:0{self.width}d}{self.suffix}"

    # ── the product's lock ────────────────────────────────────────────────────────────────────

    @contextlib.contextmanager
    def locked(self, folder: Folder) -> Iterator[None]:
        """Hold the folder's lock; StoreBusy when somebody else keeps it."""
        own = f"{_LOCK}-{secrets.token_hex(4)}"
        fd = os.open(own, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, dir_fd=folder.fd)
        try:
            os.fchmod(fd, 0o666)  # the product must be able to open it to see that it is held
            fcntl.flock(fd, fcntl.LOCK_EX)
            os.write(fd, _MARK)
            try:
                _take(folder.fd, own)
            finally:
                os.unlink(own, dir_fd=folder.fd)
            try:
                yield
            finally:
                os.unlink(_LOCK, dir_fd=folder.fd)
        finally:
            os.close(fd)

    # ── closing up ────────────────────────────────────────────────────────────────────────────

    def close_gaps(self, folder: Folder, layout: Layout) -> None:
        """Renumber under the lock, if there is anything to do."""
        if self._out_of_order(folder, layout) or _abandoned(folder.fd):
            with self.locked(folder):
                self.renumber(folder, layout)

    def renumber(self, folder: Folder, layout: Layout) -> None:
        """Number the records from 0 in their order; the lock must be held."""
        self._finish_moves(folder, layout)
        records = self._numbered(folder, layout)
        whole = [each for each in records if each.inode]
        # A sidecar without its main file is no message, and must not stand where one belongs.
        free = max((self._number(each, layout) for each in records), default=-1) + 1
        for stray in (each for each in records if not each.inode):
            if self._number(stray, layout) < len(whole):
                self._move(folder, layout, stray, free)
                free += 1
        for number, record in enumerate(whole):
            if self._number(record, layout) != number:
                self._move(folder, layout, record, number)

    def _out_of_order(self, folder: Folder, layout: Layout) -> bool:
        numbers = [
            self._number(each, layout) for each in self._numbered(folder, layout) if each.inode
        ]
        return numbers != list(range(len(numbers)))

    def _numbered(self, folder: Folder, layout: Layout) -> list[Found]:
        every = found(folder, layout, EVERYWHERE)
        return sorted(every, key=lambda each: self._number(each, layout))

    def _number(self, record: Found, layout: Layout) -> int:
        match = layout.leaf.pattern.fullmatch(record.name)
        text = match.groupdict().get(self.group, "") if match else ""
        if not (text.isascii() and text.isdigit()):
            raise StoreRefused(
                "a file in a numbered folder has no number in its name",
                "let the template match numbered files only",
            )
        return int(text)

    def _move(self, folder: Folder, layout: Layout, record: Found, number: int) -> None:
        names = [name for name, _ in record.files]
        for name in names:
            new = self._renamed(record, layout, name, number)
            try:
                os.link(
                    name, new, src_dir_fd=folder.fd, dst_dir_fd=folder.fd, follow_symlinks=False
                )
            except FileExistsError:
                here, there = (
                    os.stat(each, dir_fd=folder.fd, follow_symlinks=False) for each in (name, new)
                )
                if (here.st_dev, here.st_ino) != (there.st_dev, there.st_ino):
                    raise StoreRefused(
                        "two files of a numbered folder have one number",
                        "rename one of them by hand",
                    ) from None
        for name in reversed(names):
            os.unlink(name, dir_fd=folder.fd)

    def _renamed(self, record: Found, layout: Layout, name: str, number: int) -> str:
        stem = record.name.removesuffix(layout.ending)
        return self.stem(number) + name[len(stem) :]

    def _finish_moves(self, folder: Folder, layout: Layout) -> None:
        """End the moves that a crash interrupted: a file with two names has its lower one."""
        lowest: dict[int, Found] = {}
        for record in self._numbered(folder, layout):
            earlier = next((lowest[i] for _, i in record.files if i in lowest), None)
            if earlier is not None:
                self._move(folder, layout, record, self._number(earlier, layout))
            for _, inode in record.files:
                lowest.setdefault(inode, record)


def _take(parent: int, own: str) -> None:
    until = time.monotonic() + _PATIENCE_S
    while True:
        try:
            os.link(own, _LOCK, src_dir_fd=parent, dst_dir_fd=parent)
        except FileExistsError:
            if _abandoned(parent):
                with contextlib.suppress(FileNotFoundError):
                    os.unlink(_LOCK, dir_fd=parent)
            elif time.monotonic() > until:
                raise StoreBusy(
                    "a numbered folder is locked by the product", "it is tried again"
                ) from None
            else:
                time.sleep(0.02)
        else:
            return


def _abandoned(parent: int) -> bool:
    """Whether the lock is one of ours whose holder is no more."""
    try:
        fd = os.open(_LOCK, os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=parent)
    except OSError:
        return False
    try:
        if os.read(fd, len(_MARK) + 1) != _MARK:
            return False
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    finally:
        os.close(fd)
    return True
