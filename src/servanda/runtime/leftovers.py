"""What may still hold erased data for a while, in words for the person it was about.

Stores tell it for whoever runs them: names of tables, logs and settings. A person needs to know
that copies are left, of what sort, and what makes them go; each once.
"""

from __future__ import annotations

from collections.abc import Iterable

_SORTS = (
    (("backup", "snapshot"), "Backups that were made before; they go when they are old enough"),
    (("mail program",), "Copies in mail programs; they go when the programs synchronise"),
    (("program keeps",), "What the maker of a program keeps behind it, for as long as they say"),
)
_OTHER = "Traces in the systems' own files; they are overwritten as the systems go on working"


def in_words(found: Iterable[str]) -> tuple[str, ...]:
    """`found`: where, as the stores said it. In the order of how long they may last."""
    sorts = {_sort(each) for each in found}
    return tuple(each for each in (*(said for _, said in _SORTS), _OTHER) if each in sorts)


def _sort(where: str) -> str:
    known = (said for words, said in _SORTS if any(word in where for word in words))
    return next(known, _OTHER)
