"""A letter as PDF: tagged, titled, readable by machines, the same every time, and never code."""

from __future__ import annotations

import io
import shutil
import tempfile
from pathlib import Path
from typing import Any

import pypdf
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from servanda.publish.letters import KINDS, letter, pdf, text
from tests.publish.letters.sample import sample


def read(made: bytes) -> pypdf.PdfReader:
    return pypdf.PdfReader(io.BytesIO(made))


def words(made: bytes) -> str:
    return " ".join(" ".join(page.extract_text() for page in read(made).pages).split())


@pytest.mark.parametrize("kind", KINDS)
def test_every_letter_says_the_same_as_its_text(kind: str, tmp_path: Path) -> None:
    made = letter(kind, sample(tmp_path))
    printed = "".join(words(pdf(made)).split())
    for line in " ".join(text(made).replace("- ", " ").split()).split(". "):
        bare = "".join(line.replace("-", "").split())
        assert bare[:60] in printed.replace("-", "").replace("•", ""), line


def test_it_is_tagged_and_titled_and_its_language_is_said(tmp_path: Path) -> None:
    made = read(pdf(letter("refusal", sample(tmp_path))))
    root: Any = made.root_object
    assert root["/MarkInfo"]["/Marked"] is not None
    assert "/StructTreeRoot" in root
    assert str(root["/Lang"]).lower().startswith("en")
    assert made.metadata is not None
    assert made.metadata.title == "Why we do not do what you asked (request 12)"
    assert made.metadata.author == "Example IT"
    assert b"pdfuaid" in pdf(letter("refusal", sample(tmp_path)))


def test_the_same_letter_gives_the_same_bytes(tmp_path: Path) -> None:
    made = letter("access", sample(tmp_path))
    assert pdf(made) == pdf(made)


def test_its_fonts_are_inside(tmp_path: Path) -> None:
    fonts: set[str] = set()
    for page in read(pdf(letter("access", sample(tmp_path)))).pages:
        resources: Any = page["/Resources"]
        for font in resources["/Font"].values():
            below = font.get_object()["/DescendantFonts"][0].get_object()
            described = below["/FontDescriptor"].get_object()
            assert {"/FontFile2", "/FontFile3"} & set(described)
            fonts.add(str(described["/FontName"]))
    assert fonts


def test_a_name_that_no_font_has_still_gives_a_letter(tmp_path: Path) -> None:
    made = letter("acknowledgement", sample(tmp_path, name="3\U0001cf00x Ann"))
    assert "Dear 3?x Ann," in words(pdf(made))
    assert "3\U0001cf00x" in text(made)


CODE = st.sampled_from(
    [
        "#panic(1)",
        '#read("/etc/passwd")',
        ']#eval("1")[',
        '") + panic(1) + ("',
        "*bold* _it_ `raw` $x$ = heading",
        "\\#{panic()}",
        "// comment",
        "@label <label>",
        '", "kind": "code"',
        "\u202ereversed",
        "\x00\x1b[31m",
    ]
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(CODE | st.text(max_size=40), min_size=1, max_size=4).map(" ".join))
def test_nothing_that_a_person_writes_becomes_code(wild: str) -> None:
    folder = Path(tempfile.mkdtemp())
    try:
        made = letter("refusal", sample(folder, name=wild, reasons=(wild,)))
    finally:
        shutil.rmtree(folder)
    printed = words(pdf(made))
    assert "Why we do not do what you asked" in printed
    assert "root:x" not in printed
    shown = "".join(each for each in wild if each.isascii() and each.isalnum())
    bare = "".join(each for each in printed if each.isascii() and each.isalnum())
    assert bare.count(shown) >= 2  # in the greeting and in the reasons, letter by letter
