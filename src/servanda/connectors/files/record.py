"""One record of a folder: its fields and clocks, read when asked for and not before.

A name costs nothing, an mtime one `stat`, a card's key one small read; a sweep by the date in
the path never looks at a file at all.
"""

from __future__ import annotations

import os
from collections.abc import Collection as Collection_
from collections.abc import Mapping
from datetime import UTC, datetime, tzinfo
from zoneinfo import ZoneInfo

from servanda.connectors.files import cards
from servanda.connectors.files.layout import DATED, Layout, span_of
from servanda.connectors.files.names import to_text
from servanda.connectors.files.walk import Folder, Found
from servanda.kernel.errors import Drift
from servanda.kernel.evaluate import evaluate
from servanda.kernel.predicate import Edge, Predicate, Scalar
from servanda.stores.mapping import Clock, Collection, Column, FilePart, Source
from servanda.stores.moments import Span, read_moment


class Reader:
    """A collection's mapping onto files, checked once."""

    def __init__(
        self,
        collection: Collection,
        layout: Layout,
        zone: tzinfo,
        line_groups: Collection_[str] = (),
    ) -> None:
        """`line_groups`: named by the expression of the file's lines, before the template's."""
        self.layout = layout
        self.zone = zone
        self.line_groups = frozenset(line_groups)
        named = layout.groups | self.line_groups
        self.fields = {f.name: _part(collection, named, f.source) for f in collection.fields}
        self.clocks = {c.event: c for c in collection.clocks}
        self.clock_parts = {c.event: _part(collection, named, c.source) for c in collection.clocks}
        for event, part in self.clock_parts.items():
            if part.part == "path" and not layout.path_dated:
                raise Drift(
                    f'{collection.id}: clock "{event}" is read from the path, which has no date',
                    "name {yyyy}, {mm}, {dd} or {epoch} in the template, or use mtime",
                )
        self.name = collection.id

    def is_path_clock(self, event: str) -> bool:
        part = self.part_of_clock(event)
        return part.part == "path" or (part.part == "group" and self._dates_with(part.key, event))

    def _dates_with(self, group: str, event: str) -> bool:
        ours = group in DATED and group not in self.line_groups
        return ours and self.clocks[event].kind == "auto"

    def part_of_clock(self, event: str) -> FilePart:
        try:
            return self.clock_parts[event]
        except KeyError:
            raise Drift(
                f'{self.name} has no clock "{event}"', "declare it in the mapping"
            ) from None

    def part_of_field(self, name: str) -> FilePart:
        try:
            return self.fields[name]
        except KeyError:
            raise self._undeclared("field", name) from None

    def _undeclared(self, what: str, name: str) -> Drift:
        return Drift(f'{self.name} has no {what} "{name}"', "declare it in the mapping")

    def zone_of(self, clock: Clock) -> tzinfo:
        return ZoneInfo(clock.zone) if clock.zone else self.zone


class Record:
    """Valid while its folder is being visited."""

    __slots__ = ("_card", "_groups", "_stat", "folder", "found", "reader")

    def __init__(self, reader: Reader, folder: Folder, found: Found) -> None:
        self.reader = reader
        self.folder = folder
        self.found = found
        self._groups: Mapping[str, str] | None = None
        self._card: dict[str, Scalar] | None = None
        self._stat: os.stat_result | None = None

    @property
    def path(self) -> str:
        return "/".join((*self.folder.parts, self.found.name))

    @property
    def groups(self) -> Mapping[str, str]:
        if self._groups is None:
            match = self.reader.layout.leaf.pattern.fullmatch(self.found.name)
            self._groups = {**self.folder.groups, **(match.groupdict() if match else {})}
        return self._groups

    def satisfies(self, predicate: Predicate) -> bool:
        return evaluate(predicate, self.field, self.clock)

    def field(self, name: str) -> Scalar:
        return self.value(self.reader.part_of_field(name))

    def clock(self, event: str, edge: Edge) -> datetime | None:
        span = self.span(event)
        return None if span is None else span[edge == "end"]

    def span(self, event: str) -> Span | None:
        if self.reader.is_path_clock(event):
            return span_of(self.groups, self.reader.zone_of(self.reader.clocks[event]))
        clock = self.reader.clocks[event]
        value = self.value(self.reader.clock_parts[event])
        return read_moment(value, clock.kind, clock.format, self.reader.zone_of(clock))

    def field_or_clock(self, name: str) -> Scalar:
        """By a field's name, or by a clock's: then the first instant it may have happened."""
        if name in self.reader.fields:
            return self.field(name)
        self.reader.part_of_clock(name)
        return self.clock(name, "start")

    def value(self, part: FilePart) -> Scalar:
        match part.part:
            case "path":
                return to_text(self.path)
            case "name":
                return to_text(self.found.name)
            case "stem":
                return to_text(self.found.name.removesuffix(self.reader.layout.ending))
            case "group":
                value = self.groups.get(part.key)
                return None if value is None else to_text(value)
            case "size":
                return None if (status := self._status()) is None else status.st_size
            case "mtime":
                status = self._status()
                return None if status is None else datetime.fromtimestamp(status.st_mtime, UTC)
            case "sidecar":
                if self._card is None:
                    self._card = cards.parse(cards.read_bytes(self.folder, self.found))
                return self._card.get(part.key)

    def _status(self) -> os.stat_result | None:
        """Of the main file, or of the first sidecar where the main file is missing."""
        if self._stat is None:
            name = self.found.files[-1][0]
            try:
                self._stat = os.stat(name, dir_fd=self.folder.fd, follow_symlinks=False)
            except FileNotFoundError:
                return None
        return self._stat


def _part(collection: Collection, named: Collection_[str], source: Source) -> FilePart:
    """Where in a file a value lies; Drift when a folder cannot have such a value."""
    if isinstance(source, Column):  # a bare name: a group of the template, else a key of the card
        source = FilePart("group" if source.name in named else "sidecar", source.name)
    if not isinstance(source, FilePart):
        raise Drift(
            f"{collection.id}: a folder has no tables to join and no JSON columns",
            "read the value from the path, the file's properties, or its sidecar",
        )
    if source.part == "group" and source.key not in named:
        raise Drift(
            f'{collection.id}: the template has no group "{source.key}"',
            "name it in the template, in braces",
        )
    return source
