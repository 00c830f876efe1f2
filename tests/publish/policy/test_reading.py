"""The measure of reading: known words, known sentences, and labels left out."""

from __future__ import annotations

import dataclasses

import pytest

from servanda.publish.policy.reading import measured, syllables
from tests.publish.policy.world import doc, full

COUNTED = {
    **dict.fromkeys(("a", "the", "kept", "asked", "make", "site", "months", "law", "use"), 1),
    **dict.fromkeys(("table", "data", "wanted", "many", "cookie", "pages", "doing", "people"), 2),
    **dict.fromkeys(("policy", "telephone", "officer", "deleted"), 3),
    **dict.fromkeys(
        ("security", "information", "activity", "automated", "recipient", "experience"), 4
    ),
}


@pytest.mark.parametrize(("word", "number"), COUNTED.items())
def test_syllables_of_words_that_policies_use(word: str, number: int) -> None:
    assert syllables(word) == number


def test_a_hard_sentence_is_named_and_makes_the_whole_harder() -> None:
    plain = measured(doc())
    hard = (
        "Notwithstanding contradictory stipulations, organisational confidentiality obligations "
        "unconditionally necessitate comprehensive administrative authorisation procedures."
    )
    found = measured(doc(dataclasses.replace(full(), security=(hard,))))
    assert found.hardest[0].sentence == hard
    assert found.hardest[0].grade > 20
    assert found.grade > plain.grade
    assert found.ease < plain.ease


def test_the_formulas_are_those_of_flesch_and_kincaid() -> None:
    bare = dataclasses.replace(doc(), sections=())
    from servanda.publish.policy.model import Paragraph, Section

    said = Section("x", "x", (Paragraph("The cat sat on the mat. We keep the data for a month."),))
    found = measured(dataclasses.replace(bare, sections=(said,)))
    assert (found.words, found.sentences) == (13, 2)
    # 14 syllables in 13 words of 2 sentences.
    assert found.grade == pytest.approx(max(0, 0.39 * 6.5 + 11.8 * 14 / 13 - 15.59), abs=0.06)
    assert found.ease == pytest.approx(206.835 - 1.015 * 6.5 - 84.6 * 14 / 13, abs=0.06)


def test_labels_and_names_are_not_measured() -> None:
    found = measured(doc())
    assert all(each.sentence.endswith((".", "!", "?", "”")) for each in found.hardest)
    assert not [each for each in found.hardest if "Telecom" in each.sentence]
