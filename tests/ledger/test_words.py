"""Every kind of entry has its sentence, and no two the same."""

from __future__ import annotations

from servanda.ledger.entries import KINDS
from servanda.ledger.words import SAYS, says


def test_every_kind_is_a_sentence() -> None:
    assert set(SAYS) == KINDS
    assert len(set(SAYS.values())) == len(SAYS)
    assert all(each[0].isupper() and " " in each for each in SAYS.values())
    assert says("of.a.later.version") == "of.a.later.version"
