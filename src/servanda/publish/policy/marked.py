"""The published policy as Markdown. What the policy says is text: nothing in it becomes markup."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

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

_SIGNS = re.compile(r"([\\`*_\[\]<>|~&#])")
_START = re.compile(r"^(\s*)([-+=]|\d+[.)])", re.MULTILINE)
_LINK = re.compile(r"\b(https?:|www\.|mailto:)", re.IGNORECASE)


def markdown(doc: Document) -> str:
    lines = [f"# {_said(doc.title)}", ""]
    for section in doc.sections:
        lines += _section(section, 2)
    return "\n".join(lines).rstrip("\n") + "\n"


def _section(section: Section, level: int) -> Iterator[str]:
    yield f"{'#' * level} {_said(section.heading)}"
    yield ""
    for block in section.blocks:
        yield from _block(block)
        yield ""
    for part in section.parts:
        yield from _section(part, level + 1)


def _block(block: Block) -> Iterator[str]:
    match block:
        case Paragraph(said):
            yield _said(said)
        case Items(items):
            yield from (f"- {_said(each)}" for each in items)
        case Promised(promises):
            yield from (f"- {_said(says)}" for _, says in promises)
        case Points(points):
            for term, told in points:
                if len(told) == 1:
                    yield f"- **{_said(term)}:** {_said(told[0])}"
                else:
                    yield f"- **{_said(term)}:**"
                    yield from (f"  - {_said(each)}" for each in told)
        case Table(title, head, rows):
            yield f"**{_said(title)}**"
            yield ""
            yield _row(head)
            yield "|" + "---|" * len(head)
            yield from map(_row, rows)


def _row(cells: Iterable[str]) -> str:
    return "| " + " | ".join(map(_said, cells)) + " |"


def _said(text: str) -> str:
    """Every sign that Markdown could take for its own stands behind a backslash."""
    folded = _SIGNS.sub(r"\\\1", " ".join(text.split()))
    return _START.sub(lambda found: f"{found[1]}{found[2][:-1]}\\{found[2][-1]}", folded)
