"""A store that was away is there again when it is next needed; two threads open nothing twice."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any, cast

import pytest

from servanda.kernel.errors import StoreUnreachable
from servanda.runtime.openstores import OpenStores
from servanda.stores.mapping import StoreConfig
from servanda.stores.port import Store

CONFIGS = tuple(StoreConfig(name, f"sqlite:///{name}") for name in ("crm", "pbx", "web"))


class Opened:
    def __init__(self) -> None:
        self.closed = 0

    def close(self) -> None:
        self.closed += 1


class World:
    """Stores that answer, but for those named in `down`."""

    def __init__(self) -> None:
        self.down: set[str] = set()
        self.tries: list[str] = []
        self.slow = threading.Event()
        self.slow.set()

    def open(self, config: StoreConfig) -> Store | StoreUnreachable:
        self.tries.append(config.name)
        self.slow.wait(5)
        if config.name in self.down:
            return StoreUnreachable(config.name, "it sleeps")
        return cast(Store, Opened())


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    now = [1000.0]
    monkeypatch.setattr("servanda.runtime.openstores.time.monotonic", lambda: now[0])
    return now


def test_one_that_failed_is_tried_again_after_ten_seconds(clock: list[float]) -> None:
    world = World()
    world.down = {"pbx"}
    stores = OpenStores(world.open)
    first = stores.all(CONFIGS)
    assert isinstance(first["pbx"], StoreUnreachable)
    world.down = set()
    clock[0] += 9.9
    assert isinstance(stores.all(CONFIGS)["pbx"], StoreUnreachable)
    assert sorted(world.tries) == ["crm", "pbx", "web"]
    clock[0] += 0.2
    again = stores.all(CONFIGS)
    assert isinstance(again["pbx"], Opened)
    assert world.tries[3:] == ["pbx"]
    assert again["crm"] is first["crm"], "what answered is not opened again"
    assert isinstance(first["pbx"], StoreUnreachable), "work that began keeps what it began with"


def test_who_looks_for_a_person_does_not_wait_for_ten_seconds(clock: list[float]) -> None:
    world = World()
    world.down = {"pbx"}
    stores = OpenStores(world.open)
    first = stores.all(CONFIGS)
    world.down = set()
    clock[0] += 0.1
    stores.again()
    found = stores.all(CONFIGS)
    assert isinstance(found["pbx"], Opened) and found["crm"] is first["crm"]
    stores.again()
    assert stores.all(CONFIGS)["pbx"] is found["pbx"]
    assert world.tries[3:] == ["pbx"]


def test_one_that_stays_away_is_asked_every_ten_seconds_only(clock: list[float]) -> None:
    world = World()
    world.down = {"pbx", "web"}
    stores = OpenStores(world.open)
    for _ in range(50):
        stores.all(CONFIGS)
        clock[0] += 1.0
    assert [world.tries.count(name) for name in ("crm", "pbx", "web")] == [1, 5, 5]


def test_threads_share_one_opening() -> None:
    world = World()
    world.slow.clear()
    stores = OpenStores(world.open)
    with ThreadPoolExecutor(max_workers=6) as pool:
        asked = [pool.submit(stores.all, CONFIGS) for _ in range(6)]
        world.slow.set()
        answers = [each.result(10) for each in asked]
    assert sorted(world.tries) == ["crm", "pbx", "web"]
    assert all(dict(each) == dict(answers[0]) for each in answers)


def test_closing_closes_each_once_and_it_opens_again() -> None:
    world = World()
    world.down = {"web"}
    stores = OpenStores(world.open)
    opened = [cast(Any, each) for each in stores.all(CONFIGS).values()]
    stores.close()
    stores.close()
    assert [each.closed for each in opened if isinstance(each, Opened)] == [1, 1]
    assert stores.all(CONFIGS)["crm"] is not opened[0]
