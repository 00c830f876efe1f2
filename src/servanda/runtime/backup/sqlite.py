"""A copy of a SQLite database as it is at one moment, while others write; and a check of one."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

from servanda.kernel.errors import ServandaError, UsageError
from servanda.runtime.backup.sealed import BackupBroken

_PAGES = 1000
_BLOCK = 1 << 18


def snapshot(source: Path, target: Path, told: Callable[[int, int], None]) -> None:
    """`told`: pages done, and of how many. The copy is closed to other users."""
    os.close(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    try:
        with closing(sqlite3.connect(source, timeout=30, isolation_level=None)) as database:
            # Within a read transaction the copy is of this moment, and no writer starts it anew.
            database.execute("BEGIN")
            database.execute("SELECT count(*) FROM sqlite_master").fetchone()
            with closing(sqlite3.connect(target)) as copy:
                database.backup(
                    copy, pages=_PAGES, progress=lambda _, left, all_: told(all_ - left, all_)
                )
    except sqlite3.Error as error:
        name = getattr(error, "sqlite_errorname", type(error).__name__)
        raise ServandaError(f"the database could not be copied ({name})", "try again") from None


def entries(path: Path) -> int:
    """How many entries the ledger in it has; 0 without one."""
    with closing(sqlite3.connect(path)) as database:
        try:
            row = database.execute("SELECT size FROM servanda_tree").fetchone()
        except sqlite3.Error:
            return 0
    return int(row[0]) if row else 0


def blocks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            yield block


def check(path: Path) -> None:
    """BackupBroken unless the engine finds the database sound."""
    try:
        with closing(sqlite3.connect(path)) as database:
            found = database.execute("PRAGMA integrity_check(1)").fetchone()
    except sqlite3.Error:
        found = None
    if found != ("ok",):
        raise BackupBroken("the database in this backup is damaged", "take another copy")


def close(path: Path) -> None:
    """Bring a database that is to be replaced to rest. UsageError while anybody has it open."""
    if not path.exists():
        return
    try:
        with closing(sqlite3.connect(path, timeout=2)) as database:
            mode = database.execute("PRAGMA journal_mode=DELETE").fetchone()
    except sqlite3.Error as error:
        if getattr(error, "sqlite_errorname", "").startswith(("SQLITE_CORRUPT", "SQLITE_NOTADB")):
            return  # that may be why it is restored
        mode = None
    if mode != ("delete",):
        raise UsageError(
            "something works on this workspace", "stop it (servanda serve, servanda run) first"
        )
