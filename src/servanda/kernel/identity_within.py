"""Identities inside a text: a line of a log, the body of a message."""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Set as AbstractSet

from servanda.kernel import identity, identity_email, identity_phone


def found_in(fold: str, text: str) -> Iterator[str]:
    """The addresses or the numbers that stand in the text, folded. Other kinds have no form by
    which they could be known: see `names`."""
    pattern = {"email": identity_email.FOUND, "phone": identity_phone.FOUND}[fold.partition(":")[0]]
    for match in pattern.finditer(text):
        known = identity.folded(fold, match.group())
        if known is not None:
            yield known


def surely_in(fold: str, text: str) -> Iterator[str]:
    """Those of them that are surely somebody's: in a log line, most long numbers are no
    telephone's. Of names nothing is sure."""
    kind = fold.partition(":")[0]
    if kind in ("email", "phone"):
        for each in found_in(fold, text):
            if kind == "email" or identity_phone.is_real(each):
                yield each


def names(fold: str, text: str, wanted: AbstractSet[str]) -> Iterator[str]:
    """Which of the folded identities the text names."""
    if fold.partition(":")[0] in ("email", "phone"):
        yield from (each for each in found_in(fold, text) if each in wanted)
        return
    whole = identity.folded(fold, text) or ""
    yield from (each for each in wanted if _stands_in(each, whole))


def _stands_in(wanted: str, text: str) -> bool:
    """As words of its own: "Ann" is not in "Annabel"."""
    start = text.find(wanted)
    while start >= 0:
        end = start + len(wanted)
        if not text[:start][-1:].isalnum() and not text[end : end + 1].isalnum():
            return True
        start = text.find(wanted, start + 1)
    return False
