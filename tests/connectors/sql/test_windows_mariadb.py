"""MariaDB: keys cut from the wire, and what MySQL does in their place."""

from __future__ import annotations

import socket
from dataclasses import replace
from io import BufferedReader, BytesIO
from types import SimpleNamespace
from typing import Any

import pytest
import sqlalchemy as sa

from servanda.connectors.sql import mariadb, windows, wire
from servanda.kernel.errors import StoreBusy, StoreRefused, StoreUnreachable
from servanda.stores.port import Keys
from tests.connectors.sql.windows_kit import BLANK, CALLS, DUE, NEW, OLD, Kit, listed, work

pytestmark = pytest.mark.services


def fill(kit: Kit, rows: int, key: str = "id BIGINT PRIMARY KEY", shift: int = 0) -> None:
    kit.run(
        f"CREATE TABLE calls ({key}, made DATETIME, person VARCHAR(80))",
        f"INSERT INTO calls SELECT CAST(seq AS SIGNED) + {shift},"
        f" IF(seq MOD 2, '{OLD}', '{NEW}'), seq FROM seq_1_to_{rows}",
    )


@pytest.mark.parametrize("rows", [1, 2, 1259, 1260, 1261, 1262, 50_000])
def test_answers_of_any_length_are_cut_into_keys(mariadb_kit: Kit, rows: int) -> None:
    fill(mariadb_kit, rows, shift=-600)
    found = mariadb_kit.each(work(), 100_000)
    assert listed(found) == [n - 600 for n in range(1, rows + 1, 2)]
    assert mariadb_kit.all("SELECT count(*) FROM calls") == [(rows // 2,)]
    assert mariadb_kit.each(work(), 100_000) == []  # and the connection serves on


@pytest.mark.parametrize("kind", ["TINYINT", "INT UNSIGNED", "BIGINT UNSIGNED", "INT ZEROFILL"])
def test_integers_of_any_kind(mariadb_kit: Kit, kind: str) -> None:
    fill(mariadb_kit, 100, f"id {kind} PRIMARY KEY")
    assert listed(mariadb_kit.each(work(), 30)) == list(range(1, 101, 2))


def test_a_number_beyond_the_encoding_is_refused_and_stays(mariadb_kit: Kit) -> None:
    fill(mariadb_kit, 2, "id BIGINT UNSIGNED PRIMARY KEY")
    mariadb_kit.run(f"INSERT INTO calls VALUES (18446744073709551615, '{OLD}', 'x')")
    for bounds in mariadb_kit.split(work(), 1000):
        with pytest.raises(StoreRefused, match="2\\^63"):
            windows.open_(mariadb_kit.mapped(), work(), bounds, DUE)
    assert mariadb_kit.all("SELECT count(*) FROM calls") == [(3,)]


def test_an_error_in_the_middle_of_an_answer(mariadb_kit: Kit) -> None:
    """Row 9,001 is locked by another when 4,500 keys have been sent."""
    fill(mariadb_kit, 20_000)
    (bounds,) = mariadb_kit.split(work(), 100_000)
    with mariadb_kit.db.engine.connect() as other:
        other.exec_driver_sql("UPDATE calls SET person = 'held' WHERE id = 9001")
        with pytest.raises(StoreBusy):
            windows.open_(mariadb_kit.mapped(), work(), bounds, DUE)
        other.rollback()
    assert mariadb_kit.all("SELECT count(*) FROM calls") == [(20_000,)]
    assert sum(each.count for each in mariadb_kit.each(work(), 100_000)) == 10_000


def test_a_connection_lost_in_the_middle_of_an_answer(
    mariadb_kit: Kit, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(mariadb_kit, 20_000)
    (bounds,) = mariadb_kit.split(work(), 100_000)
    block = wire._block
    calls = []

    def cut(driver: Any) -> bytes:
        calls.append(driver)
        if len(calls) == 2:
            driver._sock.shutdown(socket.SHUT_RDWR)
        return block(driver)

    monkeypatch.setattr(wire, "_block", cut)
    with pytest.raises(StoreUnreachable):
        windows.open_(mariadb_kit.mapped(), work(), bounds, DUE)
    monkeypatch.undo()
    assert mariadb_kit.all("SELECT count(*) FROM calls") == [(20_000,)]
    assert sum(each.count for each in mariadb_kit.each(work(), 100_000)) == 10_000


def test_a_packet_cut_short_is_a_lost_connection() -> None:
    closed: list[bool] = []
    driver = SimpleNamespace(
        _rfile=BufferedReader(BytesIO(b"\x09\x00\x00\x07\x08")),  # a row's beginning
        _result=SimpleNamespace(unbuffered_active=True),
        _force_close=lambda: closed.append(True),
    )
    with pytest.raises(sa.exc.DBAPIError, match="lost"):
        wire._block(driver)
    assert closed == [True]


def test_packets_of_another_form_are_refused() -> None:
    row = b"\x09\x00\x00\x07\x08" + (-5).to_bytes(8, "big", signed=True)
    assert wire._cut(row * 3) == row[5:] * 3
    longer, shorter = b"\x09\x01\x00\x07\x08", b"\x09\x00\x00\x07\x07"
    for broken in (row[:-1], longer + bytes(8), shorter + bytes(8)):
        with pytest.raises(StoreRefused, match="unexpected form"):
            wire._cut(broken)


@pytest.fixture
def as_mysql(mariadb_kit: Kit) -> Kit:
    """The same server, treated as one that cannot return what it deletes."""
    mariadb_kit.run("CREATE TABLE unused (id INTEGER)")  # the first connection looks the version up
    mariadb_kit.db.engine.dialect.delete_returning = False
    return mariadb_kit


@pytest.mark.parametrize("rows", [1, 2, 50_000])
def test_without_returning_rows_are_listed_under_lock(as_mysql: Kit, rows: int) -> None:
    fill(as_mysql, rows)
    assert listed(as_mysql.each(work(), 30_000)) == list(range(1, rows + 1, 2))
    assert as_mysql.all("SELECT count(*) FROM calls") == [(rows // 2,)]


def test_a_count_that_differs_rolls_back(as_mysql: Kit, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(as_mysql, 10)
    monkeypatch.setattr(mariadb, "listed", lambda *_: Keys("i8", bytes(8), 1))
    (bounds,) = as_mysql.split(work(), 100)
    with pytest.raises(StoreBusy, match="came into a window"):
        windows.open_(as_mysql.mapped(), work(), bounds, DUE)
    assert as_mysql.all("SELECT count(*) FROM calls") == [(10,)]


def test_a_list_longer_than_a_packet_is_fetched_by_rows(
    as_mysql: Kit, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(as_mysql, 2000)
    monkeypatch.setattr(mariadb, "_LONGEST", 64)  # bytes
    assert listed(as_mysql.each(work(), 3000)) == list(range(1, 2001, 2))


def test_binary_and_zero_dates_in_keyless_rows(mariadb_kit: Kit) -> None:
    mariadb_kit.run(
        "CREATE TABLE calls (made DATETIME, person VARCHAR(9), raw VARBINARY(9), f DOUBLE)",
        f"INSERT INTO calls VALUES ('{OLD}', 'a', x'00ff', 0.1), ('{OLD}', 'a', NULL, NULL),"
        f" ('0000-00-00', 'a', x'00', 1), ('{NEW}', 'a', x'00ff', 0.1)",
    )
    keyless = replace(CALLS, key=(), fields=(CALLS.fields[1],))
    assert sum(e.count for e in mariadb_kit.each(work(BLANK, collection=keyless), 1)) == 2
    found = mariadb_kit.each(work(collection=keyless), 1)
    assert len(set(listed(found))) == 2
    assert mariadb_kit.all("SELECT count(*) FROM calls WHERE person = 'a'") == [(2,)]
