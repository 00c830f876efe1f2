"""No table of our own is left out of the inventory, and its categories are the policy's words."""

from __future__ import annotations

from servanda.desk.requests.own import TABLES
from servanda.policy import vocabulary
from servanda.state import models


def test_every_table_is_told() -> None:
    assert set(TABLES) == set(models.__all__)


def test_categories_are_known() -> None:
    known = vocabulary.terms("data")
    assert [c for each in TABLES.values() for c in each.data if c not in known] == []
    for name, own in TABLES.items():
        assert own.kept, name
        assert own.protected, name
        assert not own.data or "nothing personal" not in own.protected, name
