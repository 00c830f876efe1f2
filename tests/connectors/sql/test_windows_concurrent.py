"""Others write at the same time: what no longer fits stays and is not listed."""

from __future__ import annotations

import threading
import time
from typing import Any

import pytest
import sqlalchemy as sa

from servanda.connectors.sql import windows
from servanda.kernel.errors import StoreBusy
from servanda.stores.port import Action, DeleteRows
from tests.connectors.sql.windows_kit import BLANK, DUE, NEW, OLD, Kit, listed, work

pytestmark = pytest.mark.services
ACTIONS = [DeleteRows(), BLANK]


@pytest.fixture(params=["postgres_kit", "mariadb_kit"])
def kit(request: pytest.FixtureRequest) -> Kit:
    made: Kit = request.getfixturevalue(request.param)
    return made


@pytest.mark.parametrize("action", ACTIONS)
def test_a_row_that_another_transaction_takes_out_of_the_target_stays(
    kit: Kit, action: Action
) -> None:
    kit.calls([(n, OLD, f"p{n}") for n in range(1, 6)])
    (bounds,) = kit.split(work(action), 1000)
    found: list[Any] = []

    def sweep() -> None:
        with windows.open_(kit.mapped(), work(action), bounds, DUE) as window:
            window.commit()
            found.append(window.keys)

    with kit.db.engine.connect() as other:
        other.execute(sa.text(f"UPDATE calls SET made = '{NEW}' WHERE id = 2"))
        thread = threading.Thread(target=sweep)
        thread.start()
        time.sleep(0.3)  # the sweep now waits for row 2
        assert not found
        other.commit()
    thread.join()
    assert listed(found) == [1, 3, 4, 5]
    assert kit.all(f"SELECT person FROM calls WHERE id = 2 AND made = '{NEW}'") == [("p2",)]


def test_a_row_locked_for_too_long_makes_the_store_busy(kit: Kit) -> None:
    kit.calls([(n, OLD, f"p{n}") for n in range(1, 6)])
    (bounds,) = kit.split(work(), 1000)
    with kit.db.engine.connect() as other:
        other.execute(sa.text("UPDATE calls SET person = 'x' WHERE id = 4"))
        with pytest.raises(StoreBusy):
            windows.open_(kit.mapped(), work(), bounds, DUE)
        other.rollback()
    assert listed(kit.each(work())) == [1, 2, 3, 4, 5]  # the connection serves again
    assert kit.all("SELECT count(*) FROM calls") == [(0,)]


def test_rows_that_come_meanwhile_are_not_lost(kit: Kit) -> None:
    kit.calls([(n, OLD, f"p{n}") for n in range(1, 50)])
    bounds = kit.split(work(), 10)
    kit.run(f"INSERT INTO calls VALUES (1000, '{OLD}', 'late'), (-5, '{OLD}', 'early')")
    kit.run("UPDATE calls SET person = 'moved' WHERE id = 7")
    found = []
    for each in bounds:
        with windows.open_(kit.mapped(), work(), each, DUE) as window:
            window.commit()
            found.append(window.keys)
    assert listed(found) == [-5, *range(1, 50), 1000]
    assert kit.all("SELECT count(*) FROM calls") == [(0,)]


def test_two_threads_take_each_row_once(kit: Kit) -> None:
    kit.calls([(n, OLD if n % 2 else NEW, f"p{n}") for n in range(1, 2001)])
    waiting = kit.split(work(), 100)
    found: list[Any] = []

    def sweep() -> None:
        while waiting:
            try:
                bounds = waiting.pop()
            except IndexError:
                return
            with windows.open_(kit.mapped(), work(), bounds, DUE) as window:
                window.commit()
                found.append(window.keys)

    threads = [threading.Thread(target=sweep) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert listed(found) == list(range(1, 2001, 2))
    assert kit.all("SELECT count(*) FROM calls") == [(1000,)]
