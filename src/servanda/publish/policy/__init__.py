"""The policy as people read it: one document of facts, and its forms.

    doc = document(policy, today, edition=Facts(…))
    html(doc), text(doc), markdown(doc), jsonld(doc), pdf(doc)

`digest(doc)`, of the text form, names a version. What each form needs is imported when it is made.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date

from servanda.policy.rules import Policy
from servanda.publish.policy.marked import markdown
from servanda.publish.policy.model import Document, Earlier, Facts
from servanda.publish.policy.page import html, stylesheet
from servanda.publish.policy.plain import digest, text
from servanda.publish.policy.template import Template
from servanda.publish.policy.whole import document

__all__ = [
    "FILES",
    "Document",
    "Earlier",
    "Facts",
    "Template",
    "digest",
    "document",
    "html",
    "jsonld",
    "markdown",
    "pdf",
    "render",
    "render_all",
    "stylesheet",
    "text",
]

FILES: Mapping[str, str] = {
    "html": "policy.html",
    "text": "policy.txt",
    "markdown": "policy.md",
    "jsonld": "policy.jsonld",
    "pdf": "policy.pdf",
}
"""Kinds of files, and how each is called. The page wants `policy.css` beside it."""


def pdf(doc: Document) -> bytes:
    from servanda.publish.policy.typeset import pdf as made  # typst takes 50 MB

    return made(doc)


def jsonld(doc: Document) -> str:
    from servanda.publish.policy.dpv.notice import jsonld as made

    return made(doc)


def render(doc: Document, kind: str) -> bytes:
    """One form of the document, as bytes to be written or kept."""
    forms: Mapping[str, Callable[[Document], str]] = {
        "html": html,
        "text": text,
        "markdown": markdown,
        "jsonld": jsonld,
    }
    return pdf(doc) if kind == "pdf" else forms[kind](doc).encode()


def render_all(
    policy: Policy,
    today: date,
    edition: Facts | None = None,
    template: Template | None = None,
) -> dict[str, bytes]:
    """Every form of one document, by kind."""
    doc = document(policy, today, edition=edition, template=template)
    return {kind: render(doc, kind) for kind in FILES}
