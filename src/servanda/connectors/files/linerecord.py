"""One line of a log as a record: groups of its expression, and what its file says of itself."""

from __future__ import annotations

import re

from servanda.connectors.files.logs import Line, is_content
from servanda.connectors.files.record import Reader, Record
from servanda.connectors.files.walk import Folder, Found
from servanda.kernel.errors import StoreRefused
from servanda.kernel.predicate import All, AnyOf, Erased, Missing, Not, Predicate, Scalar
from servanda.stores.mapping import FilePart


class LineRecord(Record):
    """Used for all lines of one file in turn: valid until the next line is read."""

    __slots__ = ("line", "match")

    def __init__(self, reader: Reader, folder: Folder, found: Found) -> None:
        super().__init__(reader, folder, found)
        self.line = Line(0, b"")
        self.match: re.Match[bytes] | None = None

    def value(self, part: FilePart) -> Scalar:
        if part.part != "group" or part.key not in self.reader.line_groups:
            return super().value(part)
        content = self.match[part.key] if self.match else None
        # Erasing in a file that is being written fills up with blanks: they are no content.
        return None if content is None else text_of(content).strip()

    def filler(self) -> bytes:
        """What a deleted line becomes in a file that is being written: as long as it was, blank
        but for the separators of its expression, so that a reader who splits lines still can."""
        blank = bytearray(b" " * len(self.line.text))
        if self.match is not None:
            fields = [self.match.span(group) for group in self.reader.line_groups]
            for at in range(*self.match.span()):
                byte = self.line.text[at : at + 1]
                if not is_content(byte) and not any(start <= at < end for start, end in fields):
                    blank[at : at + 1] = byte
        return bytes(blank)

    def place_of(self, name: str) -> tuple[int, int]:
        """Where in the line a field stands; equal where it stands nowhere."""
        part = self.reader.part_of_field(name)
        if part.part != "group" or part.key not in self.reader.line_groups:
            raise StoreRefused(
                f'{self.reader.name}: field "{name}" is no part of a line',
                "only what the expression of the lines names can be overwritten",
            )
        return (0, 0) if self.match is None else max((0, 0), self.match.span(part.key))


def blank_is_erased(predicate: Predicate) -> Predicate:
    """In a line there is no null: what became blank has any erased form."""
    match predicate:
        case Erased(field):
            return AnyOf((Missing(field), predicate))
        case Not(part):
            return Not(blank_is_erased(part))
        case All(parts):
            return All(tuple(map(blank_is_erased, parts)))
        case AnyOf(parts):
            return AnyOf(tuple(map(blank_is_erased, parts)))
        case _:
            return predicate


def text_of(content: bytes) -> str:
    """As UTF-8, or, where it is not, byte for byte: searchable either way."""
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        return content.decode("latin-1")
