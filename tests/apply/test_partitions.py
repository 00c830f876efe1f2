"""Whole partitions: dropped where everything in them is due, never over a hold."""

from __future__ import annotations

from pathlib import Path

import pytest

from servanda import apply
from servanda.apply.boundaries import Boundary
from servanda.desk import holds
from servanda.kernel.predicate import Compare
from servanda.plan.steps import Delete
from servanda.stores.mapping import Clock, Collection, Column, Field
from tests.apply.spy import Witness, watched
from tests.apply.world import CUTOFF, MASTER, World, entries
from tests.faults.conftest import LIMIT
from tests.faults.harness import Case

pytestmark = pytest.mark.services

EVENTS = Collection(
    store="pbx",
    name="events",
    source="events",
    activity="recording",
    key=("id",),
    clocks=(Clock("at", Column("at")),),
    fields=(Field("id", Column("id")), Field("who", Column("who"), ("name",))),
)
YEARS = {2023: 500, 2024: 400, 2025: 300, 2026: 200}


@pytest.fixture
def world(sqlite_state: str, postgres_db: str, tmp_path: Path) -> World:
    made = World(tmp_path, postgres_db, LIMIT, extra=(EVENTS,)).make(10, 10)
    made.execute(
        "CREATE TABLE events (id bigint NOT NULL, at timestamp NOT NULL, who text,"
        " PRIMARY KEY (id, at)) PARTITION BY RANGE (at)"
    )
    for year in YEARS:
        made.execute(
            f"CREATE TABLE events_{year} PARTITION OF events"
            f" FOR VALUES FROM ('{year}-01-01') TO ('{year + 1}-01-01')"
        )
    for year, count in YEARS.items():
        made.execute(
            f"INSERT INTO events SELECT n + {year} * 100000, '{year}-02-01', 'who ' || n"
            f" FROM generate_series(1, {count}) AS n"
        )
    return made


def step(world: World) -> Delete:
    store = world.site.open(world.configs["pbx"], True)
    found = store.expired_partitions(EVENTS, "at", CUTOFF)
    store.close()
    assert len(found) == 2
    return world.delete("pbx.events", partitions=tuple(found))


def years(world: World) -> dict[int, int]:
    rows = world.rows("SELECT extract(year FROM at)::int, count(*) FROM events GROUP BY 1")
    return dict(rows)


def test_drops_what_is_wholly_due_and_deletes_the_rest(world: World) -> None:
    assert years(world) == YEARS
    run = apply.start(world.plan(step(world)), world.site)
    outcome = apply.work(run, world.site)
    assert outcome.result == "done"
    assert outcome.count == 1_200  # 2025-02-01 is before the cutoff, inside a partition that stays
    assert years(world) == {2026: 200}
    dropped = [entry for entry in entries("window.prepared") if "partition" in entry]
    assert [(entry["partition"], entry["count"]) for entry in dropped] == [
        ("public.events_2023", 500),
        ("public.events_2024", 400),
    ]
    assert outcome.recounts[0].expected == 200


def test_a_hold_in_a_partition_keeps_it_and_its_record_only(world: World) -> None:
    plan = world.plan(step(world))
    held = 2023 * 100_000 + 7
    holds.add_predicate(MASTER, "pbx.events", Compare("id", "=", held), reason="claim", by="alice")
    outcome = apply.work(apply.start(plan, world.site), world.site)
    assert outcome.count == 1_199
    assert years(world) == {2023: 1, 2026: 200}
    assert world.rows("SELECT id FROM events WHERE at < '2024-01-01'") == [(held,)]


def test_a_hold_added_while_a_partition_is_being_dropped(world: World) -> None:
    plan = world.plan(step(world))
    held = 2023 * 100_000 + 7

    def add(number: int) -> None:
        if number == 1:
            where = Compare("id", "=", held)
            holds.add_predicate(MASTER, "pbx.events", where, reason="claim", by="alice")

    run = apply.start(plan, world.site)
    outcome = apply.work(run, watched(world.site, "pbx", Witness(opened=add)))
    assert outcome.result == "done"
    assert years(world) == {2023: 1, 2026: 200}


@pytest.mark.parametrize("at", ["after-store-work", "after-record", "after-commit"])
def test_killed_while_dropping(world: World, sqlite_state: str, at: Boundary) -> None:
    case = Case(world, sqlite_state)
    run = case.start(world.plan(step(world)))
    case.killed("work", run, at)
    assert case.resume(run) == "done"
    assert years(world) == {2026: 200}
    windows = {(e["step"], e["window"]): e["count"] for e in entries("window.prepared")}
    assert sum(windows.values()) == 1_200
    assert entries("window.superseded") == []
