"""The PDF: for archives and for screen readers, with all that the document says."""

from __future__ import annotations

import dataclasses
import io
import re
import unicodedata
from datetime import date
from typing import Any

import pypdf

from servanda.publish.policy import pdf
from servanda.publish.policy.model import texts, walk
from tests.publish.policy.world import doc, full


def read(made: bytes) -> pypdf.PdfReader:
    return pypdf.PdfReader(io.BytesIO(made))


def bare(said: str) -> str:
    plain = unicodedata.normalize("NFKC", said).replace("-", "").replace("\u200b", "")
    return "".join(plain.split())


def printed(made: bytes) -> str:
    return bare(" ".join(page.extract_text() for page in read(made).pages))


def test_it_says_it_is_pdf_a_and_pdf_ua_and_is_tagged() -> None:
    made = read(pdf(doc()))
    root: Any = made.root_object
    assert bool(root["/MarkInfo"]["/Marked"]) is True
    assert "/StructTreeRoot" in root
    assert str(root["/Lang"]) == "en"
    xmp = root["/Metadata"].get_object().get_data().decode()
    assert re.search(r"pdfaid:part>2<", xmp)
    assert re.search(r"pdfaid:conformance>A<", xmp)
    assert re.search(r"pdfuaid:part>1<", xmp)
    assert "/OutputIntents" in root
    assert made.metadata is not None
    assert made.metadata.title == "Privacy policy of Example IT Solutions"
    assert made.metadata.author == "Example IT Solutions"
    assert made.metadata.creation_date is not None
    assert made.metadata.creation_date.date() == date(2026, 11, 20)


def test_tables_and_headings_are_tagged_as_such() -> None:
    kinds = _kinds(read(pdf(doc())).root_object["/StructTreeRoot"])
    assert {"/H1", "/H2", "/H3", "/Table", "/TH", "/TD", "/L", "/LI"} <= kinds


def _kinds(node: Any) -> set[str]:
    node = node.get_object()
    if isinstance(node, list):
        return {each for some in node for each in _kinds(some)}
    if not isinstance(node, dict):
        return set()
    own = {str(node["/S"])} if "/S" in node else set()
    return own | (_kinds(node["/K"]) if "/K" in node else set())


def test_its_fonts_are_inside() -> None:
    fonts = set()
    for page in read(pdf(doc())).pages:
        resources: Any = page["/Resources"]
        for font in resources["/Font"].values():
            below = font.get_object()["/DescendantFonts"][0].get_object()
            described = below["/FontDescriptor"].get_object()
            fonts.add(any(key in described for key in ("/FontFile2", "/FontFile3")))
    assert fonts == {True}


def test_it_says_all_that_the_document_says() -> None:
    made = doc()
    found = printed(pdf(made))
    for section in walk(made.sections):
        assert bare(section.heading) in found
        for block in section.blocks:
            for said in texts(block):
                # A cell may break over lines and pages: its words are looked for.
                for word in said.split():
                    assert bare(word) in found, (section.id, word)


def test_words_of_a_policy_never_become_code() -> None:
    nasty = ('#read("/etc/passwd")', "$x^2$", '#eval("1+1")', "*b* _i_ `c` <l> @ref", "= H", "\\")
    policy = dataclasses.replace(full(), security=nasty)
    found = printed(pdf(doc(policy)))
    for each in nasty:
        assert bare(each) in found
    assert "root:" not in found


def test_a_sign_that_no_font_has_is_a_question_mark_and_no_mistake() -> None:
    policy = dataclasses.replace(full(), security=("sealed \U0001fabf by us",))
    assert "sealed" in printed(pdf(doc(policy)))


def test_a_long_address_in_a_table_stays_within_its_cell() -> None:
    """It breaks at its signs: no line of text begins right of where the page's text ends."""
    host = ".".join(f"a-rather-long-part-{n}" for n in range(6)) + ".example"
    plain = full()
    cookie = dataclasses.replace(plain.cookies[-1], hosts=(host,))
    policy = dataclasses.replace(plain, cookies=(*plain.cookies[:-1], cookie))
    made = pdf(doc(policy))
    assert bare(host) in printed(made)
    whole = [page.extract_text() for page in read(made).pages]
    assert not any(host in each for each in whole)
