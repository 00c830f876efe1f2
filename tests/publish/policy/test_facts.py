"""Every fact of a policy stands in every form: one changed shows in each of them."""

from __future__ import annotations

import dataclasses
import json
from collections import Counter
from collections.abc import Callable

import pytest

from servanda.policy.rules import Policy
from servanda.publish.policy import Document, html, jsonld, markdown, text
from servanda.publish.policy.typeset import _data
from tests.publish.policy.world import NOT_SHOWN, doc, full, variants

FORMS: dict[str, Callable[[Document], str]] = {
    "text": text,
    "html": html,
    "markdown": markdown,
    "jsonld": jsonld,
    "pdf": lambda made: json.dumps(_data(made)),  # what the typesetter is given to set
}
VARIANTS = list(variants(full()))


@pytest.mark.parametrize(("path", "changed"), VARIANTS, ids=[path for path, _ in VARIANTS])
def test_a_changed_fact_shows_in_every_form(path: str, changed: Policy) -> None:
    before, after = doc(), doc(changed)
    same = [name for name, form in FORMS.items() if form(before) == form(after)]
    assert same == []


def test_facts_of_every_kind_were_changed() -> None:
    """A policy that uses all of the language: each field of each rule has a variant."""
    paths = Counter(path.rsplit(".", 1)[-1].partition("[")[0] for path, _ in VARIANTS)
    policy = full()
    everything = {field.name for field in dataclasses.fields(policy)}
    shown = everything - {name for rule, name in NOT_SHOWN if rule == "Policy"}
    top = {path.split(".")[1].partition("[")[0] for path, _ in VARIANTS}
    assert shown - top == set()
    for name in ("period", "event", "outcome", "covers", "published_exception", "reason"):
        assert paths[name], name
    for name in ("transfer", "contract_signed", "contract_review", "hosts", "lasts", "by"):
        assert paths[name], name
    assert len(VARIANTS) > 120


@pytest.mark.parametrize("name", FORMS)
def test_an_edition_shows_its_number_its_days_and_the_earlier_ones(name: str) -> None:
    made, draft = FORMS[name](doc()), FORMS[name](doc(edition=None))
    said = ["2026-12-04", "2025-01-03"] if name == "jsonld" else ["4 December 2026", "3 January"]
    for each in said:
        assert each in made
        assert each not in draft
    assert "draft" in draft
    assert "draft" not in made


def test_a_promise_stands_in_the_section_it_names() -> None:
    made = doc()
    found = made.section("own-storage")
    assert found is not None
    assert "Landline calls are recorded" in str(found.blocks[0])
    others = [each for each in made.sections if each is not found]
    assert "Landline calls are recorded" not in str(others)
