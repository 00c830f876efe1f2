"""Who is given what: whole branches are let in or left out, and each with its reason."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from servanda import law
from servanda.plan.find import Branch, Subject, Tree, Way
from servanda.publish.package.choice import choose, portable_bases
from tests.publish.package.world import CALLS, COLLECTIONS, World

DAY = date(2026, 3, 1)


def branch(*keys: tuple[Any, ...], **changes: Any) -> Branch:
    given: dict[str, Any] = {
        "collection": "crm.calls",
        "way": Way("crm.calls", ("phone",)),
        "role": "owner",
        "others": 0,
        "goes": True,
        "why": (),
        "redact": (),
        "hide": (),
        "tenant": "",
        "waits_for": (),
        "named_by": ("id",),
        "keys": keys,
    }
    return Branch(**{**given, **changes})


def tree(*branches: Branch, tenant: str | None = None) -> Tree:
    return Tree(Subject("1", (), tenant), branches, (), (), ())


def given(company: World, found: Tree) -> list[tuple[Any, tuple[str, ...]]]:
    portions, _ = choose(found, COLLECTIONS, company.policy, "access")
    return [pair for each in portions for pair in each.ordered()]


def test_branches_of_one_collection_become_one_portion_in_order(company: World) -> None:
    found = tree(
        branch((5,), (9,)), branch((1,), (7,), hide=("dst",)), branch((3,), (8,), role="co-owner")
    )
    assert [key for key, _ in given(company, found)] == [(1,), (3,), (5,), (7,), (8,), (9,)]
    assert dict(given(company, found))[(7,)] == ("dst",)
    assert dict(given(company, found))[(8,)] == ()


def test_keys_of_several_kinds_have_an_order_too(company: World) -> None:
    found = tree(branch(("a",), (1,)), branch((None,), (2,), hide=("dst",)))
    once, again = given(company, found), given(company, found)
    assert once == again and len(once) == 4


@pytest.mark.parametrize(
    ("changes", "tenant", "why"),
    [
        ({"tenant": "acme"}, None, "customer"),
        ({"tenant": "acme"}, "other", "customer"),
        ({"tenant": None, "why": ("tenant",)}, None, "unknown-customer"),
        ({"tenant": None, "why": ("tenant",)}, "acme", "unknown-customer"),
        ({"why": ("contested",)}, None, "contested"),
    ],
)
def test_what_is_left_out_says_why(
    company: World, changes: dict[str, Any], tenant: str | None, why: str
) -> None:
    found = tree(branch((1,), (2,), **changes), branch((3,)), tenant=tenant)
    portions, out = choose(found, COLLECTIONS, company.policy, "access")
    assert [(each.collection, each.count, each.why) for each in out] == [("crm.calls", 2, why)]
    assert [key for each in portions for key, _ in each.ordered()] == [(3,)]


@pytest.mark.parametrize(
    "changes",
    [
        {"tenant": "acme"},
        {"role": "accessor", "why": ("accessor",), "goes": False},
        {"role": "co-owner", "why": ("others",), "goes": False},
        {"why": ("waits",), "waits_for": ("pbx",), "goes": False},
    ],
)
def test_what_is_seen_shared_or_held_is_given(company: World, changes: dict[str, Any]) -> None:
    found = tree(branch((1,), (2,), **changes), tenant="acme")
    assert [key for key, _ in given(company, found)] == [(1,), (2,)]


def test_what_is_only_seen_is_not_portable(company: World) -> None:
    found = tree(branch((1,), role="accessor"), branch((2,)))
    portions, out = choose(found, COLLECTIONS, company.policy, "portability")
    assert [key for each in portions for key, _ in each.ordered()] == [(2,)]
    assert [each.why for each in out] == ["not-portable"]


def test_the_widest_law_that_applies_decides() -> None:
    bases = portable_bases([law.find("GB")], DAY)
    assert bases is not None and "contract" in bases and "legitimate_interest" not in bases
    assert portable_bases([law.find("GB"), law.find("KE")], DAY) is None
    assert portable_bases([law.find("PR")], DAY) is None


def test_an_activity_is_found_for_every_portion(company: World) -> None:
    (portion,), _ = choose(tree(branch((1,))), COLLECTIONS, company.policy, "access")
    assert portion.activity is not None and portion.activity.id == CALLS.activity
