"""Entries are found by kind, day, word and place, the newest first, and never all are read."""

from __future__ import annotations

from datetime import timedelta

import pytest

from servanda import ledger
from servanda.ledger import search
from tests.ledger.evidence import NOW, Evidence


def _places(**asked: object) -> list[int]:
    return [entry.index for entry in search.search(**asked).entries]  # type: ignore[arg-type]


def test_by_kind_word_and_day(evidence: Evidence) -> None:
    assert _places() == list(range(22, -1, -1))
    assert _places(kind="run.started") == [11, 0]
    assert _places(text='"run":"r2"', kind="window.prepared") == [14, 13, 12]
    assert _places(text="crm.people", kind="recount") == []
    day = timedelta(days=1)
    assert _places(since=NOW + 2 * day) == [22, 21, 20]
    assert _places(until=NOW + day, kind="run.started") == [0]
    assert _places(since=NOW, until=NOW + day, kind="census") == [10, 9]
    assert _places(since=NOW + 30 * day) == []


def test_page_by_page_nothing_is_left_out_or_shown_twice(evidence: Evidence) -> None:
    seen: list[int] = []
    before: int | None = None
    while True:
        found = search.search(kind="recount", limit=3, before=before)
        seen += [entry.index for entry in found.entries]
        if found.before is None:
            break
        before = found.before
    every = [entry.index for entry in ledger.history.entries("recount")]
    assert seen == every[::-1]
    assert len(seen) == 10


def test_a_search_for_a_word_ends_and_says_where_to_go_on(
    evidence: Evidence, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search, "MOST_READ", 5)
    found = search.search(text='"run":"r1"')
    assert (found.entries, found.looked, found.before) == ((), 5, 18)
    places: list[int] = []
    before: int | None = found.before
    while before is not None:
        found = search.search(text='"run":"r1"', before=before)
        places += [entry.index for entry in found.entries]
        before = found.before
    assert places == list(range(8, -1, -1))
