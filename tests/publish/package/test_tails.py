"""A large person gets the same package as if everything had been searched."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from servanda.kernel.errors import UsageError
from servanda.plan.find import Subject
from servanda.publish.package import Gathered, gather
from servanda.publish.package.tails import tails_of
from tests.plan.find.town import Town, link, table, town
from tests.publish.package.world import World, records, unreachable

PEOPLE = table("people", "email", identify={"email": ["email"]})
ORDERS = table("orders", "person", links=[link("crm.people", "person", "id", "owned_by")])
LINES = table(
    "lines", "order_no", store="stock", links=[link("crm.orders", "order_no", "id", "owned_by")]
)
ROWS = {
    "crm.people": [(1, "ann@x.test"), (2, "bob@x.test"), (3, "cyd@x.test")],
    "crm.orders": [(n, 1 + n % 2) for n in range(10, 30)],
    "stock.lines": [(n, str(n // 10)) for n in range(100, 300)],
}


def gathered(made: Town, email: str, limit: int) -> Gathered:
    subject = Subject("1", (("email", email),))
    return gather(subject, made.collections, made.stores, limit=limit)


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Town]:
    folder = tmp_path / "shop"
    folder.mkdir()
    with town(folder, [PEOPLE, ORDERS, LINES], ROWS) as made:
        yield made


def test_a_chain_is_a_tail_link_by_link(shop: Town) -> None:
    found = [each.collection.id for each in tails_of(shop.collections, shop.stores)]
    assert found == ["crm.orders", "stock.lines"]


@pytest.mark.parametrize(
    "changes",
    [
        {"identify": (("email", ("person",)),)},
        {"tenant": "person"},
        {"links": (link("crm.people", "person", "id", "owned_by", hide=("person",)),)},
        {"links": (link("crm.people", "person", "id", "accessed_by"),)},
        {"links": (link("crm.people", "person", "email", "owned_by"),)},
        {
            "links": (
                link("crm.people", "person", "id", "owned_by"),
                link("crm.people", "id", "id", "owned_by"),
            )
        },
        {"links": (link("crm.orders", "person", "id", "owned_by"),)},
    ],
    ids=["identify", "tenant", "hide", "seen", "not by key", "two owners", "itself"],
)
def test_what_needs_a_judgement_is_no_tail(shop: Town, changes: dict[str, Any]) -> None:
    collections = (PEOPLE, replace(ORDERS, **changes))
    assert tails_of(collections, shop.stores) == ()


def test_both_ways_give_the_same_package(shop: Town, company: World) -> None:
    company.town, company.collections = shop, shop.collections
    for email, mine in (("ann@x.test", 0), ("bob@x.test", 1), ("nobody@x.test", None)):
        whole, tailed = gathered(shop, email, 10_000), gathered(shop, email, 5)
        if mine is None:
            assert tailed.tails == () and not tailed.tree.branches
            continue
        assert whole.tails == () and len(tailed.tails) == 2
        one, other = company.make(whole), company.make(tailed)
        assert one.counts == other.counts
        for name in ("crm.people", "crm.orders", "stock.lines"):
            first = sorted(each["id"] for each in records(one, name))
            assert sorted(each["id"] for each in records(other, name)) == first
        assert {each["id"] % 2 for each in records(other, "crm.orders")} == {mine}
        assert len(records(other, "stock.lines")) == 100


def test_people_behind_one_address_are_found_both_ways(tmp_path: Path, company: World) -> None:
    rows = {**ROWS, "crm.people": [(1, "ann@x.test"), (2, "ann@x.test"), (3, "cyd@x.test")]}
    folder = tmp_path / "shared"
    folder.mkdir()
    with town(folder, [PEOPLE, ORDERS, LINES], rows) as made:
        company.town, company.collections = made, made.collections
        for limit in (10_000, 5):
            found = gathered(made, "ann@x.test", limit)
            assert len(found.tree.ambiguities) == 1
            with pytest.raises(UsageError, match="not clear whose data"):
                company.make(found)


def test_a_tail_behind_a_lost_store_is_not_taken_for_empty(shop: Town, company: World) -> None:
    company.town, company.collections = shop, shop.collections
    found = gathered(shop, "ann@x.test", 5)
    unreachable(company, "crm")
    made = company.make(found)
    assert [each.store for each in made.unread] == ["crm"] and made.counts == ()
