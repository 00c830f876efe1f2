"""Giving files a name that tells of nobody, where the record itself is kept for somebody else.

The harm it could do, and what stands against it (tests/connectors/files/test_renaming.py):
- a neighbour overwritten: the new name is made as a second name of the same file, which fails
  where the name is taken, and only then the old one goes. Nothing is ever replaced;
- a file lost half-way: after a crash it has the old name, both or the new one, and never none.
  Whoever does it again finds the old name and ends it;
- another file that took the old name meanwhile: what is renamed is known by its inode, before and
  after, and by the predicate, asked again in the folder as it is at that moment;
- a record that drops out of its collection: a new name that the template does not know is
  refused before anything is done;
- a restored copy beside the renamed one: an old name whose bytes are those of the new one goes;
  where they differ, both stay and a person is asked;
- a lie: a record is renamed when its folder, read again, has the new name and not the old one.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import TYPE_CHECKING, Self

from servanda.connectors.files import faults
from servanda.connectors.files.erase import erased
from servanda.connectors.files.names import from_text, to_text
from servanda.connectors.files.removal import Left, Take, identity
from servanda.connectors.files.walk import Folder, Found, Parts, opened_at, opened_file
from servanda.kernel.erased import is_erased
from servanda.kernel.errors import StoreRefused
from servanda.kernel.predicate import Predicate
from servanda.stores.mapping import RENAMED, Erasure, FilePart
from servanda.stores.port import Keys, RedactRows, Work

if TYPE_CHECKING:
    from servanda.connectors.files.shelf import FileShelf

_PIECE = 1 << 20
_NO_LINKS = frozenset((errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK))


def renames(shelf: FileShelf, work: Work) -> bool:
    """Whether the work changes nothing but the names of single files."""
    action = work.action
    return (
        isinstance(action, RedactRows)
        and bool(action.changes)
        and not shelf.layout.sidecars
        and shelf.numbering is None
        and all(_is_name(shelf, name, erasure) for name, erasure in action.changes)
    )


def _is_name(shelf: FileShelf, name: str, erasure: Erasure) -> bool:
    source = shelf.reader.part_of_field(name)
    return source == FilePart("name") and erasure == RENAMED


def new_name(name: str, key: bytes) -> str:
    """What the file is called afterwards; the same that a column gets for this name."""
    return from_text(erased(to_text(name), RENAMED, key))


def is_renamed(name: str) -> bool:
    return is_erased(to_text(name), "pseudonym")


@dataclass(slots=True)
class Renaming:
    """A window of files to be renamed; until `commit` nothing has happened."""

    shelf: FileShelf
    takes: Sequence[Take]
    keys: Keys
    predicate: Predicate
    key: bytes
    _changed: set[Parts] = field(default_factory=set)  # folders whose names must be durable

    def commit(self) -> None:
        """Rename all that can be. StoreRefused, with how many remain and why, if any does."""
        self._refuse_unknown()
        left = Left()
        with faults.translated(self.shelf.collection.store):
            for take in self.takes:
                self._work(take, left)
            for parts in self._changed:
                with opened_at(self.shelf.root, parts) as fd:
                    os.fsync(fd)
        if left.count:
            raise StoreRefused(
                f"{left.count} of {self.keys.count} records of {self.shelf.collection.id} "
                f"could not be renamed ({left.why})",
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

    def _refuse_unknown(self) -> None:
        """Every new name must still be one of the collection's."""
        pattern = self.shelf.layout.leaf.pattern
        for record in (each for take in self.takes for each in take.records):
            if not pattern.fullmatch(new_name(record.name, self.key)):
                raise StoreRefused(
                    f"{self.shelf.collection.id}: the template would not know the new names",
                    "let one group of it stand for the whole name, as in {name}.{format}",
                )

    def _work(self, take: Take, left: Left) -> None:
        try:
            with opened_at(self.shelf.root, take.parts) as fd:
                if identity(fd) != take.identity:
                    left.add(len(take.records), "its folder was replaced", "act again")
                    return
                folder = Folder(take.parts, fd, take.groups)
                self._changed.add(take.parts)
                here = Left()
                self._look(fd, take, self._rename_all(folder, take, here), here)
                left.add(here.count, here.why, here.remedy)
        except (FileNotFoundError, NotADirectoryError):
            return  # the folder is gone, and so are its files

    def _rename_all(self, folder: Folder, take: Take, left: Left) -> list[str]:
        """The new names that were given. What is no longer chosen, or another file, is left."""
        here = {each.name: each.inode for each in self.shelf.in_folder(folder, self.predicate)}
        given: list[str] = []
        for record in take.records:
            if here.get(record.name) != record.inode:
                continue
            try:
                given += self._rename(folder.fd, record)
            except FileExistsError:
                left.add(1, "another file has the new name", "look at both and keep one")
            except OSError as error:
                left.add(1, faults.why(error.errno), faults.remedy(error.errno))
        return given

    def _rename(self, fd: int, record: Found) -> list[str]:
        old, new = record.name, new_name(record.name, self.key)
        try:
            os.link(old, new, src_dir_fd=fd, dst_dir_fd=fd, follow_symlinks=False)
        except FileExistsError:
            if _inode(fd, new) != record.inode and not _same_bytes(fd, old, new):
                raise
        except OSError as error:
            if error.errno not in _NO_LINKS:
                raise
            if _inode(fd, new) is not None:
                raise FileExistsError from None
            os.rename(old, new, src_dir_fd=fd, dst_dir_fd=fd)
            return [new]
        else:
            if (other := _inode(fd, new)) != record.inode:  # somebody was quicker
                if _inode(fd, old) == other:
                    os.unlink(new, dir_fd=fd)
                return []
        if _inode(fd, old) == record.inode:
            os.fsync(fd)  # the new name is on the disk before the old one goes
            os.unlink(old, dir_fd=fd)
        return [new]

    def _look(self, fd: int, take: Take, given: Sequence[str], left: Left) -> None:
        """Read the folder again: the old names are gone, and the new ones are there."""
        with os.scandir(fd) as entries:
            names = {entry.name for entry in entries}
        still = sum(each.name in names for each in take.records)
        lost = sum(new not in names for new in given)
        if still + lost > left.count:
            left.add(still + lost - left.count, "changed while they were renamed", "act again")


def _inode(fd: int, name: str) -> int | None:
    try:
        return os.stat(name, dir_fd=fd, follow_symlinks=False).st_ino
    except FileNotFoundError:
        return None


def _same_bytes(fd: int, one: str, other: str) -> bool:
    with opened_file(one, fd) as a, opened_file(other, fd) as b:
        if os.fstat(a).st_size != os.fstat(b).st_size:
            return False
        with os.fdopen(os.dup(a), "rb") as first, os.fdopen(os.dup(b), "rb") as second:
            while piece := first.read(_PIECE):
                if piece != second.read(_PIECE):
                    return False
    return True
