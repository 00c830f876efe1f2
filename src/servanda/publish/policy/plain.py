"""The published policy as plain text, 76 signs wide. Its digest names a version: consent records
and the ledger mean these bytes, so the same document gives the same bytes for ever."""

from __future__ import annotations

import hashlib
import textwrap
from collections.abc import Iterator

from servanda.publish.policy.model import (
    Block,
    Document,
    Items,
    Paragraph,
    Points,
    Promised,
    Section,
    Table,
)

_WIDTH = 76


def text(doc: Document) -> str:
    lines = [*_wrapped(doc.title), "=" * min(_WIDTH, len(doc.title)), ""]
    for number, section in enumerate(doc.sections, 1):
        lines += _section(section, f"{number}.", "-")
    return "\n".join(lines).rstrip("\n") + "\n"


def digest(doc: Document) -> str:
    """SHA-256 of the text form in UTF-8: the digest of a version."""
    return hashlib.sha256(text(doc).encode()).hexdigest()


def _section(section: Section, number: str, line: str) -> Iterator[str]:
    heading = f"{number} {section.heading}".strip()
    yield from _wrapped(heading)
    yield line * min(_WIDTH, len(heading))
    yield ""
    for block in section.blocks:
        yield from _block(block)
        yield ""
    for index, part in enumerate(section.parts, 1):
        yield from _section(part, f"{number}{index}", "~")


def _block(block: Block) -> Iterator[str]:
    match block:
        case Paragraph(said):
            yield from _wrapped(said)
        case Items(items):
            for each in items:
                yield from _wrapped(each, "- ", "  ")
        case Promised(promises):
            for _, says in promises:
                yield from _wrapped(says, "- ", "  ")
        case Points(points):
            for term, told in points:
                yield from _point(term, told)
        case Table(title, head, rows):
            yield from _wrapped(f"{title}:")
            for row in rows:
                yield ""
                yield from _wrapped(f"{head[0]}: {row[0]}", "* ", "  ")
                for name, cell in zip(head[1:], row[1:], strict=True):
                    if cell:
                        yield from _wrapped(f"{name}: {cell}", "  ", "    ")


def _point(term: str, said: tuple[str, ...]) -> Iterator[str]:
    if len(said) == 1:
        yield from _wrapped(f"{term}: {said[0]}", "", "  ")
        return
    yield from _wrapped(f"{term}:")
    for each in said:
        yield from _wrapped(each, "  - ", "    ")


def _wrapped(said: str, first: str = "", other: str = "") -> list[str]:
    """Addresses and long words are never cut."""
    return textwrap.wrap(
        said,
        _WIDTH,
        initial_indent=first,
        subsequent_indent=other,
        break_long_words=False,
        break_on_hyphens=False,
    )
