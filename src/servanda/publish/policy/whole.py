"""The published policy of a compiled one: every section, each promise in its own.

The danger: a fact that the policy has and the published text has not, or that a template hides.
What guards it: sections are made from the rules alone, a template can neither leave one out nor
write facts; tests/publish/policy/test_facts.py changes every fact and looks for it in every form.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

from servanda.kernel.errors import UsageError
from servanda.policy.rules import Policy
from servanda.publish.policy.making import Making
from servanda.publish.policy.model import Block, Document, Facts, Paragraph, Promised, Section
from servanda.publish.policy.parts import asking, data, guarding, rights, sharing, who
from servanda.publish.policy.template import Entry, Template
from servanda.publish.policy.words import Wording, title

# Sections of promises that have a section of facts. Every other name is a section of its own.
_STANDS_IN: Mapping[str, str] = {
    **dict.fromkeys(("introduction", "text"), "introduction"),
    **dict.fromkeys(("who", "roles"), "who"),
    **dict.fromkeys(("data", "collection", "basis", "purposes", "use"), "data"),
    **dict.fromkeys(("sharing", "transfers"), "sharing"),
    **dict.fromkeys(("consent", "marketing"), "consent"),
    **dict.fromkeys(("security", "access", "incidents"), "security"),
    **{each: each for each in ("forms", "automated", "retention", "cookies", "object", "rights")},
    **{each: each for each in ("complaints", "children", "changes")},
}
_HEADINGS = {
    "cookies": "Cookies",
    "consent": "Your consent, and what we send you",
    "security": "How we protect it",
    "children": "Children",
    "forms": "What you must tell us",
    "object": "Your right to object",
}
_LAST = "changes"


def document(
    policy: Policy,
    today: date,
    *,
    edition: Facts | None = None,
    language: str = "en",
    template: Template | None = None,
    wording: Wording | None = None,
) -> Document:
    """The document as of a day. Without an edition it is a draft, and says so.

    `wording`: words of a language other than English; UsageError for one without them.
    """
    if language != "en" and wording is None:
        raise UsageError(f'the policy cannot be said in "{language[:20]}" yet', "leave it in en")
    spoken = replace(wording or Wording(), events=dict(policy.events))
    making = Making(policy, today, edition, spoken)
    sections = _promised(policy, spoken, _sections(making))
    if template is not None:
        sections = _arranged(sections, template)
    said = spoken.say("Privacy policy of %(organisation)s") % {"organisation": policy.organisation}
    return Document(
        language,
        template.title if template and template.title else said,
        policy.organisation,
        sections,
        policy,
        today,
        edition,
    )


def _sections(making: Making) -> dict[str, Section]:
    """Sections of facts, in the order in which they are read unless a template says another."""
    found = (
        who.introduction(making),
        who.who(making),
        data.data(making),
        data.forms(making),
        data.automated(making),
        sharing.sharing(making),
        data.retention(making),
        asking.cookies(making),
        asking.consent(making),
        rights.objecting(making),
        rights.rights(making),
        rights.complaints(making),
        guarding.children(making),
        guarding.security(making),
        who.changes(making),
    )
    return {each.id: each for each in found if each is not None}


def place_of(section: str) -> str:
    """The section of the document in which promises of that section stand."""
    name = section.strip().lower() or "promises"
    return _STANDS_IN.get(name, f"own-{'-'.join(name.split())}")


def _promised(
    policy: Policy, wording: Wording, sections: dict[str, Section]
) -> tuple[Section, ...]:
    """Each promise in its section; sections that hold nothing else come before the last."""
    said: dict[str, list[tuple[str, str]]] = {}
    named: dict[str, str] = {}
    for promise in policy.promises:
        where = place_of(promise.section)
        said.setdefault(where, []).append((promise.id, promise.says))
        named.setdefault(where, promise.section or "promises")
    last = sections.pop(_LAST)
    for where in said:
        if where not in sections and where != _LAST:
            heading = _HEADINGS.get(where) or title(named[where])
            sections[where] = Section(where, wording.say(heading), ())
    sections[_LAST] = last
    return tuple(_with(each, said.get(each.id, [])) for each in sections.values())


def _with(section: Section, said: list[tuple[str, str]]) -> Section:
    """Promises come first, but for the section that says who makes them."""
    if not said:
        return section
    promised = Promised(tuple(said))
    told = (promised, *section.blocks)
    return replace(
        section, blocks=(*section.blocks, promised) if section.id == "introduction" else told
    )


def _arranged(sections: tuple[Section, ...], template: Template) -> tuple[Section, ...]:
    """In the template's order and words. What it names is there: `template.load` saw to that."""
    known = {each.id: each for each in sections}
    order = template.entries or tuple(Entry(each.id) for each in sections)
    return tuple(
        _worded(known[entry.section], entry)
        if entry.section
        else Section(f"words-{number}", entry.heading, tuple(map(Paragraph, entry.text)))
        for number, entry in enumerate(order, 1)
    )


def _worded(section: Section, entry: Entry) -> Section:
    before: tuple[Block, ...] = tuple(map(Paragraph, entry.text))
    after: tuple[Block, ...] = tuple(map(Paragraph, entry.after))
    return replace(
        section,
        heading=entry.heading or section.heading,
        blocks=(*before, *section.blocks, *after),
    )
