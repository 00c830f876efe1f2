"""Several works in one transaction: in their order, all or none, and only what was meant."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest

from servanda.connectors.sql import keys
from servanda.connectors.sql.store import SqlStore
from servanda.connectors.sql.window import SqlBundle
from servanda.kernel.errors import StoreBusy, StoreRefused, StoreUnreachable
from servanda.kernel.predicate import Among, Compare, Everything, Predicate, all_of
from servanda.stores.mapping import Child, Collection, Column, Counter, Field, Limit, SetText
from servanda.stores.port import (
    Action,
    CorrectRows,
    DeleteRows,
    DropPartition,
    Keys,
    RedactRows,
    Together,
    Work,
)
from tests.connectors.sql.tables import fetch, opened, run

ANNA, BOB = "anna", "bob"


def table(name: str, key: tuple[str, ...], *columns: str, **more: Any) -> Collection:
    fields = tuple(Field(each, Column(each)) for each in dict.fromkeys((*key, *columns)))
    return Collection("shop", name, name, "sales", key, (), fields, **more)


CUSTOMERS = table("customers", ("id",), "email", "name")
ORDERS = table("orders", ("shop", "number"), "customer", "note")
LINES = table("order_lines", (), "shop", "number", "what")
NOTES = table("notes", ("code",), "customer", "text")


@pytest.fixture
def store(url: str) -> Iterator[SqlStore]:
    """Two people with two orders each, their lines, their notes."""
    run(
        url,
        "CREATE TABLE customers (id BIGINT PRIMARY KEY, email VARCHAR(40) NOT NULL UNIQUE,"
        " name VARCHAR(20), orders INTEGER)",
        "CREATE TABLE orders (shop VARCHAR(8), number INTEGER, customer BIGINT NOT NULL,"
        " note VARCHAR(40), PRIMARY KEY (shop, number),"
        " CONSTRAINT bought FOREIGN KEY (customer) REFERENCES customers (id))",
        "CREATE TABLE order_lines (shop VARCHAR(8), number INTEGER, what VARCHAR(20))",
        "CREATE TABLE notes (code VARCHAR(20) PRIMARY KEY, customer BIGINT, text VARCHAR(40))",
        "INSERT INTO customers VALUES (1, 'anna@x', 'Anna', 2), (2, 'bob@x', 'Bob', 2)",
        "INSERT INTO orders VALUES ('n', 1, 1, 'a1'), ('s', 1, 1, 'a2'),"
        " ('n', 2, 2, 'b1'), ('s', 2, 2, 'b2')",
        "INSERT INTO order_lines VALUES ('n', 1, 'ink'), ('n', 1, NULL), ('s', 2, 'pen')",
        "INSERT INTO notes VALUES ('A-1', 1, 'x'), ('a-1', 2, 'y'), ('B', 1, NULL)"
        if not url.startswith("mysql")
        else "INSERT INTO notes VALUES ('A-1', 1, 'x'), ('a-2', 2, 'y'), ('B', 1, NULL)",
    )
    with opened(url, limit=Limit(lock_timeout_s=1.0, connections=4)) as made:
        yield made


def all_of_it(url: str) -> dict[str, list[tuple[Any, ...]]]:
    names = ("customers", "orders", "order_lines", "notes")
    return {name: sorted(fetch(url, f"SELECT * FROM {name}"), key=repr) for name in names}


def named(store: SqlStore, collection: Collection, where: Predicate) -> Predicate:
    """The records by their keys, or by all their fields where they have none."""
    fields = collection.key or tuple(each.name for each in collection.fields)
    return Among(fields, tuple(store.rows(collection, where, fields)))


def of_anna(store: SqlStore, action: Action | None = None) -> list[Work]:
    wheres = [
        (LINES, all_of([Compare("shop", "=", "n"), Compare("number", "=", 1)])),
        (ORDERS, Compare("customer", "=", 1)),
        (NOTES, Compare("customer", "=", 1)),
        (CUSTOMERS, Compare("id", "=", 1)),
    ]
    return [Work(c, action or DeleteRows(), named(store, c, where)) for c, where in wheres]


def listed(found: Keys) -> list[tuple[Any, ...]]:
    return sorted(keys.unpack(found), key=repr)


def test_all_of_a_person_goes_and_nothing_of_the_neighbour(store: SqlStore, url: str) -> None:
    before = all_of_it(url)
    works = of_anna(store)
    assert isinstance(store, Together)
    with store.together(works) as bundle:
        lines, orders, notes, customers = bundle.keys
        bundle.commit()
    assert lines.count == 2
    assert listed(orders) == [("n", 1), ("s", 1)]
    assert listed(notes) == [("A-1",), ("B",)]
    assert listed(customers) == [(1,)]
    after = all_of_it(url)
    assert {name: len(rows) for name, rows in after.items()} == {
        "customers": 1,
        "orders": 2,
        "order_lines": 1,
        "notes": 1,
    }
    assert all(row in before[name] for name, rows in after.items() for row in rows)
    for work, found in zip(works, (lines, orders, notes, customers), strict=True):
        assert store.present(work, found).count == 0
    with store.together(works) as again:
        assert [each.count for each in again.keys] == [0, 0, 0, 0]


def test_what_is_left_uncommitted_never_was(store: SqlStore, url: str) -> None:
    before = all_of_it(url)
    works = of_anna(store)
    with store.together(works) as bundle:
        assert [each.count for each in bundle.keys] == [2, 2, 2, 1]
    with pytest.raises(RuntimeError), store.together(works):
        raise RuntimeError("power cut")
    assert all_of_it(url) == before
    for work, found in zip(works, bundle.keys, strict=True):
        assert store.present(work, found) == found


def test_the_order_is_kept_and_each_sees_what_was_done_before(store: SqlStore, url: str) -> None:
    works = [
        Work(ORDERS, RedactRows((("note", SetText("gone")),)), Compare("customer", "=", 1)),
        Work(ORDERS, DeleteRows(), Compare("note", "=", "gone")),
        Work(CUSTOMERS, CorrectRows((("name", "Ann"), ("email", "ann@x"))), Compare("id", "=", 1)),
    ]
    with store.together(works) as bundle:
        bundle.commit()
    assert [each.count for each in bundle.keys] == [2, 2, 1]
    assert fetch(url, "SELECT number FROM orders ORDER BY shop") == [(2,), (2,)]
    assert ("ann@x", "Ann") in fetch(url, "SELECT email, name FROM customers")
    assert ("bob@x", "Bob") in fetch(url, "SELECT email, name FROM customers")


def test_rows_that_still_refer_refuse_the_whole(store: SqlStore, url: str) -> None:
    before = all_of_it(url)
    lines, *_, customers = of_anna(store)
    with (
        pytest.raises(StoreRefused, match=r"shop\.customers"),
        store.together([lines, customers]) as b,
    ):
        b.commit()
    assert all_of_it(url) == before


def test_a_cascade_may_only_follow_a_table_that_was_seen_to(store: SqlStore, url: str) -> None:
    run(
        url,
        "CREATE TABLE visits (id INTEGER PRIMARY KEY, customer BIGINT,"
        " FOREIGN KEY (customer) REFERENCES customers (id) ON DELETE CASCADE)",
        "INSERT INTO visits VALUES (1, 1), (2, 1), (3, 2)",
    )
    visits = table("visits", ("id",), "customer")
    works = of_anna(store)
    before = all_of_it(url)
    with pytest.raises(StoreRefused, match="visits"):
        store.together(works)
    some = Work(visits, DeleteRows(), Among(("id",), ((1,),)))
    with pytest.raises(StoreRefused, match="visits"):
        store.together([some, *works])  # visit 2 would be carried along
    assert fetch(url, "SELECT id FROM visits ORDER BY id") == [(1,), (2,), (3,)]
    assert all_of_it(url) == before
    every = Work(visits, DeleteRows(), Among(("id",), ((1,), (2,))))
    with store.together([every, *works]) as bundle:
        bundle.commit()
    assert fetch(url, "SELECT id FROM visits") == [(3,)]
    assert fetch(url, "SELECT id FROM customers") == [(2,)]


def test_children_and_counters_go_along_in_each_work(store: SqlStore, url: str) -> None:
    match = (("shop", "shop"), ("number", "number"))
    orders = table(
        "orders",
        ("shop", "number"),
        "customer",
        children=(Child("order_lines", match),),
        counters=(Counter("customers", "orders", (("id", "customer"),)),),
    )
    works = [
        Work(orders, DeleteRows(), Among(("shop", "number"), (("n", 1),))),
        Work(orders, DeleteRows(), Among(("shop", "number"), (("s", 2),))),
    ]
    with store.together(works) as bundle:
        bundle.commit()
    assert [listed(each) for each in bundle.keys] == [[("n", 1)], [("s", 2)]]
    assert fetch(url, "SELECT * FROM order_lines") == []
    assert fetch(url, "SELECT id, orders FROM customers ORDER BY id") == [(1, 1), (2, 1)]


def test_what_can_never_be_done_is_refused_before_the_first(store: SqlStore, url: str) -> None:
    before = all_of_it(url)
    first = Work(NOTES, DeleteRows(), Everything())
    for action in (
        CorrectRows((("name", "x" * 21),)),
        CorrectRows((("id", "7"),)),
        CorrectRows((("email", "bob@x"),)),
        DropPartition("p1"),
    ):
        with pytest.raises(StoreRefused) as refused:
            store.together([first, Work(CUSTOMERS, action, Compare("id", "=", 1))])
        assert "bob@x" not in str(refused.value)
    assert all_of_it(url) == before


def test_a_row_changed_meanwhile_is_neither_touched_nor_listed(store: SqlStore, url: str) -> None:
    if store.db.dialect == "sqlite":
        return  # it has one writer at a time
    target = Among(("shop", "number", "note"), (("n", 1, "a1"), ("s", 1, "a2")))
    found: list[Keys] = []

    def act() -> None:
        with store.together([Work(ORDERS, DeleteRows(), target)]) as bundle:
            bundle.commit()
            found.extend(bundle.keys)

    with store.db.engine.connect() as other:
        other.exec_driver_sql("UPDATE orders SET note = 'mine' WHERE shop = 'n' AND number = 1")
        thread = threading.Thread(target=act)
        thread.start()
        time.sleep(0.3)
        assert not found
        other.commit()
    thread.join()
    assert listed(found[0]) == [("s", 1)]
    assert fetch(url, "SELECT note FROM orders WHERE number = 1") == [("mine",)]


def test_a_row_locked_for_too_long_makes_the_store_busy(store: SqlStore, url: str) -> None:
    before = all_of_it(url)
    works = of_anna(store)
    with store.db.begin() as other:
        other.exec_driver_sql("UPDATE customers SET name = 'x' WHERE id = 1")
        with pytest.raises(StoreBusy):
            store.together(works)
        other.rollback()
    assert all_of_it(url) == before
    with store.together(works) as bundle:
        bundle.commit()
    assert fetch(url, "SELECT id FROM customers") == [(2,)]


def test_a_connection_that_dies_before_the_commit_leaves_all_as_it_was(
    store: SqlStore, url: str
) -> None:
    if store.db.dialect == "sqlite":
        return  # it has no connection to lose
    before = all_of_it(url)
    works = of_anna(store)
    me = {"postgresql": "pg_backend_pid()", "mariadb": "CONNECTION_ID()"}[store.db.dialect]
    kill = {"postgresql": "SELECT pg_terminate_backend({})", "mariadb": "KILL {}"}[store.db.dialect]
    with pytest.raises(StoreUnreachable), store.together(works) as bundle:
        assert isinstance(bundle, SqlBundle)
        number = bundle._connection.exec_driver_sql(f"SELECT {me}").scalar_one()
        run(url, kill.format(number))
        time.sleep(0.2)
        bundle.commit()
    assert all_of_it(url) == before
    with store.together(works) as again:
        again.commit()
    assert [each.count for each in again.keys] == [2, 2, 2, 1]
