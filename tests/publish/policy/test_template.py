"""A template gives order and words; a fact it cannot say, and a section it cannot leave out."""

from __future__ import annotations

import re
import textwrap
from pathlib import Path

import pytest

from servanda import policy as language
from servanda.kernel.errors import CheckFailed
from servanda.publish.policy import document, text
from servanda.publish.policy.model import texts, walk
from servanda.publish.policy.template import Template, load, loads
from tests.publish.policy.world import ROOT, TODAY, full

IDS = [each.id for each in document(full(), TODAY).sections]


def read(source: str) -> Template:
    return loads(source.encode(), full(), IDS)


def problems(source: str) -> list[tuple[int, str]]:
    with pytest.raises(CheckFailed) as failed:
        read(source)
    return [(each.line, each.code) for each in failed.value.diagnostics]


def whole(*first: str) -> str:
    """A template with every section, those given written out."""
    named = " ".join(first)
    rest = [f"  - {each}" for each in IDS if f"section: {each}," not in named]
    return "\n".join(["sections:", *first, *rest])


def test_order_title_headings_and_words_are_the_templates() -> None:
    template = read(
        "title: How we treat your data\n"
        + whole(
            "  - {section: changes, heading: What is new, text: [Read this first.], after: [Bye.]}",
            "  - {heading: Links, text: [Other sites have policies of their own.]}",
        )
    )
    made = document(full(), TODAY, template=template)
    assert made.title == "How we treat your data"
    assert [each.id for each in made.sections[:3]] == ["changes", "words-2", "introduction"]
    assert made.sections[0].heading == "What is new"
    said = [one for block in made.sections[0].blocks for one in texts(block)]
    assert said[0] == "Read this first."
    assert said[-1] == "Bye."
    assert "Other sites have policies of their own." in " ".join(text(made).split())


def test_facts_are_the_same_with_a_template() -> None:
    plain = document(full(), TODAY)
    template = read(whole("  - {section: who, heading: Us, text: [Hello there.]}"))
    made = document(full(), TODAY, template=template)
    facts = {b for each in walk(plain.sections) for b in each.blocks}
    assert facts <= {b for each in walk(made.sections) for b in each.blocks}


def test_a_section_left_out_is_named() -> None:
    with pytest.raises(CheckFailed) as failed:
        read("sections:\n" + "\n".join(f"  - {e}" for e in IDS if e not in ("rights", "cookies")))
    found = failed.value.diagnostics[0]
    assert (found.line, found.code, found.message) == (
        1,
        "section-missing",
        "left out: cookies, rights",
    )


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("  - {section: rihgts}", "unknown-section"),
        ("  - {section: who, colour: red}", "unknown-key"),
        ("  - {section: who, retention: 3 years}", "unknown-key"),
        ("  - {text: [Words without a heading.]}", "template-words"),
        ("  - {heading: Kept, text: [We keep it for 12 months.]}", "template-fact"),
        ("  - {heading: Kept, text: [We keep it for seven years.]}", "template-fact"),
        ("  - {heading: Ask, text: [Write to someone@example.test.]}", "template-fact"),
        ("  - {heading: Call, text: [Ring +44 28 9000 0000.]}", "template-fact"),
        ("  - {heading: Who, text: [example cloud gets it.]}", "template-fact"),
        ("  - {heading: Who, text: [Ask the privacy lead.]}", "template-fact"),
        ("  - {section: who, after: [Number ZA000000.]}", "template-fact"),
    ],
)
def test_what_a_template_may_not_say_is_refused_where_it_stands(line: str, code: str) -> None:
    found = problems("\n".join(["sections:", line, *(f"  - {each}" for each in IDS)]))
    assert (2, code) in found


def test_a_section_twice_is_refused() -> None:
    assert (3, "section-twice") in problems("sections:\n  - who\n  - who\n")


def test_what_is_no_yaml_is_said_with_its_line() -> None:
    assert problems("title: [")[0][1].startswith("yaml")


def test_without_a_file_there_is_no_template(tmp_path: Path) -> None:
    assert load(tmp_path / "published.yaml", full(), IDS) is None


def test_the_example_of_the_how_to_page_is_sound() -> None:
    page = (ROOT / "docs" / "how-to" / "publish.md").read_text("utf-8")
    block = re.search(r"^    title: How.*?(?=^\S)", page, re.M | re.S)
    assert block is not None
    policy = language.load(ROOT / "examples" / "exmas-kenya" / "policy.yaml").require()
    ids = [each.id for each in document(policy, TODAY).sections]
    source = textwrap.dedent(block.group()).encode()
    made = document(policy, TODAY, template=loads(source, policy, ids))
    assert made.sections[2].heading == "What you can ask of us"
