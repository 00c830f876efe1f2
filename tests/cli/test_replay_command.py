"""`servanda replay`: an older copy of the stores comes back, and the erased go again.

Ann was erased, Bob corrected; of both an older copy comes back, and only Ann goes again.
"""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.cli.firm import ANN, BOB, Firm
from tests.plan.requests.reading import sql

YESTERDAY = (datetime.now(UTC) - timedelta(days=1)).date().isoformat()
TODAY = datetime.now(UTC).date().isoformat()
BACK = {"crm.clients": 1, "crm.orders": 2, "pbx.calls": 2, "tapes.wav": 1}
STORES = ("crm.sqlite", "pbx.sqlite")


@pytest.fixture
def backup(firm: Firm, tmp_path: Path) -> Path:
    """A copy of all stores from before Ann's erasure, which is done then."""
    place = tmp_path / "backup"
    place.mkdir()
    for name in STORES:
        shutil.copyfile(firm.folder / name, place / name)
    shutil.copytree(firm.folder / "tapes", place / "tapes")
    firm.act(firm.decided("erasure", ANN))
    firm.act(firm.decided("correction", BOB, "--correct", "name=Bobby"))
    return place


def restore(firm: Firm, backup: Path) -> None:
    for name in STORES:
        shutil.copyfile(backup / name, firm.folder / name)
    shutil.copytree(backup / "tapes", firm.folder / "tapes", dirs_exist_ok=True)
    assert firm.rows("SELECT name FROM clients WHERE id = 1") == [("Ann",)]


def everything(firm: Firm) -> dict[str, object]:
    found: dict[str, object] = {"tapes": firm.tapes()}
    for store in STORES:
        with closing(sqlite3.connect(firm.folder / store)) as db:
            tables = db.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
            for (table,) in tables:
                found[f"{store} {table}"] = db.execute(f"SELECT * FROM {table}").fetchall()
    return found


def test_what_came_back_goes_again(firm: Firm, backup: Path) -> None:
    before = everything(firm)
    restore(firm, backup)
    told = firm.ok("replay", "--since", YESTERDAY)
    for id_, count in BACK.items():
        assert f"{id_}: {count} record{'s' if count > 1 else ''} had come back" in told.out
    assert "all of it is gone again; another look found none" in told.out
    after = everything(firm)
    # a correction is no erasure: what came back of Bob is as it was, and nothing of him is gone
    for name, rows in after.items():
        was = str(before[name]).replace("Bobby", "Bob")
        assert str(rows) == was, name
    for trace in ("ann@", "02890000001", "028 9000 0001"):
        assert trace not in str(after)
    again = firm.ok("replay", "--since", YESTERDAY)
    assert again.out == "nothing of what was erased since then is there\n"
    assert firm.kinds().count("replay") == 2


def test_for_programs(firm: Firm, backup: Path) -> None:
    restore(firm, backup)
    told = firm.ok("replay", "--since", TODAY, "--store", "crm", "--json").json()  # all of that day
    assert told["found"] == {id_: count for id_, count in BACK.items() if id_.startswith("crm.")}
    assert (told["clean"], told["left"], told["doubtful"], told["unreachable"]) == (
        True,
        {},
        {},
        {},
    )
    assert told["run"].startswith("request-")
    assert firm.rows("SELECT id FROM clients WHERE id = 1") == []
    assert firm.rows("SELECT id FROM calls", "pbx") == [(1,), (2,), (3,)]  # not asked for yet
    rest = firm.ok("replay", "--since", YESTERDAY, "--json").json()
    assert set(rest["found"]) == {"pbx.calls", "tapes.wav"}


def test_a_backup_made_after_the_erasure_brings_nothing_back(firm: Firm, backup: Path) -> None:
    restore(firm, backup)
    tomorrow = (datetime.now(UTC) + timedelta(days=1)).isoformat()
    assert firm.ok("replay", "--since", tomorrow, "--json").json()["found"] == {}
    assert firm.rows("SELECT name FROM clients WHERE id = 1") == [("Ann",)]


def test_whoever_has_the_number_now_is_told_and_stays(firm: Firm, backup: Path) -> None:
    sql(
        firm.folder,
        "crm",
        "INSERT INTO clients VALUES (1, 'Zoe', 'zoe@example.test', '028 9000 0009', 'no', '2026')",
    )
    told = firm.ok("replay", "--since", YESTERDAY)
    assert "crm.clients: 1 record only share a key with an erased one" in told.out
    assert firm.rows("SELECT name FROM clients WHERE id = 1") == [("Zoe",)]


def test_what_is_held_by_now_stays_and_is_a_fault(firm: Firm, backup: Path) -> None:
    restore(firm, backup)
    firm.ok("hold", "add", *ANN[:2], "--reason", "a claim")
    told = firm("replay", "--since", YESTERDAY)
    assert told.code == 1
    assert "crm.clients: 1 record could not be taken out again" in told.out
    assert firm.rows("SELECT name FROM clients WHERE id = 1") == [("Ann",)]


def test_a_store_that_is_away_is_told_and_done_later(firm: Firm, backup: Path) -> None:
    restore(firm, backup)
    (firm.folder / "tapes").rename(firm.folder / "away")
    told = firm("replay", "--since", YESTERDAY)
    assert (told.code, "store tapes:" in told.out) == (3, True)
    assert firm.rows("SELECT id FROM clients WHERE id = 1") == []
    (firm.folder / "away").rename(firm.folder / "tapes")
    assert firm.ok("replay", "--since", YESTERDAY, "--json").json()["found"] == {"tapes.wav": 1}
    assert firm.tapes() == ["a2", "b1"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--since", YESTERDAY, "--store", "crn"), 'did you mean "crm"?'),
        (("--since", "soon"), "soon"),
        ((), "--since"),
    ],
)
def test_mistakes_are_explained(firm: Firm, words: tuple[str, ...], said: str) -> None:
    found = firm("replay", *words)
    assert (found.code, said in found.err) == (2, True)
