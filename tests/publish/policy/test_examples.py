"""The five companies publish whole policies, and lack nothing that their laws want said."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

import pytest

from servanda.law import notices
from servanda.publish.policy import FILES, html, text
from servanda.publish.policy.model import texts, walk
from servanda.publish.policy.whole import place_of
from servanda.runtime import publishing
from tests.publish.policy.test_pdf import bare, printed
from tests.publish.policy.world import ROOT

COMPANIES = sorted(path.parent for path in ROOT.glob("examples/*/policy.yaml"))


@cache
def made(folder: Path) -> publishing.Draft:
    return publishing.draft(folder)


@cache
def forms(folder: Path) -> dict[str, bytes]:
    return publishing.files(made(folder))


def named(folder: Path) -> str:
    return folder.name


@pytest.mark.parametrize("folder", COMPANIES, ids=named)
def test_every_form_is_written(folder: Path) -> None:
    assert set(forms(folder)) == {*FILES.values(), "policy.css"}
    assert forms(folder)["policy.pdf"].startswith(b"%PDF-")
    json.loads(forms(folder)["policy.jsonld"])


@pytest.mark.parametrize("folder", COMPANIES, ids=named)
def test_every_fact_stands_in_every_form(folder: Path) -> None:
    found = forms(folder)
    plain = "".join(found["policy.txt"].decode().split())
    paper = printed(found["policy.pdf"])
    data = found["policy.jsonld"].decode()
    policy = made(folder).policy
    for section in walk(made(folder).document.sections):
        for block in section.blocks:
            for said in texts(block):
                assert "".join(said.split()) in plain, said
                for word in said.split():
                    assert bare(word) in paper, word
    for promise in policy.promises:
        assert json.dumps(promise.says, ensure_ascii=False) in data
    for cookie in policy.cookies:
        assert json.dumps(cookie.name) in data
        assert cookie.purpose in data
    for recipient in policy.recipients:
        assert json.dumps(recipient.name) in data
    for measure in policy.security:
        assert measure in data


@pytest.mark.parametrize("folder", COMPANIES, ids=named)
def test_every_promise_stands_in_its_section(folder: Path) -> None:
    document = made(folder).document
    for promise in made(folder).policy.promises:
        section = document.section(place_of(promise.section))
        assert section is not None, promise.id
        assert promise.says in [said for block in section.blocks for said in texts(block)]


@pytest.mark.parametrize("folder", COMPANIES, ids=named)
def test_nothing_lacks_that_the_law_wants(folder: Path) -> None:
    assert notices.missing(made(folder).policy, made(folder).document.today) == []


@pytest.mark.parametrize("folder", COMPANIES, ids=named)
def test_it_can_be_read(folder: Path) -> None:
    """Plain English: no more than what a pupil of sixteen reads, whole documents taken."""
    assert made(folder).reading.grade <= 11


def test_the_template_of_one_says_its_words_and_no_other() -> None:
    folder = ROOT / "examples" / "r3comm-puerto-rico"
    assert "<h2>Microsoft 365</h2>" in html(made(folder).document)
    others = [text(made(each).document) for each in COMPANIES if each != folder]
    assert not [each for each in others if "Links to other sites" in each]
