"""published.yaml: the order and the words of the published policy. It can say no fact.

The danger: a template that leaves out what people must be told, or says something else than the
rules do. So a section that the policy fills cannot be left out, unknown keys are refused, and words
that look like facts (a period, an address, a name that the policy knows) are refused where they
stand. Tests: tests/publish/policy/test_template.py.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from servanda.kernel.errors import CheckFailed
from servanda.kernel.located import Findings, Where, has_errors, parse
from servanda.kernel.suggest import did_you_mean
from servanda.policy.rules import Policy
from servanda.policy.structure import shape
from servanda.policy.types import Doc, Line, Prose, brief

NAME = "published.yaml"
_PERIOD = re.compile(
    r"\b(?:\d+|one|two|three|four|five|six|seven|eight|nine|ten|twelve|thirty)[\s-]+"
    r"(?:hour|day|week|month|year)s?\b",
    re.IGNORECASE,
)
_ADDRESS = re.compile(r"\S+@\S+\.\S+")
_NUMBER = re.compile(r"\+?\d[\d\s().-]{6,}\d")


@dataclass(frozen=True, slots=True)
class Entry:
    """One section of the document, in words of the template's own; or only words (`section` blank).
    `text` stands before the facts, `after` behind them."""

    section: str
    heading: str = ""
    text: tuple[str, ...] = ()
    after: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Template:
    """Without entries the order stays as it is."""

    title: str = ""
    entries: tuple[Entry, ...] = ()


class EntryDoc(Doc):
    """One section."""

    section: Line | None = Field(default=None, description="An id of a section of facts.")
    heading: Line | None = Field(default=None, description="Its heading, instead of ours.")
    text: list[Prose] = Field(default_factory=list, description="Paragraphs before the facts.")
    after: list[Prose] = Field(default_factory=list, description="Paragraphs behind the facts.")


def _short(value: Any) -> Any:
    return {"section": value} if isinstance(value, str) else value


class TemplateDoc(Doc):
    """The whole file."""

    title: Line | None = Field(default=None, description="The title of the policy.")
    sections: list[Annotated[EntryDoc, BeforeValidator(_short)]] = Field(
        default_factory=list, description="Sections in the order in which they are read."
    )


def load(path: Path, policy: Policy, sections: Sequence[str]) -> Template | None:
    """The template beside a policy; None without one. CheckFailed where it has errors."""
    if not path.is_file():
        return None
    return loads(path.read_bytes(), policy, sections, str(path))


def loads(source: bytes, policy: Policy, sections: Sequence[str], file: str = NAME) -> Template:
    """The same for bytes at hand. `sections`: ids of the document without a template."""
    located, problems = parse(source, file)
    if located is None:
        raise CheckFailed(sorted(problems))
    findings = Findings(located, list(problems))
    doc = shape(TemplateDoc, findings, (), {})
    if doc is not None:
        _check(doc, findings, policy, sections)
    if doc is None or has_errors(findings.found):
        raise CheckFailed(sorted(findings.found))
    entries = tuple(
        Entry(e.section or "", e.heading or "", _folded(e.text), _folded(e.after))
        for e in doc.sections
    )
    return Template(doc.title or "", entries)


def _folded(said: Iterable[str]) -> tuple[str, ...]:
    return tuple(" ".join(each.split()) for each in said)


def _check(doc: TemplateDoc, findings: Findings, policy: Policy, sections: Sequence[str]) -> None:
    seen: set[str] = set()
    for index, entry in enumerate(doc.sections):
        where: Where = ("sections", index)
        if entry.section is None:
            if entry.heading is None or not entry.text or entry.after:
                findings.error(
                    where,
                    "template-words",
                    "a section of words alone needs `heading:` and `text:`, and no `after:`",
                    "or name the section of facts in `section:`",
                )
        elif entry.section not in sections:
            findings.error(
                (*where, "section"),
                "unknown-section",
                f'this policy has no section "{brief(entry.section)}"',
                did_you_mean(entry.section, sections),
            )
        elif entry.section in seen:
            findings.error(
                (*where, "section"), "section-twice", f'"{entry.section}" stands twice', "keep one"
            )
        seen.add(entry.section or "")
    missing = [each for each in sections if each not in seen]
    if doc.sections and missing:
        findings.error(
            ("sections",),
            "section-missing",
            f"left out: {', '.join(missing)}",
            "a template orders sections; facts stay in",
            key=True,
        )
    names = _names(policy)
    for place, words in _words(doc):
        if fact := _fact(words, names):
            findings.error(
                place,
                "template-fact",
                f'"{brief(fact)}" is a fact, and a template holds words alone',
                "say it in policy.yaml, and it is published from there",
            )


def _words(doc: TemplateDoc) -> Iterator[tuple[Where, str]]:
    if doc.title:
        yield ("title",), doc.title
    for index, entry in enumerate(doc.sections):
        if entry.heading:
            yield ("sections", index, "heading"), entry.heading
        for key in ("text", "after"):
            for number, said in enumerate(getattr(entry, key)):
                yield ("sections", index, key, number), said


def _names(policy: Policy) -> list[str]:
    """What only the policy may say: whom it names, and how they are reached."""
    people = [policy.officer, *(each for _, each in policy.representatives)]
    named = [text for each in people if each for text in (each.name, each.contact)]
    return [
        *(each.name for each in policy.recipients),
        *(each.name for each in policy.cookies),
        *(number for _, number in policy.registrations),
        *named,
        *filter(None, (policy.contact, policy.address, policy.phone)),
    ]


def _fact(words: str, names: Sequence[str]) -> str:
    for pattern in (_PERIOD, _ADDRESS, _NUMBER):
        if found := pattern.search(words):
            return found.group()
    lower = words.lower()
    return next((n for n in names if re.search(rf"(?<!\w){re.escape(n.lower())}(?!\w)", lower)), "")
