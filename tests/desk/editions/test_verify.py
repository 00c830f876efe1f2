"""Whatever decides who is bound, and from when, is held against the evidence."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from servanda.desk import editions
from servanda.desk.editions import checking
from servanda.ledger import history
from servanda.state.models import ChangeNotice, Edition
from tests.desk.editions.edition_world import NOW, policy, publish

NEXT = NOW + timedelta(days=1)
EARLIER = NOW - timedelta(days=400)


@pytest.fixture
def published(each_state: str) -> None:
    publish(policy())
    publish(policy(kept="24 months"), material=True, now=NEXT)
    publish(policy(kept="36 months"), material=True, now=NEXT + timedelta(days=1))
    assert editions.verify() == []


@pytest.mark.parametrize(
    "changed",
    [
        {"computed": []},
        {"reasons": []},
        {"purposes": ["support", "marketing"]},
        {"guarded": False},
        {"overruled": "law"},
        {"published_at": EARLIER},
        {"binds_at": EARLIER},
        {"terms": ["support"]},
        {"asks": False},
        {"ways": ["portal"]},
        {"by": "member 9"},
        {"language": "fr"},
    ],
    ids=lambda each: next(iter(each)),
)
def test_a_column_that_decides(published: None, changed: dict[str, Any]) -> None:
    Edition.objects.filter(number=2).update(**changed)
    assert editions.Damage(2, "row") in editions.verify()
    assert {each.number for each in editions.verify()} == {2}, "its neighbours are unharmed"


@pytest.mark.parametrize(
    "changed", [{"counts_from": EARLIER}, {"counts_from": None}, {"window": "1 hours"}]
)
def test_when_it_was_told(published: None, changed: dict[str, Any]) -> None:
    ChangeNotice.objects.filter(about="edition:2", way="portal").update(**changed)
    assert editions.verify() == [editions.Damage(2, "told")]


def test_a_notice_that_is_gone_or_was_never_begun(published: None) -> None:
    ChangeNotice.objects.filter(about="edition:2", way="portal").delete()
    assert editions.verify() == [editions.Damage(2, "told")]
    ChangeNotice.objects.create(about="edition:3", way="email", begun_at=NEXT)
    assert editions.Damage(3, "told") in editions.verify()


def test_entries_of_an_older_release_say_less_and_pass(published: None) -> None:
    said = dict(history.last("policy.published").data)  # type: ignore[union-attr]
    for each in ("reasons", "guarded", "purposes", "window", "published_at"):
        del said[each]
    row = editions.get(3)
    told = checking._told()
    assert [*checking._of_one(row, said), *checking._of_notices(row, said, told)] == []
    row.asks = False
    assert [*checking._of_one(row, said)] == [editions.Damage(3, "row")]
