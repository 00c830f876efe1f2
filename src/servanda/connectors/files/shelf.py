"""A collection whose records are files: counting, reading, cutting into windows.

Choosing never writes. What is chosen is acted upon in `removal` or `renaming`, which choose again
there.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, tzinfo

from servanda.connectors.files import cards
from servanda.connectors.files.keys import folder_keys, packed, path_of, range_from, range_to
from servanda.connectors.files.layout import compile_layout
from servanda.connectors.files.outlook import outlook
from servanda.connectors.files.record import Reader, Record
from servanda.connectors.files.removal import Removal, Take
from servanda.connectors.files.renaming import Renaming, is_renamed, renames
from servanda.connectors.files.sequence import Numbering
from servanda.connectors.files.walk import (
    EVERYWHERE,
    Folder,
    Found,
    Parts,
    Range,
    count,
    folders,
    found,
    opened_at,
)
from servanda.kernel.errors import StoreRefused
from servanda.kernel.predicate import Predicate, all_of
from servanda.stores.counting import Count
from servanda.stores.mapping import Collection, FileLayout
from servanda.stores.port import Bounds, DeleteRows, Keys, Row, Tally, Window, Work


class FileShelf:
    """One collection of one open store. Holds no state between calls."""

    def __init__(self, root: int, collection: Collection, files: FileLayout, zone: tzinfo) -> None:
        self.root = root
        self.collection = collection
        self.layout = compile_layout(files.template, files.sidecars)
        self.reader = Reader(collection, self.layout, zone)
        self.numbering = Numbering.parse(files.sequence) if files.sequence else None

    # ── choosing ──────────────────────────────────────────────────────────────────────────────

    def visit(
        self, predicates: Sequence[Predicate], within: Range = EVERYWHERE
    ) -> Iterator[tuple[Folder, list[bool | None]]]:
        """Folders in which any of the predicates may be true, with what is known of each."""
        outlooks: list[bool | None] = []

        def wanted(parts: Parts, groups: Mapping[str, str]) -> bool:
            outlooks[:] = [outlook(p, self.reader, len(parts), groups) for p in predicates]
            return any(each is not False for each in outlooks)

        if not self.layout.folders:
            wanted((), {})
        for folder in folders(self.root, self.layout, within, wanted):
            yield folder, list(outlooks)

    def in_folder(
        self, folder: Folder, predicate: Predicate, within: Range = EVERYWHERE
    ) -> list[Found]:
        """The records of one folder of which the predicate is true, by name."""
        known = self.decided(folder, predicate)
        if known is False:
            return []
        every = found(folder, self.layout, within)
        if known is True:
            return every
        return [each for each in every if Record(self.reader, folder, each).satisfies(predicate)]

    def decided(self, folder: Folder, predicate: Predicate) -> bool | None:
        """What the folder's path says of all that lies in it."""
        return outlook(predicate, self.reader, len(folder.parts), folder.groups)

    def chosen(
        self, predicate: Predicate, within: Range = EVERYWHERE
    ) -> Iterator[tuple[Folder, list[Found]]]:
        predicate = self._ours(predicate)
        for folder, _ in self.visit([predicate], within):
            yield folder, self.in_folder(folder, predicate, within)

    def _ours(self, predicate: Predicate) -> Predicate:
        return all_of((self.collection.where, predicate))

    # ── counting and reading ──────────────────────────────────────────────────────────────────

    def tallies(self, wheres: Sequence[Predicate], clock: str | None) -> list[Tally]:
        counts = [Count() for _ in wheres]
        ours = [self._ours(where) for where in wheres]
        for folder, knowns in self.visit(ours):
            if None not in knowns and (moments := self._moment_of_all(folder, clock)):
                records = count(folder, self.layout)
                for tally, known in zip(counts, knowns, strict=True):
                    if known and records:
                        tally.add(moments[0], records)
                continue
            every = found(folder, self.layout, EVERYWHERE)
            for each in every:
                record = Record(self.reader, folder, each)
                moment = record.clock(clock, "start") if clock else None
                for tally, known, where in zip(counts, knowns, ours, strict=True):
                    if known or (known is None and record.satisfies(where)):
                        tally.add(moment)
        return [tally.tally() for tally in counts]

    def _moment_of_all(self, folder: Folder, clock: str | None) -> list[datetime | None]:
        """What the clock says of every record in the folder; empty where they may differ."""
        if clock is None:
            return [None]
        if not self.reader.is_path_clock(clock) or not self.layout.dated_by(len(folder.parts)):
            return []
        return [Record(self.reader, folder, Found("", 0)).clock(clock, "start")]

    def rows(self, where: Predicate, fields: Sequence[str], limit: int | None) -> Iterator[Row]:
        left = limit
        for folder, records in self.chosen(where):
            for each in records:
                if left is not None:
                    if left <= 0:
                        return
                    left -= 1
                record = Record(self.reader, folder, each)
                yield tuple(record.field_or_clock(name) for name in fields)

    # ── working ───────────────────────────────────────────────────────────────────────────────

    def split(self, work: Work, rows_per_window: int) -> list[Bounds]:
        self._only_whole(work)
        cuts: list[Parts] = []
        since = 0  # records after the last cut
        ours = self._ours(work.target)
        for folder, (known,) in self.visit([ours]):
            if self.numbering is None and known:
                number = count(folder, self.layout)
                if since + number < rows_per_window:  # no cut in here: who they are does not matter
                    since += number
                    continue
            records = self.in_folder(folder, ours)
            if self.numbering is None:
                for at in range(rows_per_window - since, len(records) + 1, rows_per_window):
                    cuts.append((*folder.parts, records[at - 1].name))
                since = (since + len(records)) % rows_per_window
            else:  # a numbered folder is worked whole, under one lock
                since += len(records)
                if since >= rows_per_window:
                    cuts.append((*folder.parts, chr(0x10FFFF)))
                    since = 0
        if not since and not cuts:
            return []
        if not since:
            cuts.pop()  # the last window has no end, so that it covers what comes meanwhile
        return [
            range_to(Range(after, upto))
            for after, upto in zip([None, *cuts], [*cuts, None], strict=True)
        ]

    def open(self, work: Work, bounds: Bounds, target: Predicate) -> Window:
        self._only_whole(work)
        within = range_from(bounds)
        named = renames(self, work)
        takes: list[Take] = []
        lines: list[bytes] = []
        for folder, records in self.chosen(target, within):
            if named:
                records = [each for each in records if not is_renamed(each.name)]
            if records:
                takes.append(Take.of(folder, records))
                lines += self._keys(folder, records)
        if named:
            return Renaming(self, takes, packed(lines), self._ours(target), work.pseudonym_key)
        return Removal(self, takes, packed(lines), self._ours(target))

    def _keys(self, folder: Folder, records: Iterable[Found]) -> list[bytes]:
        if self.numbering is None:
            return folder_keys(folder.parts, (each.name for each in records))
        return folder_keys(
            folder.parts,
            (each.name for each in records),
            (cards.digest(folder, each) for each in records),
        )

    def present(self, work: Work, keys: Keys) -> Keys:
        """Those of the records that still have a file, whichever of theirs it is; where files are
        renamed, a file of that name."""
        self._only_whole(work)
        named = renames(self, work)
        wanted: dict[Parts, list[tuple[str, str, bytes]]] = {}
        for line in keys.data.split(b"\n") if keys.count else ():
            path, mark = path_of(line)
            if named and is_renamed(path[-1]):
                continue
            wanted.setdefault(path[:-1], []).append((path[-1], mark, line))
        still: list[bytes] = []
        for parts, entries in sorted(wanted.items()):
            try:
                with opened_at(self.root, parts) as fd:
                    folder = Folder(parts, fd, {})
                    here = found(folder, self.layout, EVERYWHERE)
                    if self.numbering is None:
                        names = {each.name for each in here}
                        still += [line for name, _, line in entries if name in names]
                    else:  # its number may have changed; its card has not
                        marks = {cards.digest(folder, each) for each in here}
                        still += [line for _, mark, line in entries if mark in marks]
            except (FileNotFoundError, NotADirectoryError):
                continue
        return packed(still)

    def tidy(self) -> None:
        """After a run: close gaps in numbered folders that an interruption left."""
        if self.numbering is not None:
            for folder in folders(self.root, self.layout):
                self.numbering.close_gaps(folder, self.layout)

    def _only_whole(self, work: Work) -> None:
        if not isinstance(work.action, DeleteRows) and not renames(self, work):
            raise StoreRefused(
                f"{self.collection.id}: a file's name and content cannot be overwritten in part",
                "let its rule delete the file, or map the lines of the file as a collection",
            )
