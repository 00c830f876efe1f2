"""SQLite: rows that are noted as they go, tables without row ids, triggers that interfere."""

from __future__ import annotations

import sqlite3
import threading
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from servanda.connectors.sql import sqlite, windows
from servanda.kernel.errors import StoreBusy, StoreRefused
from servanda.stores.mapping import Column, Field
from tests.connectors.sql.windows_kit import BLANK, CALLS, DUE, NEW, OLD, Kit, lent, listed, work


@pytest.mark.parametrize("action", [None, BLANK])
def test_a_row_that_a_trigger_keeps_refuses_the_window(sqlite_kit: Kit, action: Any) -> None:
    sqlite_kit.calls([(n, OLD, f"p{n}") for n in range(1, 6)])
    for event in ("DELETE", "UPDATE"):
        sqlite_kit.run(
            f"CREATE TRIGGER keep_{event} BEFORE {event} ON calls WHEN OLD.id = 3"
            " BEGIN SELECT RAISE(IGNORE); END"
        )
    (bounds,) = sqlite_kit.split(work(action), 100)
    with pytest.raises(StoreRefused, match="trigger"):
        windows.open_(sqlite_kit.mapped(), work(action), bounds, DUE)
    assert sqlite_kit.all("SELECT count(*) FROM calls WHERE person LIKE 'p%'") == [(5,)]
    sqlite_kit.run("DROP TRIGGER keep_DELETE", "DROP TRIGGER keep_UPDATE")
    assert listed(sqlite_kit.each(work(action))) == [1, 2, 3, 4, 5]


def test_a_trigger_that_deletes_elsewhere_is_not_counted(sqlite_kit: Kit) -> None:
    sqlite_kit.calls([(n, OLD if n < 4 else NEW, f"p{n}") for n in range(1, 6)])
    sqlite_kit.run(
        "CREATE TABLE other (id INTEGER)",
        "INSERT INTO other VALUES (1), (2), (3), (4)",
        "CREATE TRIGGER more AFTER DELETE ON calls BEGIN DELETE FROM other WHERE id = OLD.id; END",
    )
    assert listed(sqlite_kit.each(work())) == [1, 2, 3]
    assert sqlite_kit.all("SELECT id FROM other") == [(4,)]


def test_notes_that_do_not_add_up_are_not_believed(
    sqlite_kit: Kit, monkeypatch: pytest.MonkeyPatch
) -> None:
    sqlite_kit.calls([(n, OLD, f"p{n}") for n in range(1, 6)])
    # Rows of a table with a trigger are noted one by one.
    sqlite_kit.run("CREATE TRIGGER quiet AFTER DELETE ON calls BEGIN SELECT 1; END")
    noting = sqlite._noting

    def twice(connection: sa.Connection) -> Any:
        noted = noting(connection)
        noted.append(99)
        return noted

    monkeypatch.setattr(sqlite, "_noting", twice)
    assert listed(sqlite_kit.each(work())) == [1, 2, 3, 4, 5]
    assert sqlite_kit.all("SELECT count(*) FROM calls") == [(0,)]


def test_a_list_that_does_not_add_up_is_not_believed(
    sqlite_kit: Kit, monkeypatch: pytest.MonkeyPatch
) -> None:
    sqlite_kit.calls([(n, OLD, f"p{n}") for n in range(1, 6)])
    real, asked = sqlite.listed, []

    def short(*arguments: Any) -> Any:
        asked.append(arguments)
        found = real(*arguments)
        return replace(found, data=found.data[8:], count=4) if len(asked) == 1 else found

    monkeypatch.setattr(sqlite, "listed", short)
    assert listed(sqlite_kit.each(work(), 100)) == [1, 2, 3, 4, 5]
    assert len(asked) == 2
    assert sqlite_kit.all("SELECT count(*) FROM calls") == [(0,)]


@pytest.mark.parametrize("hidden", ["rowid", "RowId", "_rowid_"])
def test_a_column_that_takes_the_row_ids_name(sqlite_kit: Kit, hidden: str) -> None:
    sqlite_kit.run(
        f'CREATE TABLE calls (id INTEGER, made TEXT, person TEXT, "{hidden}" TEXT)',
        "INSERT INTO calls VALUES "
        + ", ".join(f"({n}, '{OLD if n % 2 else NEW}', 'p', 'same')" for n in range(20)),
    )
    assert listed(sqlite_kit.each(work(), 3)) == list(range(1, 20, 2))
    assert sqlite_kit.all("SELECT count(*) FROM calls") == [(10,)]


def test_text_in_a_column_that_says_integer_is_listed_as_it_is(sqlite_kit: Kit) -> None:
    sqlite_kit.run(
        "CREATE TABLE calls (id INT PRIMARY KEY, made TEXT, person TEXT)",
        f"INSERT INTO calls VALUES (1, '{OLD}', 'a'), ('x', '{OLD}', 'b'), (NULL, '{OLD}', 'c'),"
        f" (1.5, '{OLD}', 'd'), (x'00', '{OLD}', 'e'), (9, '{NEW}', 'f')",
    )
    found = sqlite_kit.each(work(), 2)
    assert sorted(b"\n".join(each.data for each in found).split(b"\n")) == [
        b'["x"]',
        b"[1]",
        b"[null]",
        b'[{"float":"1.5"}]',
        b'[{"hex":"00"}]',
    ]
    assert sqlite_kit.all("SELECT id FROM calls") == [(9,)]
    assert sum(sqlite_kit.present(work(), each).count for each in found) == 0


def test_without_row_ids_and_a_key_of_two(sqlite_kit: Kit) -> None:
    sqlite_kit.run(
        "CREATE TABLE calls (a TEXT COLLATE NOCASE, id INTEGER, made TEXT, person TEXT,"
        " PRIMARY KEY (a, id)) WITHOUT ROWID",
        "INSERT INTO calls VALUES "
        + ", ".join(f"('{'aBcD'[n % 4]}', {n}, '{OLD if n % 3 else NEW}', 'p')" for n in range(40)),
    )
    both = replace(CALLS, key=("a", "id"), fields=(Field("a", Column("a")), *CALLS.fields))
    assert sum(each.count for each in sqlite_kit.each(work(collection=both), 3)) == 26
    assert sqlite_kit.all("SELECT count(*) FROM calls") == [(14,)]


def test_a_view_is_refused(sqlite_kit: Kit) -> None:
    sqlite_kit.run(
        "CREATE TABLE base (id INTEGER PRIMARY KEY, made TEXT, person TEXT)",
        "CREATE VIEW calls AS SELECT * FROM base",
    )
    with pytest.raises(StoreRefused, match="view"):
        sqlite_kit.split(work())


def test_threads_take_turns(sqlite_kit: Kit) -> None:
    sqlite_kit.calls([(n, OLD if n % 2 else NEW, f"p{n}") for n in range(1, 501)])
    waiting = sqlite_kit.split(work(), 20)
    found: list[Any] = []

    def sweep() -> None:
        while waiting:
            try:
                bounds = waiting.pop()
            except IndexError:
                return
            with windows.open_(sqlite_kit.mapped(), work(), bounds, DUE) as window:
                window.commit()
                found.append(window.keys)

    threads = [threading.Thread(target=sweep) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(listed(found)) == list(range(1, 501, 2))
    assert sqlite_kit.all("SELECT count(*) FROM calls") == [(250,)]


def test_a_turn_is_not_waited_for_for_ever(sqlite_kit: Kit) -> None:
    sqlite_kit.calls([(1, OLD, "a")])
    (bounds,) = sqlite_kit.split(work(), 20)
    with (
        windows.open_(sqlite_kit.mapped(), work(), bounds, DUE),
        pytest.raises(StoreBusy, match="another thread"),
    ):
        windows.open_(sqlite_kit.mapped(), work(), bounds, DUE)
    assert listed(sqlite_kit.each(work())) == [1]


@pytest.mark.parametrize("mode", ["delete", "wal"])
def test_the_journal_is_kept_while_we_write_and_gone_afterwards(tmp_path: Path, mode: str) -> None:
    path = tmp_path / "pbx.db"
    path.touch()
    with closing(sqlite3.connect(path)) as product:
        product.execute(f"PRAGMA journal_mode = {mode}")
    journal = Path(f"{path}-journal")
    for kit in lent(f"sqlite:///{path}"):
        kit.calls([(n, OLD if n % 2 else NEW, f"Person {n}") for n in range(1, 9)])
        assert listed(kit.each(work())) == [1, 3, 5, 7]
        assert journal.exists() == (mode == "delete")
        with closing(sqlite3.connect(path)) as product, product:  # which writes in between
            product.execute("INSERT INTO calls VALUES (9, ?, 'Person 9')", (OLD,))
        assert listed(kit.each(work())) == [9]
    assert not journal.exists()
    with closing(sqlite3.connect(path)) as product:
        assert product.execute("PRAGMA journal_mode").fetchone() == (mode,)
        assert product.execute("SELECT count(*) FROM calls").fetchone() == (4,)


def test_a_journal_left_by_a_crash_goes_with_the_next_sweep(tmp_path: Path) -> None:
    path = tmp_path / "pbx.db"
    path.touch()
    journal = Path(f"{path}-journal")
    for kit in lent(f"sqlite:///{path}"):
        kit.calls([(n, OLD, f"Person {n}") for n in range(1, 5)])
    with closing(sqlite3.connect(path)) as crashed:
        crashed.execute("PRAGMA journal_mode = PERSIST")
        with crashed:
            crashed.execute("DELETE FROM calls WHERE id = 1")
        left = journal.read_bytes()
    journal.write_bytes(left)
    assert b"Person 1" in left
    for kit in lent(f"sqlite:///{path}"):
        assert listed(kit.each(work())) == [2, 3, 4]
    assert not journal.exists()


def test_a_trigger_that_changes_other_rows_does_not_blur_the_list(sqlite_kit: Kit) -> None:
    """As each goes, the next one gets young."""
    sqlite_kit.calls([(n, OLD, f"p{n}") for n in range(1, 7)])
    sqlite_kit.run(
        f"CREATE TRIGGER youth AFTER DELETE ON calls BEGIN"
        f" UPDATE calls SET made = '{NEW}' WHERE id = OLD.id + 1; END"
    )
    before = {row[0] for row in sqlite_kit.all("SELECT id FROM calls")}
    named = listed(sqlite_kit.each(work(), 100))
    left = {row[0] for row in sqlite_kit.all("SELECT id FROM calls")}
    assert set(named) == before - left
