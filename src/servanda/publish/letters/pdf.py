"""A letter as PDF: tagged and titled (PDF/UA-1), its text readable by machines, its fonts inside.

The harm: what a person wrote becoming code of the typesetter, which can read files. So the
template never changes and the letter is data to it; tests/publish/letters/test_pdf.py tries.

The fonts are those that ship with typst, so the same letter gives the same bytes everywhere. Only
where these lack a sign (a name in Chinese) are the system's fonts asked, and where those lack it
too, a question mark stands for it: the text beside the PDF has the sign.
"""

from __future__ import annotations

import json
from importlib.resources import files
from typing import Any

import typst

from servanda.publish.letters.paper import Block, Heading, Items, Letter, Paragraph

_TEMPLATE = files("servanda.publish.letters").joinpath("letter.typ").read_bytes()
_PROBE = b"""
#let letter = json(bytes(sys.inputs.letter))
#set document(title: "probe")
#text(letter.text)
"""


def pdf(letter: Letter) -> bytes:
    given = json.dumps(_data(letter), ensure_ascii=False)
    try:
        return _compiled(_TEMPLATE, given, ignore_system_fonts=True)
    except typst.TypstError:
        pass
    try:
        return _compiled(_TEMPLATE, given)
    except typst.TypstError:
        unusual = sorted({each for each in given if ord(each) > 0xFF})
        for sign in _lacking(unusual):
            given = given.replace(sign, "?")
        return _compiled(_TEMPLATE, given)


def _lacking(signs: list[str]) -> list[str]:
    """Those of the signs that no font has, found by halving: typst only says that there are."""
    try:
        _compiled(_PROBE, json.dumps({"text": " ".join(signs)}, ensure_ascii=False))
    except typst.TypstError:
        if len(signs) == 1:
            return signs
        middle = len(signs) // 2
        return _lacking(signs[:middle]) + _lacking(signs[middle:])
    return []


def _compiled(template: bytes, given: str, *, ignore_system_fonts: bool = False) -> bytes:
    made = typst.compile(
        template,
        format="pdf",
        sys_inputs={"letter": given},
        ignore_system_fonts=ignore_system_fonts,
        pdf_standards="ua-1",
    )
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
