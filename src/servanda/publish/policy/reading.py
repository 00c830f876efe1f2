"""How hard a text is to read: the measures of Flesch and Kincaid, for English.

Whole sentences are measured, names and labels are not. Syllables are counted by rules, which are
right for about nine words in ten; over a document the slips cancel out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from servanda.publish.policy.model import Document, texts, walk

_END = re.compile(r"(?<=[.!?])[\"”’)]*\s+(?=[A-Z“\"‘(])")
_WORD = re.compile(r"[A-Za-z]+(?:[’'][A-Za-z]+)*")
_SOURCE = re.compile(r"\s*\([^()]*\d[^()]*\)")  # where a law is named, for those who look it up
_SHORT = 4  # words; less is a label
_LONG = 8  # words; a shorter sentence is hard by a single name
_VOWELS = re.compile(r"[aeiouy]+")


@dataclass(frozen=True, slots=True)
class Hard:
    """A sentence, and how many years of school it takes."""

    sentence: str
    grade: float


@dataclass(frozen=True, slots=True)
class Reading:
    """`grade`: years of school it takes. `ease`: 100 is very easy, 60 plain, 30 hard."""

    grade: float
    ease: float
    words: int
    sentences: int
    hardest: tuple[Hard, ...]


def measured(doc: Document, hardest: int = 5) -> Reading:
    """Of all that is said in sentences, with the hardest ones."""
    found = list(dict.fromkeys(_sentences(_prose(doc))))
    words = [_words(each) for each in found]
    grade, ease = _level([each for some in words for each in some], len(found))
    hard = sorted(
        (
            Hard(each, _level(said, 1)[0])
            for each, said in zip(found, words, strict=True)
            if len(said) >= _LONG
        ),
        key=lambda each: -each.grade,
    )
    return Reading(grade, ease, sum(map(len, words)), len(found), tuple(hard[:hardest]))


def syllables(word: str) -> int:
    """At least one."""
    bare = word.lower().replace("’", "").replace("'", "")
    number = len(_VOWELS.findall(bare))
    if re.search(r"[^aeiouy]e$", bare) and not re.search(r"[^aeiouy]le$", bare):
        number -= 1  # make, but not table
    if re.search(r"[^aeiouydt]ed$", bare):
        number -= 1  # asked, but not wanted
    if re.search(r"(?:[^aeiouyscxzg]|[^sc]h)es$", bare) and not re.search(r"les$|hes$", bare):
        number -= 1  # takes, but not pages
    number += len(
        re.findall(r"i[ao](?!n\b|ns\b|l\b|us)|[ui]ous|iet|(?<![tc])ien[tc]|ying\b|[aou]ing\b", bare)
    )
    return max(1, number)


def _level(words: list[str], sentences: int) -> tuple[float, float]:
    if not words or not sentences:
        return 0.0, 100.0
    long = len(words) / sentences
    heavy = sum(map(syllables, words)) / len(words)
    grade = 0.39 * long + 11.8 * heavy - 15.59
    return round(max(0.0, grade), 1), round(206.835 - 1.015 * long - 84.6 * heavy, 1)


def _prose(doc: Document) -> Iterator[str]:
    for section in walk(doc.sections):
        for block in section.blocks:
            yield from texts(block)


def _sentences(said: Iterable[str]) -> Iterator[str]:
    for each in said:
        if not each.rstrip('"”’)').endswith((".", "!", "?")):
            continue
        for sentence in _END.split(_SOURCE.sub("", each)):
            if len(_words(sentence)) >= _SHORT:
                yield sentence.strip()


def _words(sentence: str) -> list[str]:
    return _WORD.findall(re.sub(r"\S+@\S+", "address", sentence))
