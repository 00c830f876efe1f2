"""The published policy as a page that stands by itself: no script, one style sheet beside it.

The danger: what somebody wrote in the policy becoming markup of a page that everybody opens. What
guards it: everything is escaped, and the page's own content policy lets the browser load nothing
but that style sheet. Tests: tests/publish/policy/test_page.py.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache
from html import escape
from importlib.resources import files

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

STYLE = "policy.css"
_LINKS = re.compile(
    r"(?P<mail>[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+)"
    r"|(?P<page>https?://[A-Za-z0-9./?=%#_~-]*[A-Za-z0-9/])"
)


@cache
def stylesheet() -> bytes:
    """The style sheet that lies beside the page."""
    return files("servanda.publish.policy").joinpath(STYLE).read_bytes()


def html(doc: Document, *, style: str = STYLE) -> str:
    """The whole page. `style`: where its style sheet is, as the page sees it."""
    return f"""<!doctype html>
<html lang="{escape(doc.language)}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'self' file:">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{escape(doc.title)}</title>
<link rel="stylesheet" href="{escape(style)}">
</head>
<body>
<header><h1>{escape(doc.title)}</h1></header>
{contents(doc)}
<main>
{body(doc)}</main>
</body>
</html>
"""


def contents(doc: Document) -> str:
    """Links to the sections, for a page of its own or for one of the portal."""
    links = "".join(
        f'<li><a href="#{_id(each)}">{escape(each.heading)}</a></li>' for each in doc.sections
    )
    return f'<nav aria-label="Contents"><ol>{links}</ol></nav>'


def body(doc: Document) -> str:
    """The sections alone, escaped, with headings from the second level on."""
    return "".join(_section(each, 2) for each in doc.sections)


def _section(section: Section, level: int) -> str:
    parts = "".join(_section(each, level + 1) for each in section.parts)
    blocks = "".join(_block(each) for each in section.blocks)
    heading = f"<h{level}>{escape(section.heading)}</h{level}>"
    return f'<section id="{_id(section)}">\n{heading}\n{blocks}{parts}</section>\n'


def _id(section: Section) -> str:
    return re.sub(r"[^A-Za-z0-9_-]+", "-", section.id)


def _block(block: Block) -> str:
    match block:
        case Paragraph(said):
            return f"<p>{_said(said)}</p>\n"
        case Items(items):
            return f"<ul>{''.join(f'<li>{_said(each)}</li>' for each in items)}</ul>\n"
        case Promised(promises):
            told = (f'<li id="promise-{escape(i)}">{_said(says)}</li>' for i, says in promises)
            return f'<ul class="promises">{"".join(told)}</ul>\n'
        case Points(points):
            return f"<dl>{''.join(_points(points))}</dl>\n"
        case Table(title, head, rows):
            return _table(title, head, rows)


def _points(points: Iterable[tuple[str, tuple[str, ...]]]) -> Iterator[str]:
    for term, said in points:
        yield f"<dt>{escape(term)}</dt>" + "".join(f"<dd>{_said(each)}</dd>" for each in said)


def _table(title: str, head: tuple[str, ...], rows: tuple[tuple[str, ...], ...]) -> str:
    """On a narrow screen it scrolls by itself, so that the page never does."""
    heads = "".join(f'<th scope="col">{escape(each)}</th>' for each in head)
    lines = "".join(
        f'<tr><th scope="row">{_said(row[0])}</th>'
        + "".join(f"<td>{_said(cell)}</td>" for cell in row[1:])
        + "</tr>\n"
        for row in rows
    )
    return (
        f'<div class="scroll" role="region" tabindex="0" aria-label="{escape(title)}"><table>\n'
        f"<caption>{escape(title)}</caption>\n<thead><tr>{heads}</tr></thead>\n"
        f"<tbody>\n{lines}</tbody></table></div>\n"
    )


def _said(text: str) -> str:
    """Escaped; addresses of mail and of pages can be followed."""
    parts, end = [], 0
    for found in _LINKS.finditer(text):
        target = f"mailto:{found.group()}" if found["mail"] else found.group()
        parts.append(escape(text[end : found.start()]))
        parts.append(f'<a href="{escape(target)}">{escape(found.group())}</a>')
        end = found.end()
    return "".join([*parts, escape(text[end:])])
