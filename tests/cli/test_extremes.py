"""What nobody means to write: numbers too large, days that never come, files for folders."""

from __future__ import annotations

import sqlite3

import pytest

from tests.cli.shop import Cli

KEPT = [11, 12, 13, 14, 15]
HUGE = "123456789012345678901234567890"


def one_line(err: str) -> bool:
    return err.startswith("servanda: ") and err.count("\n") <= 2


def test_a_hold_of_a_number_no_table_can_hold(cli: Cli) -> None:
    added = cli("hold", "add", "--collection", "shop.messages", "--key", HUGE, "--reason", "x")
    assert added.code == 0, added.err
    done = cli("apply", cli.plan(), "--yes")
    assert (done.code, done.err) == (0, "")
    assert cli.ids() == KEPT  # it holds nothing, and stops nothing


def test_a_record_with_no_value_is_held_by_what_it_is_not(cli: Cli) -> None:
    with sqlite3.connect(cli.file("shop.sqlite3")) as database:
        database.execute("UPDATE messages SET state = NULL WHERE id = 1")
        database.execute("UPDATE messages SET state = 'closed' WHERE id = 2")
    words = ("hold", "add", "--collection", "shop.messages", "--where", "state != closed")
    assert cli(*words, "--reason", "dispute").code == 0
    assert cli("apply", cli.plan(), "--yes").code == 0
    assert cli.ids() == [1, 3, *KEPT]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('sweep = "0 0 30 2 *"', "is not a cron line"),
        ('lead = "900 years"', "long before a record is due"),
    ],
)
def test_a_schedule_that_never_comes_or_comes_too_soon(cli: Cli, line: str, said: str) -> None:
    cli.file("servanda.toml").write_text(f"[schedule]\n{line}\n", encoding="utf-8")
    for words in (("plan",), ("run", "--once")):
        found = cli(*words)
        assert found.code == 2, words
        assert said in found.err and one_line(found.err)
    assert len(cli.ids()) == 8


def test_a_file_where_the_workspace_keeps_its_own(cli: Cli) -> None:
    cli.file(".servanda").write_text("in the way", encoding="utf-8")
    for words in (("status",), ("run", "--once"), ("evidence", "key")):
        found = cli(*words)
        assert found.code == 2, words
        assert "cannot be made" in found.err and one_line(found.err)
    assert cli.file(".servanda").read_text(encoding="utf-8") == "in the way"
    assert len(cli.ids()) == 8


def test_a_file_where_a_folder_is_meant(cli: Cli) -> None:
    file = cli.file("file")
    file.write_text("in the way", encoding="utf-8")
    exported = cli("evidence", "export", "-o", file / "x")
    assert exported.code == 2
    assert "cannot be written" in exported.err and one_line(exported.err)
    demo = cli("demo", "--dir", file / "x", here=False)
    assert demo.code == 2
    assert "cannot be made" in demo.err and one_line(demo.err)
    assert file.read_text(encoding="utf-8") == "in the way"
