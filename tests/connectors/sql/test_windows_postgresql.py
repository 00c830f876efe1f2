"""Windows over pages: partitions, inheritance, rows that move, tables nobody analysed."""

from __future__ import annotations

import pytest

from servanda.connectors.sql import windows
from servanda.kernel.errors import StoreRefused
from tests.connectors.sql.windows_kit import BLANK, DUE, NEW, OLD, Kit, listed, work

pytestmark = pytest.mark.services


def parted(kit: Kit) -> None:
    """`calls` by range; column order differs in one part; another part is divided again."""
    kit.run(
        "CREATE TABLE calls (id bigint, made timestamp, person text) PARTITION BY RANGE (made)",
        "CREATE TABLE calls_a PARTITION OF calls FOR VALUES FROM ('2024-01-01') TO ('2025-01-01')",
        "CREATE TABLE calls_b (person text, id bigint, made timestamp)",
        "ALTER TABLE calls ATTACH PARTITION calls_b FOR VALUES FROM ('2025-01-01') TO (MAXVALUE)",
        "CREATE TABLE calls_c PARTITION OF calls FOR VALUES FROM ('2023-01-01') TO ('2024-01-01')"
        " PARTITION BY LIST (id)",
        "CREATE TABLE calls_c1 PARTITION OF calls_c FOR VALUES IN (100, 101)",
        "CREATE TABLE calls_c2 PARTITION OF calls_c DEFAULT",
        f"INSERT INTO calls SELECT n, '{OLD}', 'p' || n FROM generate_series(1, 20) n",
        f"INSERT INTO calls SELECT n, '{NEW}', 'p' || n FROM generate_series(50, 60) n",
        "INSERT INTO calls SELECT n, '2023-05-05', 'p' || n FROM generate_series(100, 103) n",
    )


def test_every_partition_is_ranged_over(postgres_kit: Kit) -> None:
    parted(postgres_kit)
    bounds = postgres_kit.split(work(), 1000)
    assert {each["table"] for each in bounds} == {
        "public.calls_a",
        "public.calls_b",
        "public.calls_c1",
        "public.calls_c2",
    }
    assert listed(postgres_kit.each(work(), 3)) == [*range(1, 21), *range(100, 104)]
    assert postgres_kit.all("SELECT min(id), count(*) FROM calls") == [(50, 11)]


def test_partitions_are_redacted_once(postgres_kit: Kit) -> None:
    parted(postgres_kit)
    assert listed(postgres_kit.each(work(BLANK), 3)) == [*range(1, 21), *range(100, 104)]
    assert postgres_kit.all("SELECT count(*) FROM calls WHERE person = 'gone'") == [(24,)]
    assert postgres_kit.each(work(BLANK), 3) == []


def test_keys_of_partitions_are_found_through_the_parent(postgres_kit: Kit) -> None:
    parted(postgres_kit)
    (bounds, *_) = [e for e in postgres_kit.split(work(), 99) if e["table"] == "public.calls_a"]
    with windows.open_(postgres_kit.mapped(), work(), bounds, DUE) as window:
        assert window.keys.count == 20
        recorded = window.keys
    assert postgres_kit.present(work(), recorded) == recorded


def test_tables_that_inherit_belong_to_the_collection(postgres_kit: Kit) -> None:
    postgres_kit.calls([(1, OLD, "a"), (2, NEW, "b"), (3, OLD, "c")])
    postgres_kit.run(
        'CREATE TABLE "Calls.more" (extra text) INHERITS (calls)',
        f"INSERT INTO \"Calls.more\" VALUES (4, '{OLD}', 'd', 'x'), (5, '{NEW}', 'e', 'x')",
    )
    found = postgres_kit.each(work(), 1000)
    assert sorted(each.count for each in found) == [1, 2]
    assert listed(found) == [1, 3, 4]
    assert postgres_kit.all("SELECT id FROM calls ORDER BY id") == [(2,), (5,)]


def test_a_view_is_refused(postgres_kit: Kit) -> None:
    postgres_kit.run(
        "CREATE TABLE base (id bigint PRIMARY KEY, made timestamp, person text)",
        "CREATE VIEW calls AS SELECT * FROM base",
    )
    with pytest.raises(StoreRefused, match="view"):
        postgres_kit.split(work())


@pytest.mark.parametrize("analysed", [True, False])
def test_windows_have_about_as_many_rows_as_asked(postgres_kit: Kit, analysed: bool) -> None:
    postgres_kit.calls([])
    postgres_kit.run(
        f"INSERT INTO calls SELECT n, '{OLD}', repeat('x', 60) FROM generate_series(1, 9000) n"
    )
    if analysed:
        postgres_kit.run("ANALYZE calls")
    found = postgres_kit.each(work(), 1000)
    assert listed(found) == list(range(1, 9001))
    assert 8 <= len(found) <= 12
    assert max(each.count for each in found) <= 1200


def test_a_redaction_of_everything_ends_and_touches_each_row_once(postgres_kit: Kit) -> None:
    postgres_kit.calls([])
    postgres_kit.run(
        f"INSERT INTO calls SELECT n, '{OLD}', repeat('x', 60) FROM generate_series(1, 3000) n"
    )
    assert listed(postgres_kit.each(work(BLANK), 500)) == list(range(1, 3001))
    assert postgres_kit.all("SELECT count(*) FROM calls WHERE person = 'gone'") == [(3000,)]


def test_rows_that_moved_behind_the_pages_counted_are_taken(postgres_kit: Kit) -> None:
    postgres_kit.calls([(n, OLD, "x" * 80) for n in range(1, 501)])
    bounds = postgres_kit.split(work(), 100)
    postgres_kit.run("UPDATE calls SET person = repeat('y', 80)")
    found = []
    for each in bounds:
        with windows.open_(postgres_kit.mapped(), work(), each, DUE) as window:
            window.commit()
            found.append(window.keys)
    assert found[0].count == 0  # they have all moved
    assert listed(found) == list(range(1, 501))


def test_what_a_trigger_keeps_is_not_listed(postgres_kit: Kit) -> None:
    postgres_kit.calls([(n, OLD, f"p{n}") for n in range(1, 6)])
    postgres_kit.run(
        "CREATE FUNCTION keep() RETURNS trigger LANGUAGE plpgsql AS"
        " 'BEGIN IF OLD.id = 3 THEN RETURN NULL; END IF; RETURN OLD; END'",
        "CREATE TRIGGER keep BEFORE DELETE ON calls FOR EACH ROW EXECUTE FUNCTION keep()",
    )
    assert listed(postgres_kit.each(work())) == [1, 2, 4, 5]
    assert postgres_kit.all("SELECT id FROM calls") == [(3,)]


def test_generated_columns_and_odd_names(postgres_kit: Kit) -> None:
    postgres_kit.run(
        "CREATE TABLE calls (id bigint PRIMARY KEY, made timestamp, person text,"
        ' "the %s ""name""" text GENERATED ALWAYS AS (upper(person)) STORED)',
        f"INSERT INTO calls VALUES (1, '{OLD}', 'a'), (2, '{NEW}', 'b'), (3, '{OLD}', 'c')",
    )
    assert listed(postgres_kit.each(work(BLANK))) == [1, 3]
    assert listed(postgres_kit.each(work())) == [1, 3]
    assert postgres_kit.all("SELECT id FROM calls") == [(2,)]
