"""A letter as plain text, 72 signs wide."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator

from servanda.publish.letters.paper import Block, Heading, Items, Letter, Paragraph

_WIDTH = 72


def text(letter: Letter) -> str:
    return "\n".join(
        [
            *_wrapped(letter.organisation),
            letter.contact,
            "",
            letter.date,
            "",
            *_wrapped(letter.title),
            "",
            *_wrapped(letter.greeting),
            "",
            *(line for block in letter.blocks for line in _block(block)),
            "With kind regards,",
            *_wrapped(letter.organisation),
            "",
        ]
    )


def _block(block: Block) -> Iterator[str]:
    match block:
        case Paragraph(said):
            yield from _wrapped(said)
        case Heading(said):
            yield from _wrapped(said)
            yield "-" * min(_WIDTH, len(said))
            return
        case Items(items):
            for each in items:
                yield from _wrapped(each, "- ", "  ")
    yield ""


def _wrapped(said: str, first: str = "", other: str = "") -> list[str]:
    """Addresses and long words are never cut."""
    return textwrap.wrap(
        said,
        _WIDTH,
        initial_indent=first,
        subsequent_indent=other,
        break_long_words=False,
        break_on_hyphens=False,
    ) or [""]
