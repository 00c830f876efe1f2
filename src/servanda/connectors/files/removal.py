"""Removing files. This module destroys; nothing here can be undone.

The harm it could do, and what stands against it (tests in tests/connectors/files):
- a file outside the root: every name is removed from an open folder reached from the root's own
  descriptor without following a link; a folder that is no longer the one that was looked at
  (device and inode) is left alone (test_swaps);
- an archived file that is not the one that was copied: once `contents` was asked for, only what
  was given there and has neither been replaced nor changed since may go (test_keeping);
- a newer file that took an expired one's name: what is to go is chosen again from the folder
  as it is at that moment, and a name whose inode has changed is left (test_removal);
- half a record: sidecars go first and the main file last, so that what remains after a crash
  still shows as a record and is found again (test_removal);
- a product losing count: numbered folders are worked under the product's lock and closed up
  before it is released (test_sequence);
- a lie: a record is gone when its folder, read again, no longer names it. Whatever remains
  raises, after all the others have been done (test_removal);
- folders: only empty ones, only those a date in the template made, only past ones (test_folders).
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from types import TracebackType
from typing import TYPE_CHECKING, Self

from servanda.connectors.files import faults
from servanda.connectors.files.layout import span_of
from servanda.connectors.files.walk import (
    EVERYWHERE,
    Folder,
    Found,
    Parts,
    found,
    opened_at,
    opened_file,
)
from servanda.kernel.errors import StoreRefused
from servanda.kernel.predicate import Predicate
from servanda.stores.port import Content, Keys

if TYPE_CHECKING:
    from servanda.connectors.files.shelf import FileShelf


@dataclass(frozen=True, slots=True)
class Take:
    """What is to go from one folder, and which folder that was."""

    parts: Parts
    groups: dict[str, str]
    identity: tuple[int, int]
    records: Sequence[Found]

    @classmethod
    def of(cls, folder: Folder, records: Sequence[Found]) -> Take:
        return cls(folder.parts, dict(folder.groups), identity(folder.fd), records)


@dataclass(slots=True)
class Left:
    """What could not be done, and the first reason."""

    count: int = 0
    why: str = ""
    remedy: str = ""

    def add(self, count: int, why: str, remedy: str) -> None:
        self.count += count
        self.why = self.why or why
        self.remedy = self.remedy or remedy


@dataclass(slots=True)
class Removal:
    """A window of files to be removed; until `commit` nothing has happened."""

    shelf: FileShelf
    takes: Sequence[Take]
    keys: Keys
    predicate: Predicate
    _changed: set[Parts] = field(default_factory=set)  # folders whose lost names must be durable
    _copied: set[Stamp] | None = None  # None: nobody asked for the contents

    def contents(self) -> Iterator[Content]:
        """Each file of each record, sidecars first. See `servanda.stores.port.FileWindow`."""
        self._copied = set()
        with faults.translated(self.shelf.collection.store):
            for take in self.takes:
                with opened_at(self.shelf.root, take.parts) as folder:
                    for name in (name for each in take.records for name, _ in each.files):
                        with opened_file(name, folder) as fd, os.fdopen(os.dup(fd), "rb") as file:
                            before = _stamp(os.fstat(fd))
                            yield Content("/".join((*take.parts, name)), before[2], file)
                            if _stamp(os.fstat(fd)) == before:
                                self._copied.add(before)

    def commit(self) -> None:
        """Remove all that can be. StoreRefused, with how many remain and why, if any does;
        `present` then says which."""
        left = Left()
        with faults.translated(self.shelf.collection.store):
            for take in self.takes:
                self._work(take, left)
            self._make_durable()
        if left.count:
            raise StoreRefused(
                f"{left.count} of {self.keys.count} records of {self.shelf.collection.id} "
                f"could not be removed ({left.why})",
                left.remedy,
            )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.takes = ()

    def _work(self, take: Take, left: Left) -> None:
        try:
            with opened_at(self.shelf.root, take.parts) as fd:
                if identity(fd) != take.identity:
                    left.add(len(take.records), "its folder was replaced", "run the sweep again")
                    return
                folder = Folder(take.parts, fd, take.groups)
                numbering = self.shelf.numbering
                with numbering.locked(folder) if numbering else contextlib.nullcontext():
                    self._remove(folder, take, left)
                    if numbering:
                        numbering.renumber(folder, self.shelf.layout)
        except (FileNotFoundError, NotADirectoryError):
            return  # the folder is gone, and so are its files
        self._changed.add(take.parts)
        self._remove_empty(take)

    def _remove(self, folder: Folder, take: Take, left: Left) -> None:
        denied: OSError | None = None
        for record in self._still_wanted(folder, take):
            if not self._is_copied(folder, record):
                continue
            for name, _ in record.files if record.sidecars else ((record.name, 0),):
                try:
                    os.unlink(name, dir_fd=folder.fd)
                except FileNotFoundError:
                    continue
                except OSError as error:
                    denied = denied or error
                    break  # the main file stays while a part of the record does
        remaining = self._remaining(folder, take)
        if remaining:
            number = denied.errno if denied else None
            why = faults.why(number) if number else "changed while the sweep ran"
            left.add(remaining, why, faults.remedy(number) if number else "run the sweep again")

    def _is_copied(self, folder: Folder, record: Found) -> bool:
        """All its files are as they were copied, or nobody wanted copies."""
        if self._copied is None:
            return True
        try:
            return all(
                _stamp(os.stat(name, dir_fd=folder.fd, follow_symlinks=False)) in self._copied
                for name, _ in record.files
            )
        except FileNotFoundError:
            return False

    def _still_wanted(self, folder: Folder, take: Take) -> list[Found]:
        """Those chosen that would be chosen now too, by identity and not only by name."""
        if self._path_decides(folder):  # then only another file under the name could be wrong
            with os.scandir(folder.fd) as entries:
                here = {entry.name: entry.inode() for entry in entries}
            return [each for each in take.records if here.get(each.name) == each.inode]
        marks = {self._mark(each) for each in take.records}
        now = self.shelf.in_folder(folder, self.predicate)
        return [each for each in now if self._mark(each) in marks]

    def _remaining(self, folder: Folder, take: Take) -> int:
        """How many are still there under the name (numbered: as the file) that was chosen."""
        if self._path_decides(folder):
            with os.scandir(folder.fd) as entries:
                names = {entry.name for entry in entries}
            return sum(each.name in names for each in take.records)
        here = found(folder, self.shelf.layout, EVERYWHERE)
        if self.shelf.numbering:
            marks = {self._mark(each) for each in take.records}
            return sum(self._mark(each) in marks for each in here)
        chosen = {each.name for each in take.records}
        return sum(each.name in chosen for each in here)

    def _path_decides(self, folder: Folder) -> bool:
        """Single files in a folder whose path alone makes the predicate true of all in it."""
        shelf = self.shelf
        single = not shelf.layout.sidecars and shelf.numbering is None
        return single and shelf.decided(folder, self.predicate) is True

    def _mark(self, record: Found) -> tuple[str, int]:
        """What must not have changed. A numbered file may get another name, being the same."""
        return "" if self.shelf.numbering else record.name, record.files[-1][1]

    # ── afterwards ────────────────────────────────────────────────────────────────────────────

    def _remove_empty(self, take: Take) -> None:
        """Folders that only a date in the template called for, once empty and past."""
        layout = self.shelf.layout
        yesterday = datetime.now(UTC) - timedelta(days=1)
        for depth in range(len(take.parts), 0, -1):
            known = {
                group: take.groups[group]
                for segment in layout.folders[:depth]
                for group in segment.groups
            }
            span = span_of(known, self.shelf.reader.zone)
            if not layout.folders[depth - 1].dated or span is None or span[1] > yesterday:
                return
            try:
                with opened_at(self.shelf.root, take.parts[: depth - 1]) as parent:
                    os.rmdir(take.parts[depth - 1], dir_fd=parent)
            except OSError:  # not empty, or not ours to remove: it stays
                return
            self._changed.discard(take.parts[:depth])
            self._changed.add(take.parts[: depth - 1])

    def _make_durable(self) -> None:
        """One flush for each folder that lost names."""
        for parts in self._changed:
            with (
                contextlib.suppress(FileNotFoundError, NotADirectoryError),
                opened_at(self.shelf.root, parts) as fd,
            ):
                os.fsync(fd)


Stamp = tuple[int, int, int]  # inode, size, time of change


def _stamp(status: os.stat_result) -> Stamp:
    return status.st_ino, status.st_size, status.st_mtime_ns


def identity(fd: int) -> tuple[int, int]:
    status = os.fstat(fd)
    return status.st_dev, status.st_ino
