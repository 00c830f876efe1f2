"""Windows of one split meet: no record between two of them, none in two."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import chain
from typing import Any

import pytest
import sqlalchemy as sa

from servanda.connectors.sql import order, postgresql
from servanda.stores.mapping import Column as MappedColumn
from servanda.stores.mapping import Field
from servanda.stores.port import Work
from tests.connectors.sql.windows_kit import CALLS, NEW, OLD, Kit, listed, work


def covered(kit: Kit, job: Work, rows: int) -> list[list[Any]]:
    """For each window, the persons its bounds range over."""
    mapped = kit.mapped(job.collection)
    found = []
    for bounds in kit.split(job, rows):
        at_pages = bounds["at"] == "pages"
        within = (postgresql if at_pages else order).within(mapped, bounds)
        query = sa.select(mapped.table.c.person).where(within)
        with kit.db.reading() as connection:
            found.append(sorted(connection.execute(query).scalars()))
    return found


@pytest.mark.parametrize("rows", [1, 2, 3, 10, 999])
@pytest.mark.parametrize(
    "number", [lambda n: n, lambda n: n * 10**15 - 7 * 10**15, lambda n: n**3 - 20]
)
def test_over_numbers_dense_or_sparse(kit: Kit, rows: int, number: Callable[[int], int]) -> None:
    kit.calls([(number(n), OLD, f"p{n:02}") for n in range(20)])
    windows = covered(kit, work(), rows)
    assert sorted(chain.from_iterable(windows)) == [f"p{n:02}" for n in range(20)]
    assert max(map(len, windows)) <= max(rows, 1) or kit.dialect == "postgresql"
    assert len(windows) <= 20 * 4 + 101


@pytest.mark.parametrize("rows", [1, 3, 10])
def test_over_a_composite_key(kit: Kit, rows: int) -> None:
    kit.run(
        "CREATE TABLE calls (a VARCHAR(9), b INTEGER, made TIMESTAMP NULL, person VARCHAR(9),"
        " PRIMARY KEY (a, b))" + (" WITHOUT ROWID" if kit.dialect == "sqlite" else "")
    )
    kit.run(
        "INSERT INTO calls VALUES "
        + ", ".join(f"('{'xyZ'[n % 3]}{n % 2}', {n}, '{OLD}', 'p{n:02}')" for n in range(20))
    )
    fields = (*(Field(n, MappedColumn(n)) for n in "ab"), CALLS.fields[1])
    both = replace(CALLS, key=("a", "b"), fields=fields)
    windows = covered(kit, work(collection=both), rows)
    assert sorted(chain.from_iterable(windows)) == [f"p{n:02}" for n in range(20)]
    assert len(kit.each(work(collection=both), rows)) >= 20 // max(rows, 10)
    assert kit.all("SELECT count(*) FROM calls") == [(0,)]


def clocked(kit: Kit, moments: Sequence[str | None], *, key: str, new: int) -> None:
    """Few old rows at these moments among many new ones, with an index on the clock."""
    name = key.split()[0]
    kit.run(
        f"CREATE TABLE calls ({key}, made TIMESTAMP NULL, person VARCHAR(9))",
        "CREATE INDEX made ON calls (made)",
    )
    rows = [*moments, *[NEW] * new]
    values = ", ".join(
        f"({n}, {'NULL' if moment is None else repr(moment)}, 'p{n:04}')"
        for n, moment in enumerate(rows)
    )
    kit.run(f"INSERT INTO calls ({name}, made, person) VALUES {values}")
    kit.run({"mariadb": "ANALYZE TABLE calls"}.get(kit.dialect, "ANALYZE calls"))


TIED: list[str | None] = [
    *[OLD] * 50,
    *["2024-06-02 12:00:00"] * 3,
    *["2024-06-01 11:59:59"] * 2,
    "2024-06-03 12:00:00",
    None,
]


def test_many_records_of_one_moment_are_cut_by_key(kit: Kit) -> None:
    key = "id INTEGER PRIMARY KEY" if kit.dialect == "sqlite" else "id BIGINT PRIMARY KEY"
    clocked(kit, TIED, key=key, new=1000)
    bounds = kit.split(work(), 6)  # so that two are left for the last window
    assert {"tie", "clock"} <= {each["at"] for each in bounds}
    found = kit.each(work(), 6)
    assert listed(found) == list(range(56))
    assert max(each.count for each in found) <= 12
    assert kit.all("SELECT count(*) FROM calls") == [(1001,)]


def test_many_records_of_one_moment_without_a_key(kit: Kit) -> None:
    clocked(kit, TIED, key="n INTEGER", new=1000)
    keyless = replace(CALLS, key=(), fields=(CALLS.fields[1],))
    found = kit.each(work(collection=keyless), 5)
    assert len(set(listed(found))) == 56
    assert sum(each.count for each in found) == 56
    assert kit.all("SELECT count(*) FROM calls") == [(1001,)]


def test_shares_by_digest_take_each_row_once(mariadb_kit: Kit, monkeypatch: Any) -> None:
    monkeypatch.setattr(order, "_SHARE_ROWS", 5)
    clocked(mariadb_kit, TIED, key="n INTEGER", new=1000)
    keyless = replace(CALLS, key=(), fields=(CALLS.fields[1],))
    bounds = mariadb_kit.split(work(collection=keyless), 5)
    assert sum(each.get("of", 0) > 1 for each in bounds) >= 10
    assert sum(each.count for each in mariadb_kit.each(work(collection=keyless), 5)) == 56
    assert mariadb_kit.all("SELECT count(*) FROM calls") == [(1001,)]


def test_many_of_many_are_walked_by_place(kit: Kit) -> None:
    key = "id INTEGER PRIMARY KEY" if kit.dialect == "sqlite" else "id BIGINT PRIMARY KEY"
    clocked(kit, [OLD] * 500, key=key, new=500)
    assert {each["at"] for each in kit.split(work(), 100)} <= {"key", "pages"}
    assert listed(kit.each(work(), 100)) == list(range(500))


def test_an_empty_table(kit: Kit) -> None:
    kit.calls([(1, NEW, "a")])
    kit.run("DELETE FROM calls")
    assert kit.each(work()) == []
