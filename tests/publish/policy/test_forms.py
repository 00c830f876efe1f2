"""Text, Markdown and JSON-LD: the same every time, whole, and nothing in them becomes markup."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import re
from typing import Any

import pytest
from markdown_it import MarkdownIt

from servanda.kernel.errors import UsageError
from servanda.policy.vocabulary import terms
from servanda.publish.policy import (
    FILES,
    digest,
    document,
    html,
    jsonld,
    markdown,
    render_all,
    text,
)
from servanda.publish.policy.durations import duration
from servanda.publish.policy.model import texts, walk
from servanda.publish.policy.words import Wording
from tests.publish.policy.world import EDITION, TODAY, doc, full

NASTY = (
    *("<script>alert(1)</script>", "[a](https://evil.test)", "![x](y)", "# not a heading"),
    *("1. not a list", "- nor this", "*bold* _too_ ~~gone~~", "a | b", "`code`", "&amp; <b>"),
    *("\\backslash\\", "+ plus", "> quote", "--- rule", "=== title", "https://x.test/?a=<b>"),
)


def folded(said: str) -> str:
    return " ".join(said.split())


def test_every_form_is_there_and_the_same_each_time() -> None:
    first, second = (render_all(full(), TODAY, EDITION) for _ in range(2))
    assert set(first) == set(FILES)
    assert first == second
    assert all(first.values())


def test_the_digest_is_of_the_text() -> None:
    made = doc()
    assert digest(made) == hashlib.sha256(text(made).encode()).hexdigest()
    assert digest(made) != digest(doc(edition=None))


def test_the_text_says_all_that_the_document_says_and_fits_its_width() -> None:
    made = doc()
    printed = "".join(text(made).split())
    for section in walk(made.sections):
        for block in section.blocks:
            for said in texts(block):
                assert "".join(said.split()) in printed, said
    assert max(map(len, text(made).splitlines())) <= 76


def test_what_is_written_in_a_policy_is_text_in_markdown() -> None:
    plain = full()
    policy = dataclasses.replace(plain, security=NASTY, address=NASTY[0], phone=NASTY[7])
    policy = dataclasses.replace(
        policy, recipients=(dataclasses.replace(plain.recipients[0], name="a | b"),)
    )
    tokens = MarkdownIt("commonmark").enable("table").parse(markdown(doc(policy)))
    inline = [each for each in tokens if each.type == "inline"]
    read = [_read(each) for each in inline]
    for each in NASTY:
        assert each in read, each
    kinds = {child.type for each in inline for child in each.children or []}
    assert kinds <= {"text", "text_special", "strong_open", "strong_close", "softbreak"}
    assert not [each for each in tokens if each.type.startswith(("html", "fence", "code", "hr"))]
    assert sum(each.type == "table_open" for each in tokens) == _tables(policy)


def _read(token: Any) -> str:
    return "".join(each.content for each in token.children or [] if not each.children)


def _tables(policy: Any) -> int:
    blocks = (block for section in walk(doc(policy).sections) for block in section.blocks)
    return sum(type(block).__name__ == "Table" for block in blocks)


def test_json_ld_speaks_the_vocabulary_of_the_w3c() -> None:
    made: dict[str, Any] = json.loads(jsonld(doc()))
    assert made["@type"] == "dpv:PrivacyNotice"
    assert made["dpv:hasDataController"]["dpv:hasName"] == "Example IT Solutions"
    first = made["dpv:hasProcess"][0]
    assert first["@type"] == "dpv:Process"
    quality = next(e for e in first["dpv:hasPurpose"] if e["skos:prefLabel"].startswith("quality"))
    term = terms("purpose")["service_quality"]
    assert quality["@id"].startswith("urn:servanda:term:")
    assert quality["skos:broader"] == {"@id": term.iri}
    assert first["dpv:hasLegalBasis"][0]["@id"] == terms("basis")["legitimate_interest"].iri
    kept = first["dpv:hasStorageCondition"][0]
    assert kept["dpv:hasDuration"] == {"@type": "xsd:duration", "@value": "P12M"}
    assert kept["dct:description"].startswith("At most 12 months after the caller hung up")
    assert made["dct:hasVersion"] == "3"


def test_every_prefix_of_json_ld_is_declared_and_every_reference_leads_somewhere() -> None:
    made = json.loads(jsonld(doc()))
    names = set(re.findall(r'"([a-z-]+):[A-Za-z]', json.dumps(made)))
    assert names - set(made["@context"]) <= {"https", "http", "urn", "mailto"}
    ids = _ids(made)
    wanted = set(re.findall(r'"@id": "(#[^"]+)"', jsonld(doc())))
    assert wanted <= ids


def _ids(node: Any) -> set[str]:
    """Ids of nodes that say something, not of references to them."""
    if isinstance(node, list):
        return {each for some in node for each in _ids(some)}
    if not isinstance(node, dict):
        return set()
    own = {node["@id"]} if "@id" in node and len(node) > 1 else set()
    return own | {each for some in node.values() for each in _ids(some)}


def test_durations_are_iso_8601() -> None:
    from servanda.kernel.period import Period

    pairs = {"26 months": "P26M", "0 days": "P0D", "72 hours": "PT72H", "1 year, 3 days": "P12M3D"}
    assert {k: duration(Period.parse(k)) for k in pairs} == pairs


def test_a_language_without_words_is_refused_and_one_with_words_is_said() -> None:
    with pytest.raises(UsageError):
        document(full(), TODAY, language="es")
    words = Wording(say=lambda said: f"¡{said}!" if said == "Who we are" else said)
    made = document(full(), TODAY, language="es", wording=words)
    assert made.sections[1].heading == "¡Who we are!"
    assert '<html lang="es">' in html(made)
