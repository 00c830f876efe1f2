"""After a restore the erased go again, from keyed hashes alone; whoever got their number stays."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path

from servanda.apply.requests import act
from servanda.apply.requests.replay import replay
from servanda.desk import holds
from servanda.runtime.workspace import Workspace
from tests.apply.requests.house import ANN, BOB, NOW, actor, planned, rows, tapes, wish

LONG_AGO = NOW - timedelta(days=30)


def _backup(house: Path) -> Path:
    backup = house.parent / "backup"
    shutil.copytree(house, backup, ignore=shutil.ignore_patterns("var", "keys", "state*"))
    return backup


def _restore(house: Path, backup: Path) -> None:
    for name in ("crm.sqlite", "pbx.sqlite"):
        shutil.copyfile(backup / name, house / name)
    shutil.copytree(backup / "tapes", house / "tapes", dirs_exist_ok=True)


def _erase(workspace: Workspace) -> None:
    with actor(workspace) as acting:
        assert act(planned(workspace, [wish("1", ANN)]), acting).complete


def test_what_came_back_goes_again_and_nothing_else(workspace: Workspace, house: Path) -> None:
    backup = _backup(house)
    _erase(workspace)
    erased = {q: rows(house, s, q) for s, q in _QUERIES}
    _restore(house, backup)
    assert rows(house, "crm", "SELECT id FROM clients WHERE id = 1") == [(1,)]
    with actor(workspace) as acting:
        done = replay(LONG_AGO, acting)
    assert done.clean
    assert not done.doubtful
    assert {q: rows(house, s, q) for s, q in _QUERIES} == erased
    assert tapes(house) == ["a2", "b1"]
    assert done.found == {
        "crm.clients": 1,
        "crm.orders": 2,
        "pbx.calls": 2,
        "tapes.wav": 1,
    }


_QUERIES = (
    ("crm", "SELECT id, name FROM clients ORDER BY id"),
    ("crm", "SELECT id, billed, note FROM orders ORDER BY id"),
    ("pbx", "SELECT id, src, dst FROM calls ORDER BY id"),
)


def test_a_number_that_is_used_again_is_somebody_elses(workspace: Workspace, house: Path) -> None:
    _erase(workspace)
    with closing(sqlite3.connect(house / "crm.sqlite")) as connection, connection:
        connection.execute(
            "INSERT INTO clients VALUES (1, 'Zoe', 'zoe@example.test', '028 9000 0009', 'no',"
            " '2026-11-20 10:00:00')"
        )
        connection.execute("INSERT INTO orders VALUES (12, 2, 'Bob', 'a stool', '2026-11-20')")
    with actor(workspace) as acting:
        done = replay(LONG_AGO, acting)
    assert done.found == {}
    assert done.doubtful == {"crm.clients": 1, "crm.orders": 1}
    assert rows(house, "crm", "SELECT name FROM clients WHERE id = 1") == [("Zoe",)]
    assert rows(house, "crm", "SELECT note FROM orders WHERE id = 12") == [("a stool",)]


def test_what_hangs_on_a_number_that_is_used_again_is_somebody_elses(
    workspace: Workspace, house: Path
) -> None:
    """A new client got Ann's number, and her order the number of one of Ann's."""
    _erase(workspace)
    with closing(sqlite3.connect(house / "crm.sqlite")) as connection, connection:
        connection.execute(
            "INSERT INTO clients VALUES (1, 'Zoe', 'zoe@example.test', '028 9000 0009', 'no',"
            " '2026-11-20 10:00:00')"
        )
        connection.execute("INSERT INTO orders VALUES (12, 1, 'Zoe', 'a stool', '2026-11-20')")
    for stores in ((), ("crm",)):
        with actor(workspace) as acting:
            done = replay(LONG_AGO, acting, stores)
        assert done.found == {}
        assert done.doubtful == {"crm.clients": 1, "crm.orders": 1}
        assert rows(house, "crm", "SELECT note FROM orders WHERE id = 12") == [("a stool",)]


def test_one_store_alone_is_put_right_by_what_the_others_lack(
    workspace: Workspace, house: Path
) -> None:
    backup = _backup(house)
    _erase(workspace)
    shutil.copytree(backup / "tapes", house / "tapes", dirs_exist_ok=True)
    with actor(workspace) as acting:
        done = replay(LONG_AGO, acting, ["tapes"])
    assert done.clean
    assert done.found == {"tapes.wav": 1}
    assert tapes(house) == ["a2", "b1"]


def test_what_is_held_now_stays_and_is_told(workspace: Workspace, house: Path) -> None:
    backup = _backup(house)
    _erase(workspace)
    _restore(house, backup)
    holds.add_person(workspace.master, ANN, reason="a claim", by="me")
    with actor(workspace) as acting:
        done = replay(LONG_AGO, acting)
    assert not done.clean
    assert done.left["crm.clients"] == 1
    assert rows(house, "crm", "SELECT name FROM clients WHERE id = 1") == [("Ann",)]


def test_nothing_of_before_the_backup_is_looked_for(workspace: Workspace, house: Path) -> None:
    backup = _backup(house)
    _erase(workspace)
    _restore(house, backup)
    with actor(workspace) as acting:
        done = replay(NOW + timedelta(days=3650), acting)
    assert done.found == {}
    assert rows(house, "crm", "SELECT name FROM clients WHERE id = 1") == [("Ann",)]


def test_the_list_of_the_erased_names_nobody(workspace: Workspace, house: Path) -> None:
    with actor(workspace) as acting:
        act(planned(workspace, [wish("1", ANN), wish("2", BOB)]), acting)
    workspace.close()
    kept = b"".join(
        each.read_bytes() for each in house.rglob("*") if each.is_file() and "state" in each.name
    )
    assert kept
    for trace in (b"ann@example", b"02890000001", b"bob@example", b"Ann"):
        assert trace not in kept


def test_who_came_back_as_a_customer_is_left_alone(workspace: Workspace, house: Path) -> None:
    """Under the same number and address as before, but with a clock that says it was since."""
    _erase(workspace)
    with closing(sqlite3.connect(house / "crm.sqlite")) as connection, connection:
        connection.execute(
            "INSERT INTO clients VALUES (1, 'Ann', 'ann@example.test', '028 9000 0001', 'no', ?)",
            (f"{NOW + timedelta(days=1):%Y-%m-%d %H:%M:%S}",),
        )
    with actor(workspace) as acting:
        done = replay(LONG_AGO, acting)
    assert done.found == {}
    assert done.doubtful == {"crm.clients": 1}
    assert rows(house, "crm", "SELECT name FROM clients WHERE id = 1") == [("Ann",)]
