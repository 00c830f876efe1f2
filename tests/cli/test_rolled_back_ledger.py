"""An older copy of the state database is a whole ledger in itself, but not the one published."""

from __future__ import annotations

import shutil

from tests.cli.shop import Cli


def test_an_older_state_database_is_found_out(cli: Cli) -> None:
    state, before = cli.file(".servanda/state.sqlite3"), cli.file("before.sqlite3")
    assert cli("run", "--once").code == 0
    assert state.is_file()
    shutil.copy(state, before)
    for id_ in (31, 32):
        cli.add(id_, 90)
    assert cli("run", "--once").code == 0
    assert cli("verify").code == 0
    assert not {31, 32} & set(cli.ids())
    for ending in ("-wal", "-shm"):
        state.with_name(state.name + ending).unlink(missing_ok=True)
    shutil.copy(before, state)
    found = cli("verify")
    assert found.code == 1
    assert "of its entries are not there" in found.out and "NOT WHOLE" in found.out
