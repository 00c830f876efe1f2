"""No table of our own is left out of the inventory, and its categories are the policy's words."""

from __future__ import annotations

from servanda.desk.requests.own import TABLES, WEB_TABLES, data, lines
from servanda.policy import vocabulary
from servanda.state import models


def test_every_table_is_told() -> None:
    assert set(TABLES) == set(models.__all__)


def test_categories_are_known() -> None:
    known = vocabulary.terms("data")
    every = {**TABLES, **WEB_TABLES}
    assert len(every) == len(TABLES) + len(WEB_TABLES)
    assert set(data()) == set(every)
    assert [c for each in every.values() for c in each.data if c not in known] == []
    for name, own in every.items():
        assert own.kept, name
        assert own.protected, name
        assert not own.data or "nothing personal" not in own.protected, name


def test_people_read_words_and_no_names_of_ours() -> None:
    told = lines()
    assert len(told) == sum(bool(own.data) for own in (*TABLES.values(), *WEB_TABLES.values()))
    ids = {each for each, term in vocabulary.terms("data").items() if term.label != each}
    for line in told:
        what, _, rest = line.partition(" (")
        assert what[0].isupper() and what.split()[0] not in TABLES.keys() - {"Requests", "Letters"}
        assert not ids & set(rest.partition(");")[0].split(", ")), line
