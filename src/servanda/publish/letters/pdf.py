"""A letter as PDF: tagged and titled (PDF/UA-1), its text readable by machines, its fonts inside.

The harm: what a person wrote becoming code of the typesetter, which can read files. So the
template never changes and the letter is data to it; tests/publish/letters/test_pdf.py tries.

The fonts are those that ship with typst, so the same letter gives the same bytes everywhere. Only
where these lack a sign (a name in Chinese) are the system's fonts asked, and where those lack it
too, the letter is made without the promise of PDF/UA: the text beside it has the sign.
"""

from __future__ import annotations

import json
from importlib.resources import files
from typing import Any

import typst

from servanda.publish.letters.paper import Block, Heading, Items, Letter, Paragraph

_TEMPLATE = files("servanda.publish.letters").joinpath("letter.typ").read_bytes()


def pdf(letter: Letter) -> bytes:
    given = {"letter": json.dumps(_data(letter))}
    for own_fonts in (True, False):
        try:
            return _compiled(given, ignore_system_fonts=own_fonts, pdf_standards="ua-1")
        except typst.TypstError:
            continue
    return _compiled(given)


def _compiled(given: dict[str, str], **options: Any) -> bytes:
    made = typst.compile(_TEMPLATE, format="pdf", sys_inputs=given, **options)
    assert isinstance(made, bytes)  # one document, and no file to write to
    return made


def _data(letter: Letter) -> dict[str, Any]:
    return {
        "title": letter.title,
        "organisation": letter.organisation,
        "contact": letter.contact,
        "date": letter.date,
        "greeting": letter.greeting,
        "blocks": [_block(each) for each in letter.blocks],
    }


def _block(block: Block) -> dict[str, Any]:
    match block:
        case Paragraph(text):
            return {"kind": "paragraph", "text": text}
        case Heading(text):
            return {"kind": "heading", "text": text}
        case Items(items):
            return {"kind": "items", "items": list(items)}
