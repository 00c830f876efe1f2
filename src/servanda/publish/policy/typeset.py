"""The published policy as PDF: for archives (PDF/A-2a) and for screen readers (PDF/UA-1) at once.

The harm: words of the policy becoming code of the typesetter, which can read files. So the template
never changes and the policy is data to it. Only fonts that ship with typst are used, so the same
document gives the same bytes everywhere; a sign they lack is asked of the system's fonts, and where
these lack it too, a question mark stands for it. Tests: tests/publish/policy/test_pdf.py.
"""

from __future__ import annotations

import json
import math
import re
from importlib.resources import files
from typing import Any, Literal

import typst

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

STANDARDS: list[Literal["a-2a", "ua-1"]] = ["a-2a", "ua-1"]
_TEMPLATE = files("servanda.publish.policy").joinpath("policy.typ").read_bytes()

_SIGN = re.compile(r"[./@_*-]")
_BREAK = "\u200b"  # has no width
_LONG_WORD = 18  # signs


def pdf(doc: Document) -> bytes:
    given = json.dumps(_data(doc), ensure_ascii=False)
    for alone in (True, False):
        try:
            return _compiled(given, ignore_system_fonts=alone)
        except typst.TypstError:
            continue
    return _compiled("".join(each if ord(each) < 0x250 else "?" for each in given))


def _compiled(given: str, *, ignore_system_fonts: bool = True) -> bytes:
    made = typst.compile(
        _TEMPLATE,
        format="pdf",
        sys_inputs={"policy": given},
        ignore_system_fonts=ignore_system_fonts,
        pdf_standards=[*STANDARDS],
    )
    assert isinstance(made, bytes)  # one document, and no file to write to
    return made


def _data(doc: Document) -> dict[str, Any]:
    day = doc.edition.published if doc.edition else doc.today
    return {
        "title": doc.title,
        "organisation": doc.organisation,
        "date": [day.year, day.month, day.day],
        "language": doc.language.partition("-")[0],
        "sections": [_section(each) for each in doc.sections],
    }


def _section(section: Section) -> dict[str, Any]:
    return {
        "heading": section.heading,
        "blocks": [_block(each) for each in section.blocks],
        "parts": [_section(each) for each in section.parts],
    }


def _block(block: Block) -> dict[str, Any]:
    match block:
        case Paragraph(text):
            return {"kind": "paragraph", "text": text}
        case Items(items):
            return {"kind": "items", "items": list(items)}
        case Promised(promises):
            return {"kind": "items", "items": [says for _, says in promises]}
        case Points(points):
            return {"kind": "points", "points": [[term, list(said)] for term, said in points]}
        case Table(title, head, rows):
            return {
                "kind": "table",
                "title": title,
                "head": list(head),
                "rows": [[_breakable(cell) for cell in row] for row in rows],
                "widths": [_width([row[index] for row in rows]) for index in range(len(head))],
            }


def _breakable(cell: str) -> str:
    """A word too long for a narrow cell may break behind its signs, and nowhere else."""
    return " ".join(
        _SIGN.sub(rf"\g<0>{_BREAK}", word) if len(word) > _LONG_WORD else word
        for word in cell.split(" ")
    )


def _width(cells: list[str]) -> float:
    """A share of the page: more for longer cells, none starved."""
    longest = max(map(len, cells), default=0)
    return round(min(6.0, max(2.0, math.sqrt(longest))), 2)
