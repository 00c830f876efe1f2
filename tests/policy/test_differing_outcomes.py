"""Which outcome may come in place of another, and takes nothing from anybody."""

from __future__ import annotations

import pytest

from servanda.policy.differing import differences
from servanda.policy.rules import Outcome
from tests.policy.test_differing import full, put

OUTCOMES: tuple[Outcome, ...] = ("delete", "return", "archive", "anonymise")
WORSE = {
    ("delete", "return"), ("delete", "archive"), ("delete", "anonymise"), ("return", "archive"),
    ("return", "anonymise"), ("anonymise", "archive"), ("archive", "anonymise"),
}  # fmt: skip


@pytest.mark.parametrize("old", OUTCOMES)
@pytest.mark.parametrize("new", OUTCOMES)
def test_an_outcome_that_leaves_more_is_material(old: Outcome, new: Outcome) -> None:
    path = ("activities", 0, "retention", "ceilings", 0, "outcome")
    found = differences(put(full(), path, old), put(full(), path, new))
    assert any(each.material for each in found) == ((old, new) in WORSE)
