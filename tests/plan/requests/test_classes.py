"""Records sorted by the floors that keep them: by each subset, with the day the last one ends.

A plain reading of every record, floor by floor, is held against what the store was asked.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from servanda.kernel.predicate import Compare, Everything
from servanda.plan.requests.classes import Sorted, sort
from servanda.runtime.workspace import Workspace
from tests.apply.requests.house import ground
from tests.plan.requests.reading import change, opened, sql

TAX, WARRANTY = "tax law", "warranty"
NOW = datetime(2026, 11, 27, 12, tzinfo=UTC)
# id: created, shipped, and what a person reading the two floors would say: (floors, last day)
ORDERS = {
    1: ("2018-01-01 10:00:00", "2018-02-01 10:00:00", set(), None),
    2: ("2024-06-01 10:00:00", "2018-02-01 10:00:00", {TAX}, "2030-06-01"),
    3: ("2018-01-01 10:00:00", "2026-01-10 10:00:00", {WARRANTY}, "2028-01-10"),
    4: ("2024-06-01 10:00:00", "2026-01-10 10:00:00", {TAX, WARRANTY}, "2030-06-01"),
    5: ("2021-01-05 10:00:00", "2026-01-10 10:00:00", {TAX, WARRANTY}, "2028-01-10"),
    6: ("2018-01-01 10:00:00", None, {WARRANTY}, None),  # it has not begun: no end is known
    7: ("2024-06-01 10:00:00", None, {TAX, WARRANTY}, None),
    8: ("2020-11-27 10:00:00", "2018-02-01 10:00:00", {TAX}, "2026-11-27"),  # its last day
    9: ("2020-11-26 10:00:00", "2018-02-01 10:00:00", set(), None),  # over since last midnight
    10: ("2024-06-01", "2018-02-01 10:00:00", {TAX}, "2030-06-01"),  # only the day is known
}


@pytest.fixture
def firm(house: Path) -> Iterator[Workspace]:
    change(
        house,
        "policy.yaml",
        ("activities:\n", "events: {shipped: The goods leave the house.}\nactivities:\n"),
        (
            "ground: tax law, covers: [name]}]",
            "ground: tax law, covers: [name]},"
            " {period: 2 years, after: shipped, ground: warranty, covers: [comms]}]",
        ),
    )
    change(
        house,
        "stores.yaml",
        ("  crm:\n", "  crm:\n    zone: Europe/London\n"),
        (
            "activity: orders\n        key: [id]\n        clocks: {created: created}",
            "activity: orders\n        key: [id]\n"
            "        clocks: {created: created, shipped: shipped}",
        ),
    )
    rows = ", ".join(
        f"({id_}, 1, 'Ann', '', '{created}', NULLIF('{shipped or ''}', ''))"
        for id_, (created, shipped, _, _) in ORDERS.items()
    )
    sql(
        house,
        "crm",
        "ALTER TABLE orders ADD COLUMN shipped TEXT",
        "DELETE FROM orders",
        f"INSERT INTO orders VALUES {rows}",
    )
    with opened(house) as workspace:
        yield workspace


def _sorted(
    firm: Workspace,
    *,
    held: bool = False,
    ids: tuple[int, ...] = tuple(ORDERS),
    now: datetime = NOW,
) -> Sorted:
    standing = ground(firm)
    collection = firm.collection("crm.orders")
    store = standing.store("crm")
    assert store is not None
    return sort(
        store,
        collection,
        standing.rules(collection),
        standing.configs["crm"].zone,
        collection.key,
        [(id_,) for id_ in ids],
        Compare("id", "=", "4") if held else None,
        now,
    )


def test_each_record_is_under_the_floors_a_person_would_name(firm: Workspace) -> None:
    found = _sorted(firm)
    for id_, (_, _, floors, last) in ORDERS.items():
        class_ = found.of((id_,))
        assert {each.ground for each in class_.floors} == floors, id_
        until = class_.until and (class_.until - timedelta(microseconds=1)).astimezone(firm.zone)
        assert (until.date().isoformat() if until else None) == last, id_
    assert not found.held


def test_the_day_that_is_told_is_the_day_on_which_the_store_lets_go(firm: Workspace) -> None:
    moment = timedelta(microseconds=1)
    for id_ in ORDERS:
        until = _sorted(firm).of((id_,)).until
        if until is not None:
            assert _sorted(firm, now=until - moment).of((id_,)).floors, id_
            assert not _sorted(firm, now=until).of((id_,)).floors, id_


def test_the_conditions_part_the_records_once_more_in_the_store(firm: Workspace) -> None:
    """The statement that acts asks again; so a condition holds for its own class alone."""
    found = _sorted(firm)
    collection = firm.collection("crm.orders")
    store = ground(firm).store("crm")
    assert store is not None
    for condition in {found.of((id_,)).condition for id_ in ORDERS}:
        there = {int(str(key[0])) for key in store.rows(collection, condition, ("id",))}
        floors = {id_: found.of((id_,)).floors for id_ in ORDERS}
        (one,) = {floors[id_] for id_ in there}
        assert there == {id_ for id_ in ORDERS if floors[id_] == one}


def test_only_the_records_asked_about_are_told(firm: Workspace) -> None:
    found = _sorted(firm, ids=(1, 2))
    assert set(found.classes) == {(2,)}


def test_what_a_hold_covers_is_told_apart(firm: Workspace) -> None:
    assert _sorted(firm, held=True).held == {(4,)}


def test_where_no_rule_decides_nothing_keeps_a_record(firm: Workspace) -> None:
    collection = firm.collection("crm.orders")
    store = ground(firm).store("crm")
    assert store is not None
    found = sort(store, collection, None, "UTC", ("id",), [(1,), (4,)], None, NOW)
    assert found.of((4,)) == found.free == ((), Everything(), None)
