"""A collection whose records are lines of log files: counting, reading, cutting into windows.

A line is identified by the SHA-256 of its bytes alone, so that it is still known when the file
it stands in has been rotated to another name. A window is a stretch of whole files.
"""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import tzinfo

from servanda.connectors.files import faults
from servanda.connectors.files.erase import erased
from servanda.connectors.files.keys import range_from, range_to
from servanda.connectors.files.layout import compile_layout
from servanda.connectors.files.linerecord import LineRecord, blank_is_erased, text_of
from servanda.connectors.files.logs import Line, LogFile, lines_of, opened_log
from servanda.connectors.files.record import Reader
from servanda.connectors.files.rewriting import Choice, Rewriting, forget_partial
from servanda.connectors.files.walk import (
    EVERYWHERE,
    Folder,
    Found,
    Parts,
    Range,
    folders,
    found,
)
from servanda.kernel.errors import Drift, StoreRefused
from servanda.kernel.predicate import Predicate, all_of
from servanda.stores.counting import Count
from servanda.stores.mapping import Collection, Erasure, FileLayout
from servanda.stores.port import (
    Bounds,
    CorrectRows,
    DeleteRows,
    Keys,
    RedactRows,
    Row,
    Tally,
    Window,
    Work,
)


class LineShelf:
    """One collection of one open store. Holds no state between calls."""

    def __init__(self, root: int, collection: Collection, files: FileLayout, zone: tzinfo) -> None:
        self.root = root
        self.collection = collection
        self.layouts = [compile_layout(files.template)]
        if files.rotated:
            self.layouts.append(compile_layout(files.rotated))
        try:
            self.expression = re.compile(files.lines.strip().encode())
        except re.error as error:
            raise Drift(
                f"{collection.id}: the expression of its lines does not fit bytes",
                "use plain characters and no \\u escapes in it",
            ) from error
        self.reader = Reader(collection, self.layouts[0], zone, self.expression.groupindex)

    # ── choosing ──────────────────────────────────────────────────────────────────────────────

    def log_files(self, within: Range = EVERYWHERE) -> list[LogFile]:
        """The live file and the rotated ones, by path. A file that could be either is live."""
        every: dict[Parts, LogFile] = {}
        for layout in self.layouts:
            live = layout is self.layouts[0]
            for folder in folders(self.root, layout):
                for each in found(folder, layout, EVERYWHERE):
                    file = LogFile(folder.parts, each.name, live, folder.groups)
                    if within.holds(file.path):
                        every.setdefault(file.path, file)
        return [every[path] for path in sorted(every)]

    def ours(self, predicate: Predicate) -> Predicate:
        return blank_is_erased(all_of((self.collection.where, predicate)))

    def records(self, folder: int, fd: int, file: LogFile) -> Iterator[LineRecord]:
        """All records of an open file, each valid until the next."""
        place = Folder(file.parts, folder, file.groups)
        record = LineRecord(self.reader, place, Found(file.name, os.fstat(fd).st_ino))
        for line in lines_of(fd, file):
            if line.is_record:
                record.line, record.match = line, self.expression.match(line.text)
                yield record

    def everything(self) -> Iterator[LineRecord]:
        for file in self.log_files():
            try:
                with opened_log(self.root, file) as (folder, fd):
                    yield from self.records(folder, fd, file)
            except FileNotFoundError:  # rotated away while we read others
                continue

    # ── counting and reading ──────────────────────────────────────────────────────────────────

    def tallies(self, wheres: Sequence[Predicate], clock: str | None) -> list[Tally]:
        counts = [Count() for _ in wheres]
        ours = [self.ours(where) for where in wheres]
        for record in self.everything():
            moment = record.clock(clock, "start") if clock else None
            for count, where in zip(counts, ours, strict=True):
                if record.satisfies(where):
                    count.add(moment)
        return [count.tally() for count in counts]

    def rows(self, where: Predicate, fields: Sequence[str], limit: int | None) -> Iterator[Row]:
        ours, left = self.ours(where), limit
        for record in self.everything():
            if left == 0:
                return
            if record.satisfies(ours):
                left = None if left is None else left - 1
                yield tuple(record.field_or_clock(name) for name in fields)

    # ── working ───────────────────────────────────────────────────────────────────────────────

    def split(self, work: Work, rows_per_window: int) -> list[Bounds]:
        ours, since = self.ours(work.target), 0
        cuts: list[Parts] = []
        for file in self.log_files():
            since += sum(1 for _ in self._wanted(file, work, ours))
            if since >= rows_per_window:
                cuts.append(file.path)
                since = 0
        if not since and not cuts:
            return []
        if not since:
            cuts.pop()
        return [
            range_to(Range(after, upto))
            for after, upto in zip([None, *cuts], [*cuts, None], strict=True)
        ]

    def open(self, work: Work, bounds: Bounds, target: Predicate) -> Window:
        ours = self.ours(target)
        choices: list[Choice] = []
        for file in self.log_files(range_from(bounds)):
            choice = Choice.of(self.root, file)
            if choice is not None:
                choice.wanted = list(self._wanted(file, work, ours))
                if choice.wanted:
                    choices.append(choice)
        digests = sorted(line.digest for choice in choices for line, _ in choice.wanted)
        keys = Keys("sha256", b"".join(digests), len(digests))
        return Rewriting(self, choices, keys)

    def _wanted(
        self, file: LogFile, work: Work, ours: Predicate
    ) -> Iterator[tuple[Line, bytes | None]]:
        """Lines to change and what they become: None to go. Lines that would stay as they are
        have the effect already."""
        try:
            with opened_log(self.root, file) as (folder, fd):
                for record in self.records(folder, fd, file):
                    if record.satisfies(ours):
                        new = self.becomes(record, work, file)
                        if new != record.line.text:
                            yield record.line, new
        except FileNotFoundError:
            return

    def becomes(self, record: LineRecord, work: Work, file: LogFile) -> bytes | None:
        """The line as it should be; None for one that goes from a file that may be cut."""
        match work.action:
            case DeleteRows():
                return record.filler() if file.live else None
            case RedactRows(changes):
                return self._redacted(record, changes, work.pseudonym_key, file)
            case CorrectRows():
                raise StoreRefused(
                    f"{self.collection.id}: what a log says of the past is not corrected",
                    "redact the field, or delete the lines",
                )
            case _:
                raise StoreRefused(
                    f"{self.collection.id}: what a log says is not corrected", "erase it instead"
                )

    def _redacted(
        self,
        record: LineRecord,
        changes: Sequence[tuple[str, Erasure]],
        key: bytes,
        file: LogFile,
    ) -> bytes:
        edits: list[tuple[int, int, bytes]] = []
        for name, how in changes:
            start, end = record.place_of(name)
            old = text_of(record.line.text[start:end]).strip()
            new = erased(old, how, key)
            if new != old and old:
                edits.append((start, end, self._fitted(new, end - start, name, file)))
        text = record.line.text
        for start, end, content in sorted(edits, reverse=True):
            text = text[:start] + content + text[end:]
        return text

    def _fitted(self, new: str, width: int, name: str, file: LogFile) -> bytes:
        """As bytes; in a file that is being written, as many as stand there now."""
        content = new.encode()
        if not file.live:
            return content
        if len(content) > width:
            raise StoreRefused(
                f'{self.collection.id}: what field "{name}" becomes is longer than what stands '
                "in the file that is being written",
                "erase it to blank, or let the log be rotated first",
            )
        return content.ljust(width)

    def present(self, work: Work, keys: Keys) -> Keys:
        """Those of the lines that still stand somewhere in the log, each as often as it does."""
        wanted = Counter(keys.data[at : at + 32] for at in range(0, len(keys.data), 32))
        still: list[bytes] = []
        ours = self.ours(work.target)
        for file in self.log_files():
            for line, _ in self._wanted(file, work, ours):
                if wanted[line.digest] > 0:
                    wanted[line.digest] -= 1
                    still.append(line.digest)
        return Keys("sha256", b"".join(sorted(still)), len(still))

    def tidy(self) -> None:
        """Remove the half-written copies that an interruption left."""
        for file in self.log_files():
            with faults.translated(self.collection.store):
                forget_partial(self.root, file)
