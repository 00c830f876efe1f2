"""A record whose event has not happened stays, in whatever partition its clock puts it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from servanda.connectors.sql import partitions, windows
from servanda.kernel.predicate import ClockBy
from servanda.stores.mapping import Clock, Collection, Column
from servanda.stores.port import DropPartition
from tests.connectors.sql.windows_kit import CALLS, CUTOFF, DUE, Kit, work

pytestmark = pytest.mark.services

EPOCH = replace(CALLS, clocks=(Clock("made", Column("made"), kind="epoch_s"),))


def test_an_epoch_of_zero_is_no_old_record(postgres_kit: Kit) -> None:
    postgres_kit.run(
        "CREATE TABLE calls (id bigint, made bigint NOT NULL, person text)"
        " PARTITION BY RANGE (made)",
        "CREATE TABLE calls_old PARTITION OF calls FOR VALUES FROM (0) TO (1600000000)",
        "CREATE TABLE calls_later PARTITION OF calls DEFAULT",
        "INSERT INTO calls VALUES (1, 1500000000, 'ann'), (2, 0, 'bob'), (3, 0, 'cy')",
    )
    dropped(postgres_kit, EPOCH)
    assert remaining(postgres_kit) == [1, 2, 3]  # not dropped: its old row is for a later window


def test_a_moment_before_all_time_is_no_old_record(postgres_kit: Kit) -> None:
    parted_by_moment(postgres_kit)
    postgres_kit.run(
        "INSERT INTO calls VALUES (1, '2019-01-01', 'ann'), (2, '-infinity', 'bob'),"
        " (3, '2018-01-01', 'cy')"
    )
    dropped(postgres_kit, CALLS)
    assert remaining(postgres_kit) == [1, 2, 3]


def test_a_partition_of_old_records_alone_goes_whole(postgres_kit: Kit) -> None:
    parted_by_moment(postgres_kit)
    postgres_kit.run(
        "INSERT INTO calls VALUES (1, '2019-01-01', 'ann'), (2, '2018-01-01', 'bob'),"
        " (3, '2025-06-01', 'cy')"
    )
    dropped(postgres_kit, CALLS)
    assert remaining(postgres_kit) == [3]


def parted_by_moment(kit: Kit) -> None:
    kit.run(
        "CREATE TABLE calls (id bigint, made timestamp NOT NULL, person text)"
        " PARTITION BY RANGE (made)",
        "CREATE TABLE calls_old PARTITION OF calls FOR VALUES FROM (MINVALUE) TO ('2020-01-01')",
        "CREATE TABLE calls_later PARTITION OF calls DEFAULT",
    )


def dropped(kit: Kit, collection: Collection) -> None:
    """The window that takes `calls_old`, which the planner offers to drop."""
    mapped = kit.mapped(collection)
    (name,) = partitions.expired(mapped, "made", CUTOFF)
    due = ClockBy("made", CUTOFF, "start")
    task = replace(work(target=DUE, collection=collection), action=DropPartition(name), target=due)
    with windows.open_(mapped, task, {"at": "partition", "name": name}, due) as window:
        window.commit()


def remaining(kit: Kit) -> list[int]:
    return [row[0] for row in kit.all("SELECT id FROM calls ORDER BY id")]
