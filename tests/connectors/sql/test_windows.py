"""What every engine must do with a window: take all that is meant, list it, and nothing else."""

from __future__ import annotations

from dataclasses import replace

import pytest

from servanda.connectors.sql import windows
from servanda.kernel.predicate import Compare, Not, OneOf, all_of
from servanda.stores.mapping import Clock, Column, Field
from tests.connectors.sql.windows_kit import BLANK, CALLS, DUE, NEW, OLD, Kit, listed, work

ROWS = [(n, OLD if n % 3 == 0 else NEW, f"person {n}") for n in range(1, 31)]
EXPIRED = [n for n, made, _ in ROWS if made == OLD]
LEFT = [n for n, made, _ in ROWS if made == NEW]


@pytest.mark.parametrize("rows", [1, 2, 7, 1000])
def test_every_window_together_takes_exactly_what_is_meant(kit: Kit, rows: int) -> None:
    kit.calls(ROWS)
    assert [n for (n,) in kit.all("SELECT id FROM calls ORDER BY id")] == list(range(1, 31))
    found = kit.each(work(), rows)
    assert listed(found) == EXPIRED
    assert {keys.encoding for keys in found} == {"i8"}
    assert [n for (n,) in kit.all("SELECT id FROM calls ORDER BY id")] == LEFT


def test_a_window_left_without_commit_changes_nothing(kit: Kit) -> None:
    kit.calls(ROWS)
    (bounds,) = kit.split(work(), 1000)
    with windows.open_(kit.mapped(), work(), bounds, DUE) as window:
        assert listed([window.keys]) == EXPIRED
    assert kit.all("SELECT count(*) FROM calls") == [(30,)]
    with (
        pytest.raises(RuntimeError),
        windows.open_(kit.mapped(), work(), bounds, DUE) as window,
    ):
        assert window.keys.count == 10
        raise RuntimeError
    assert kit.all("SELECT count(*) FROM calls") == [(30,)]


def test_holds_narrow_a_window(kit: Kit) -> None:
    kit.calls(ROWS)
    narrowed = all_of((DUE, Not(OneOf("person", ("person 3", "person 30")))))
    found = kit.each(work(), 4, narrowed)
    assert listed(found) == EXPIRED[1:-1]
    assert kit.all("SELECT id FROM calls WHERE id IN (3, 30) ORDER BY id") == [(3,), (30,)]


def test_rows_of_another_collection_in_the_table_stay(kit: Kit) -> None:
    kit.calls([(1, OLD, "a"), (2, OLD, "b"), (3, OLD, "a"), (4, NEW, "a")])
    ours = replace(CALLS, where=Compare("person", "=", "a"))
    assert listed(kit.each(work(collection=ours))) == [1, 3]
    assert kit.all("SELECT id FROM calls ORDER BY id") == [(2,), (4,)]


def test_redaction_touches_each_row_once(kit: Kit) -> None:
    kit.calls(ROWS)
    found = kit.each(work(BLANK), 4)
    assert listed(found) == EXPIRED
    assert kit.all("SELECT count(*) FROM calls WHERE person = 'gone'") == [(10,)]
    assert kit.all("SELECT count(*) FROM calls WHERE person <> 'gone'") == [(20,)]
    assert kit.each(work(BLANK), 4) == []


def test_what_is_recorded_and_rolled_back_is_found_present(kit: Kit) -> None:
    kit.calls(ROWS)
    (bounds,) = kit.split(work(), 1000)
    with windows.open_(kit.mapped(), work(), bounds, DUE) as window:
        recorded = window.keys
    assert kit.present(work(), recorded) == recorded
    kit.run("DELETE FROM calls WHERE id = 3")
    assert listed([kit.present(work(), recorded)]) == EXPIRED[1:]
    kit.each(work())
    assert kit.present(work(), recorded).count == 0


def test_a_composite_key_with_text_and_null_is_listed_and_found_again(kit: Kit) -> None:
    kit.run("CREATE TABLE calls (a VARCHAR(20), b INTEGER, made TIMESTAMP NULL, person VARCHAR(9))")
    kit.run(
        "INSERT INTO calls VALUES ('x\"y', 1, '2024-01-01', 'p'), ('ü', 2, '2024-01-01', 'q'),"
        " (NULL, 3, '2024-01-01', 'r'), ('ü', 4, '2026-01-01', 'q')"
    )
    fields = (Field("a", Column("a")), Field("b", Column("b")), CALLS.fields[1])
    both = replace(CALLS, key=("a", "b"), fields=fields)
    found = kit.each(work(collection=both))
    assert b"\n".join(sorted(k for f in found for k in f.data.split(b"\n"))).decode() == (
        '["x\\"y",1]\n["ü",2]\n[null,3]'
    )
    assert kit.all("SELECT b FROM calls") == [(4,)]
    assert sum(kit.present(work(collection=both), each).count for each in found) == 0
    kit.run("INSERT INTO calls VALUES ('ü', 2, '2026-01-01', 'q')")
    assert sum(kit.present(work(collection=both), each).count for each in found) == 1


KEYLESS = replace(CALLS, key=(), fields=(CALLS.fields[1],))


def test_a_number_as_key_that_may_be_missing(kit: Kit) -> None:
    kit.calls([(1, OLD, "a"), (None, OLD, "b"), (3, NEW, "c"), (None, NEW, "d")], key="id BIGINT")
    found = kit.each(work(), 1)
    assert sorted(each.data for each in found) in ([b"[1]", b"[null]"], [b"[1]\n[null]"])
    assert kit.all("SELECT person FROM calls ORDER BY person") == [("c",), ("d",)]


@pytest.mark.parametrize("rows", [1, 3, 1000])
def test_of_equal_rows_without_a_key_as_many_go_as_are_listed(kit: Kit, rows: int) -> None:
    kit.run("CREATE TABLE calls (made TIMESTAMP NULL, person VARCHAR(9))")
    kit.run(
        "INSERT INTO calls VALUES "
        + ", ".join(["('2024-01-01', 'twin')"] * 5 + ["('2025-06-01', 'twin')"] * 2)
        + ", ('2024-02-01', 'one'), ('2024-03-01', NULL), (NULL, 'never')"
    )
    found = kit.each(work(collection=KEYLESS), rows)
    assert {each.encoding for each in found} == {"sha256"}
    digests = listed(found)
    assert len(digests) == 7
    assert sorted(digests.count(each) for each in set(digests)) == [1, 1, 5]
    left = [person for (person,) in kit.all("SELECT person FROM calls ORDER BY person")]
    assert left == ["never", "twin", "twin"]


def test_keyless_rows_are_redacted_under_their_old_digest(kit: Kit) -> None:
    kit.run("CREATE TABLE calls (made TIMESTAMP NULL, person VARCHAR(9))")
    kit.run(
        "INSERT INTO calls VALUES ('2024-01-01', 'a'), ('2024-01-01', 'a'), ('2024-01-02', 'b'),"
        " ('2026-01-02', 'b')"
    )
    redaction = work(BLANK, collection=KEYLESS)
    (bounds, *_) = kit.split(redaction, 1000)
    with windows.open_(kit.mapped(KEYLESS), redaction, bounds, DUE) as window:
        assert window.keys.count == 3
        before = window.keys
    assert kit.present(redaction, before).count == 3
    assert sum(each.count for each in kit.each(redaction)) == 3
    assert kit.present(redaction, before).count == 0
    assert kit.all("SELECT count(*) FROM calls WHERE person = 'gone'") == [(3,)]
    assert kit.all("SELECT count(*) FROM calls WHERE person = 'b'") == [(1,)]


def test_few_of_many_are_taken_along_the_clock(kit: Kit) -> None:
    rows = [(n, OLD if n % 20 == 0 else NEW, f"person {n}") for n in range(1, 2001)]
    kit.calls(rows)
    kit.run("CREATE INDEX made ON calls (made)")
    kit.run(
        {"sqlite": "ANALYZE", "postgresql": "ANALYZE calls"}.get(kit.dialect, "ANALYZE TABLE calls")
    )
    bounds = kit.split(work(), 10)
    assert {each["at"] for each in bounds} & {"clock", "tie", "before"}
    found = kit.each(work(), 10)
    assert max(each.count for each in found) <= 20
    assert listed(found) == [n for n, made, _ in rows if made == OLD]
    assert kit.all("SELECT count(*) FROM calls") == [(1900,)]


def test_the_clock_itself_as_epoch_seconds(kit: Kit) -> None:
    key = "INTEGER" if kit.dialect == "sqlite" else "BIGINT"
    kit.run(f"CREATE TABLE calls (id {key} PRIMARY KEY, made BIGINT, person VARCHAR(9))")
    kit.run(
        "INSERT INTO calls VALUES (1, 1717243200, 'a'), (-2, 1717243200, 'b'), (3, 1750000000, 'c')"
    )
    epoch = replace(CALLS, clocks=(Clock("made", Column("made"), "epoch_s"),))
    found = kit.each(work(collection=epoch), 1)
    assert listed(found) == [-2, 1]
    assert kit.all("SELECT id FROM calls") == [(3,)]
