"""Walking a folder that others write to, without ever leaving it.

Every step is taken from an open folder to a name in it (`openat`), never along a path, and never
through a symbolic link. Whoever swaps a folder for a link, or renames one, while we work can
at worst make us find nothing. Special files (pipes, sockets, devices) are seen and never opened.

Folders are visited in the order of their names and one folder's names are held at a time, so
memory grows with the largest folder, not with the tree.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import NamedTuple

from servanda.connectors.files.layout import Layout

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_FILE = os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY

Parts = tuple[str, ...]


class Found(NamedTuple):
    """One record: the main file's name (it may be missing: inode 0) and its sidecars."""

    name: str
    inode: int
    sidecars: tuple[tuple[str, int], ...] = ()

    @property
    def files(self) -> tuple[tuple[str, int], ...]:
        """Names and inodes, sidecars first, the main file last."""
        main = ((self.name, self.inode),) if self.inode else ()
        return (*self.sidecars, *main)


@dataclass(slots=True)
class Folder:
    """An open folder that the template led to. The descriptor lives while it is being visited."""

    parts: Parts
    fd: int
    groups: Mapping[str, str]


@dataclass(slots=True)
class Strangers:
    """What a walk passed by, so that it can be reported."""

    links: int = 0
    special: int = 0
    other: int = 0  # ordinary files and folders that the template does not name


@dataclass(frozen=True, slots=True)
class Range:
    """A stretch of the walk's order: after one path (exclusive), up to another (inclusive)."""

    after: Parts | None = None
    upto: Parts | None = None

    def may_hold(self, parts: Parts) -> bool:
        """Whether a folder can contain paths of this range."""
        size = len(parts)
        return (self.after is None or parts >= self.after[:size]) and (
            self.upto is None or parts <= self.upto[:size]
        )

    def cuts(self, parts: Parts) -> bool:
        """Whether a folder lies only partly within."""
        size = len(parts)
        return (self.after is not None and parts == self.after[:size]) or (
            self.upto is not None and parts == self.upto[:size]
        )

    def holds(self, path: Parts) -> bool:
        return (self.after is None or path > self.after) and (
            self.upto is None or path <= self.upto
        )


EVERYWHERE = Range()


@contextmanager
def opened(name: str, parent: int) -> Iterator[int]:
    """A folder inside an open folder, as a descriptor."""
    fd = os.open(name, _FOLDER, dir_fd=parent)
    try:
        yield fd
    finally:
        os.close(fd)


def made(name: str, parent: int) -> None:
    """A folder inside an open folder, there for good, made if need be."""
    with suppress(FileExistsError):
        os.mkdir(name, 0o700, dir_fd=parent)
        os.fsync(parent)


@contextmanager
def opened_at(root: int, parts: Sequence[str]) -> Iterator[int]:
    """A folder some levels below an open one, entered level by level."""
    fd = os.open(".", _FOLDER, dir_fd=root)  # not a copy: copies share the reading position
    try:
        for name in parts:
            deeper = os.open(name, _FOLDER, dir_fd=fd)
            os.close(fd)
            fd = deeper
        yield fd
    finally:
        os.close(fd)


@contextmanager
def opened_file(name: str, parent: int, flags: int = os.O_RDONLY) -> Iterator[int]:
    """An ordinary file in an open folder; OSError for anything else."""
    fd = os.open(name, flags | _FILE, dir_fd=parent)
    try:
        if not stat.S_ISREG(os.fstat(fd).st_mode):
            raise OSError(22, "not an ordinary file")
        yield fd
    finally:
        os.close(fd)


def folders(
    root: int,
    layout: Layout,
    within: Range = EVERYWHERE,
    wanted: Callable[[Parts, Mapping[str, str]], bool] | None = None,
    strangers: Strangers | None = None,
) -> Iterator[Folder]:
    """The folders that can hold the collection's files, in order. `wanted` prunes: it is asked
    for each folder by its path and the groups known there. A folder that cannot be read is an
    OSError, because what it holds would go uncounted."""

    def enter(fd: int, parts: Parts, groups: Mapping[str, str]) -> Iterator[Folder]:
        depth = len(parts)
        if depth == len(layout.folders):
            yield Folder(parts, fd, groups)
            return
        segment = layout.folders[depth]
        for name in _folder_names(fd, segment.pattern.fullmatch, strangers):
            inner = (*parts, name)
            match = segment.pattern.fullmatch(name)
            known = _merge(groups, match.groupdict()) if match else None
            if known is None or not within.may_hold(inner):
                continue
            if wanted is not None and not wanted(inner, known):
                continue
            try:
                with opened(name, fd) as deeper:
                    yield from enter(deeper, inner, known)
            except (FileNotFoundError, NotADirectoryError):  # went, or was swapped, meanwhile
                continue

    with opened(".", root) as own:
        yield from enter(own, (), {})


def found(
    folder: Folder, layout: Layout, within: Range, strangers: Strangers | None = None
) -> list[Found]:
    """The records in one folder, by name."""
    fullmatch, grouped = layout.leaf.pattern.fullmatch, bool(layout.sidecars)
    overlap = layout.leaf.groups & folder.groups.keys()
    mains: dict[str, int] = {}
    sidecars: dict[str, list[tuple[str, int]]] = {}
    with os.scandir(folder.fd) as entries:
        for entry in entries:
            name = entry.name
            match = fullmatch(name)
            main = None if match or not grouped else layout.main_of(name)
            if match and overlap:
                match = match if _merge(folder.groups, match.groupdict()) is not None else None
            if (match is None and main is None) or not entry.is_file(follow_symlinks=False):
                _note(entry, strangers)
            elif match is not None:
                mains[name] = entry.inode()
            elif main is not None:
                sidecars.setdefault(main, []).append((name, entry.inode()))
    if sidecars:
        every = [
            Found(name, mains.get(name, 0), tuple(sorted(sidecars.get(name, ()))))
            for name in sorted(mains.keys() | sidecars.keys())
        ]
    else:
        every = [Found(name, mains[name]) for name in sorted(mains)]
    if within.cuts(folder.parts):
        return [each for each in every if within.holds((*folder.parts, each.name))]
    return every


def count(folder: Folder, layout: Layout) -> int:
    """How many records `found` would give, without telling them apart where it can."""
    if layout.sidecars or layout.leaf.groups & folder.groups.keys():
        return len(found(folder, layout, EVERYWHERE))
    fullmatch = layout.leaf.pattern.fullmatch
    with os.scandir(folder.fd) as entries:
        return sum(
            1 for each in entries if fullmatch(each.name) and each.is_file(follow_symlinks=False)
        )


def _folder_names(
    fd: int, fullmatch: Callable[[str], object], strangers: Strangers | None
) -> list[str]:
    names = []
    with os.scandir(fd) as entries:
        for entry in entries:
            if fullmatch(entry.name) and entry.is_dir(follow_symlinks=False):
                names.append(entry.name)
            else:
                _note(entry, strangers)
    return sorted(names)


def _merge(known: Mapping[str, str], new: Mapping[str, str]) -> Mapping[str, str] | None:
    """Both, or None when a group that stands twice in the template has two values."""
    if any(known.get(group, value) != value for group, value in new.items()):
        return None
    return {**known, **new}


def _note(entry: os.DirEntry[str], strangers: Strangers | None) -> None:
    if strangers is None:
        return
    if entry.is_symlink():
        strangers.links += 1
    elif entry.is_file(follow_symlinks=False) or entry.is_dir(follow_symlinks=False):
        strangers.other += 1
    else:
        strangers.special += 1
