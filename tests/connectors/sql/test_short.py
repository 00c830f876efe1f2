"""Short reads of PostgreSQL: kept statements find what the ordinary way finds."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from dataclasses import replace
from itertools import product

import pytest

from servanda.connectors.sql import short
from servanda.connectors.sql.reflect import mapped
from servanda.connectors.sql.store import SqlStore
from servanda.kernel.errors import StoreBusy, StoreUnreachable
from servanda.kernel.predicate import (
    All,
    AnyOf,
    Compare,
    Everything,
    Folded,
    Missing,
    Not,
    OneOf,
    Predicate,
    Scalar,
)
from servanda.stores.mapping import Collection, Limit
from servanda.stores.port import DeleteRows, Work
from tests.connectors.sql.tables import engine_of, fetch, opened, run
from tests.connectors.sql.test_among import KINDS, PG, store_of, things
from tests.connectors.sql.test_folding import ALL, BELFAST, JO, MUELLER, NAMES, SHORT
from tests.connectors.sql.test_folding import THINGS as WORDS
from tests.connectors.sql.test_folding import fill as fill_words

pytestmark = pytest.mark.services

SHORTLY = {"integer", "small", "text", "uuid"}  # kinds of which `OneOf` is read so
HERE = {
    name: kinds[PG if PG in kinds else "*"]
    for name, kinds in KINDS.items()
    if {PG, "*"} & kinds.keys()
}
ODD: tuple[Scalar, ...] = ("", "x", "7", 7, 7.0, "\0", b"anna", True, None, 2**70, "2020-01-01")


def both(store: SqlStore, things: Collection, where: Predicate) -> Sequence[Sequence[Scalar]]:
    """What a short read finds; the ordinary way, which alone knows `Not`, finds the same."""
    ordinary = Not(Not(where))
    assert not shortly(store, things, ordinary)
    fields = [each.name for each in things.fields]
    found = sorted(store.rows(things, where, fields), key=repr)
    assert found == sorted(store.rows(things, ordinary, fields), key=repr)
    return found


def shortly(store: SqlStore, things: Collection, where: Predicate) -> bool:
    return short.shape(mapped(store.db, things), where, []) is not None


@pytest.mark.parametrize("name", HERE)
def test_one_of_finds_the_same(postgres_db: str, name: str) -> None:
    type_, literals = HERE[name]
    rows = [*product([*literals, "NULL"], ["'x'", "'X'", "NULL"])]
    collection = things("v", "w")
    with store_of(postgres_db, {"v": type_, "w": "varchar(10)"}, rows) as store:
        read = [row for _, row, _ in store.rows(collection, Everything(), ["id", "v", "w"])]
        there = tuple(each for each in dict.fromkeys(read) if each is not None)
        assert shortly(store, collection, OneOf("v", there)) == (name in SHORTLY)
        if name not in SHORTLY:
            return
        assert len(both(store, collection, OneOf("v", (*there, *there, None)))) == 3 * len(there)
        for each in there:
            alone = OneOf("v", (each,))
            assert len(both(store, collection, alone)) == 3
            assert len(both(store, collection, All((alone, OneOf("w", ("x",)))))) == 1
            either = AnyOf((alone, OneOf("w", ("x", "X"))))
            assert len(both(store, collection, either)) == 2 * len(there) + 3
        for odd in ODD:
            both(store, collection, OneOf("v", (odd,)))
            assert both(store, collection, OneOf("v", (*there, odd)))
        assert both(store, collection, OneOf("v", ())) == []
        assert both(store, collection, AnyOf(())) == []


SOUGHT = [
    Folded("w", "email", ("jo@x.test",)),
    Folded("w", "email", ("jörg@xn--mller-kva.test",)),
    Folded("w", "phone:GB", ("+442890180001",)),
    Folded("w", "phone:GB", ("201",)),
    Folded("w", "name", ("jörg strauss",)),
    Folded("w", "text", ("jörg strauß",)),
]


@pytest.mark.parametrize("type_", ["varchar(200)", "text NOT NULL", "char(60)"])
def test_folded_finds_the_same(postgres_db: str, type_: str) -> None:
    fill_words(postgres_db, ALL if "NOT" in type_ else [*ALL, None], type_)
    with opened(postgres_db) as store:
        for where in SOUGHT:
            assert shortly(store, WORDS, where)
            # Twice: the statement made, and the statement kept. With other values in between.
            first = both(store, WORDS, where)
            assert first
            assert both(store, WORDS, replace(where, values=("nobody@y.test", "00"))) != first
            assert both(store, WORDS, where) == first
        every = AnyOf(tuple(SOUGHT))
        assert len(both(store, WORDS, every)) >= len({*JO, *MUELLER, *BELFAST, *SHORT, *NAMES})
        assert both(store, WORDS, AnyOf((SOUGHT[0], OneOf("id", (0, 50))))) != first
        assert both(store, WORDS, Folded("w", "email", ())) == []
        assert both(store, WORDS, Folded("w", "email", ("\0@x.test",))) == []


def test_only_records_of_the_collection(postgres_db: str) -> None:
    """Two collections in one table, and one that changes its mind."""
    run(
        postgres_db,
        "CREATE TABLE things (id integer PRIMARY KEY, w text)",
        "INSERT INTO things SELECT n, 'w' || mod(n, 3) FROM generate_series(1, 9) n",
    )
    where = OneOf("w", ("w1", "w2"))
    with opened(postgres_db) as store:
        assert len(both(store, things("w"), where)) == 6
        for meant, ids in (
            (Compare("id", ">", 4), {5, 7, 8}),
            (OneOf("id", (1, 2, 3)), {1, 2}),
            (Missing("w"), set()),
        ):
            some = replace(things("w"), where=meant)
            assert {row[0] for row in both(store, some, where)} == ids
        for most in (1, 4, 6, 7):
            assert len([*store.rows(things("w"), where, ["id"], most)]) == min(most, 6)


def test_more_than_a_few_are_all_there(postgres_db: str) -> None:
    run(
        postgres_db,
        "CREATE TABLE things (id integer PRIMARY KEY, w text)",
        "INSERT INTO things SELECT n, 'w' || mod(n, 2) FROM generate_series(1, 3000) n",
    )
    with opened(postgres_db) as store:
        for many in (499, 500, 501, 2999):
            assert len(both(store, things("w"), OneOf("id", tuple(range(1, many + 1))))) == many
        assert len(both(store, things("w"), OneOf("w", ("w1",)))) == 1500
        assert len([*store.rows(things("w"), OneOf("w", ("w1",)), ["id"], 501)]) == 501


def test_what_is_read_next_is_in_a_transaction_again(postgres_db: str) -> None:
    run(postgres_db, "CREATE TABLE things (id integer PRIMARY KEY, w text)")
    run(postgres_db, "INSERT INTO things VALUES (1, 'a'), (2, 'b'), (3, 'c')")
    with opened(postgres_db, limit=Limit(connections=1)) as store:
        assert len([*store.rows(things("w"), OneOf("id", (1, 2)), ["id"])]) == 2
        work = Work(things("w"), DeleteRows(), OneOf("id", (1,)))
        (bounds,) = store.split(work, 100)
        with store.open(work, bounds, work.target):
            pass  # not committed
    assert fetch(postgres_db, "SELECT count(*) FROM things") == [(3,)]


def test_a_statement_that_takes_too_long(postgres_db: str) -> None:
    run(postgres_db, "CREATE TABLE things (id integer PRIMARY KEY, w text)")
    run(postgres_db, "INSERT INTO things VALUES (1, 'secret-4711')")
    where = OneOf("w", ("secret-4711",))
    with opened(postgres_db, limit=Limit(lock_timeout_s=0.3)) as store:
        assert len(both(store, things("w"), where)) == 1
        held, done = threading.Event(), threading.Event()
        locker = threading.Thread(target=_lock, args=(postgres_db, held, done))
        locker.start()
        assert held.wait(20)
        with pytest.raises(StoreBusy) as caught:
            [*store.rows(things("w"), where, ["id"])]
        done.set()
        locker.join()
        assert "4711" not in repr(caught.value)
        assert caught.value.__cause__ is None
        assert len(both(store, things("w"), where)) == 1


def test_a_connection_that_was_lost(postgres_db: str) -> None:
    run(postgres_db, "CREATE TABLE things (id integer PRIMARY KEY, w text)")
    run(postgres_db, "INSERT INTO things VALUES (1, 'a')")
    where = OneOf("w", ("a",))
    with opened(postgres_db, limit=Limit(connections=1)) as store:
        held, done = threading.Event(), threading.Event()
        locker = threading.Thread(target=_lock, args=(postgres_db, held, done))
        assert len(both(store, things("w"), where)) == 1
        locker.start()
        assert held.wait(20)
        threading.Thread(target=_kill, args=(postgres_db, done)).start()
        with pytest.raises(StoreUnreachable):
            [*store.rows(things("w"), where, ["id"])]
        locker.join()
        assert len(both(store, things("w"), where)) == 1


def _lock(url: str, held: threading.Event, done: threading.Event) -> None:
    with engine_of(url) as engine, engine.begin() as connection:
        connection.exec_driver_sql("LOCK TABLE things IN ACCESS EXCLUSIVE MODE")
        held.set()
        done.wait(20)


def _kill(url: str, done: threading.Event) -> None:
    """Those that wait for the lock, once there are some."""
    asked = (
        "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
        " WHERE datname = current_database() AND wait_event_type = 'Lock'"
    )
    until = time.monotonic() + 20
    while time.monotonic() < until and fetch(url, asked) == [(0,)]:
        time.sleep(0.05)
    done.set()
