"""A published policy as data: sections made of facts. Every form is made from this one tree."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import TypeAlias

from servanda.policy.rules import Policy


@dataclass(frozen=True, slots=True)
class Earlier:
    """A version that was published before."""

    number: int
    published: date
    binds: date


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of an edition; the policy itself does not know it. `binds`: from that day."""

    number: int
    published: date
    binds: date
    earlier: tuple[Earlier, ...] = ()


@dataclass(frozen=True, slots=True)
class Paragraph:
    text: str


@dataclass(frozen=True, slots=True)
class Items:
    items: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Promised:
    """Promises as published: id and sentence."""

    promises: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Points:
    """Terms, and what is said of each."""

    points: tuple[tuple[str, tuple[str, ...]], ...]


@dataclass(frozen=True, slots=True)
class Table:
    """`title` says what it shows. The first cell of a row names the row."""

    title: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


Block: TypeAlias = Paragraph | Items | Promised | Points | Table


@dataclass(frozen=True, slots=True)
class Section:
    id: str
    heading: str
    blocks: tuple[Block, ...]
    parts: tuple[Section, ...] = ()


@dataclass(frozen=True, slots=True)
class Document:
    """`policy`, `today` and `edition` are what it was made from; JSON-LD says them as data."""

    language: str
    title: str
    organisation: str
    sections: tuple[Section, ...]
    policy: Policy
    today: date
    edition: Facts | None

    def section(self, id_: str) -> Section | None:
        return next((each for each in self.sections if each.id == id_), None)


def walk(sections: tuple[Section, ...]) -> Iterator[Section]:
    """Every section, and its parts after it."""
    for each in sections:
        yield each
        yield from walk(each.parts)


def texts(block: Block) -> Iterator[str]:
    """Everything a block says, in the order in which it is read."""
    match block:
        case Paragraph(text):
            yield text
        case Items(items):
            yield from items
        case Promised(promises):
            yield from (says for _, says in promises)
        case Points(points):
            for term, said in points:
                yield term
                yield from said
        case Table(title, head, rows):
            yield title
            yield from head
            for row in rows:
                yield from row
