"""How a connection is made ready: time zone, timeouts, read-only, and a mode without surprises.

Whatever locale or zone the product's own users have set, ours is UTC, ISO dates, UTF-8.
"""

from __future__ import annotations

import sqlite3
import time
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import quote

import sqlalchemy as sa
from sqlalchemy.engine import URL
from sqlalchemy.pool import QueuePool

from servanda.connectors.sql import sqlite_functions
from servanda.stores.mapping import Limit

_CONNECT_SECONDS = 10
_FRESH_SECONDS = 0.1  # after its last use a connection is taken to live
_PROGRESS_EVERY = 50_000  # SQLite's virtual machine steps between two looks at the clock


def engine(url: URL, dialect: str, *, read_only: bool, limit: Limit) -> sa.Engine:
    """An engine whose every connection is prepared, and of which no more than allowed exist."""
    options: dict[str, Any] = {
        "poolclass": QueuePool,
        "pool_size": limit.connections,
        "max_overflow": 1,  # to read beside a window
        "pool_timeout": max(30.0, limit.lock_timeout_s),
        "hide_parameters": True,
    }
    match dialect:
        case "sqlite":
            return _sqlite(url, options, read_only=read_only, limit=limit)
        case "postgresql":
            arguments: dict[str, Any] = {"connect_timeout": _CONNECT_SECONDS}
            prepare = _prepare_postgresql
        case _:
            # A server that fell silent is noticed some time after it should have timed out.
            silent = int(limit.statement_timeout_s) + 60
            arguments = {
                "connect_timeout": _CONNECT_SECONDS,
                "read_timeout": silent,
                "write_timeout": silent,
                "charset": "utf8mb4",
                "binary_prefix": True,  # or bytes would be taken for text
            }
            prepare = _prepare_mariadb
            url = url.difference_update_query(["charset"])
    made = sa.create_engine(url, connect_args=arguments, **options)
    _ask_after_a_pause(made)

    @sa.event.listens_for(made, "connect", insert=True)
    def _connected(connection: Any, _record: object) -> None:
        cursor = connection.cursor()
        try:
            prepare(cursor, read_only, limit)
        finally:
            cursor.close()
        connection.commit()

    return made


def _ask_after_a_pause(made: sa.Engine) -> None:
    """See that a connection still lives before it is lent, unless it was in use a moment ago: a
    question for each of the many short reads that look for a person would double their cost."""

    @sa.event.listens_for(made, "checkin")
    def _returned(_connection: Any, record: Any) -> None:
        record.info["servanda_used"] = time.monotonic()

    @sa.event.listens_for(made, "checkout")
    def _lent(connection: Any, record: Any, _proxy: object) -> None:
        if time.monotonic() - record.info.get("servanda_used", 0.0) < _FRESH_SECONDS:
            return
        try:
            lives = made.dialect.do_ping(connection)
        except made.dialect.loaded_dbapi.Error:
            lives = False
        if not lives:  # the others were made before it, and are made anew as well
            raise sa.exc.InvalidatePoolError


def _prepare_postgresql(cursor: Any, read_only: bool, limit: Limit) -> None:
    settings = {
        "TimeZone": "UTC",
        "DateStyle": "ISO, YMD",
        "client_encoding": "UTF8",
        "bytea_output": "hex",
        "standard_conforming_strings": "on",
        "application_name": "servanda",
        "statement_timeout": str(int(limit.statement_timeout_s * 1000)),
        "lock_timeout": str(int(limit.lock_timeout_s * 1000)),
        "default_transaction_read_only": "on" if read_only else "off",
    }
    for name, value in settings.items():
        cursor.execute("SELECT set_config(%s, %s, false)", (name, value))


def _prepare_mariadb(cursor: Any, read_only: bool, limit: Limit) -> None:
    cursor.execute("SELECT VERSION(), @@log_bin, @@binlog_format")
    version, log_bin, binlog_format = cursor.fetchone()
    # Zero dates are in real tables, so they must be sayable; a value too long is an error.
    cursor.execute("SET SESSION sql_mode = 'STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION'")
    cursor.execute("SET SESSION time_zone = '+00:00'")
    locks = max(1, round(limit.lock_timeout_s))
    cursor.execute(
        "SET SESSION innodb_lock_wait_timeout = %s, lock_wait_timeout = %s,"
        " net_write_timeout = 3600, group_concat_max_len = 1048576",
        (locks, locks),
    )
    if "MariaDB" in version:
        cursor.execute("SET SESSION max_statement_time = %s", (limit.statement_timeout_s,))
    else:
        cursor.execute(
            "SET SESSION max_execution_time = %s", (int(limit.statement_timeout_s * 1000),)
        )
    # Without gap locks a sweep does not stand in the way of the product's inserts. A statement
    # binlog forbids it.
    if not (log_bin and binlog_format == "STATEMENT"):
        cursor.execute("SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED")
    if read_only:
        cursor.execute("SET SESSION TRANSACTION READ ONLY")


class _Deadline:
    """When the statement that a SQLite connection now runs must have ended."""

    def __init__(self) -> None:
        self.at = float("inf")

    def passed(self) -> int:
        return int(time.monotonic() > self.at)


def _keep_journal(connection: sqlite3.Connection) -> None:
    """Write the rollback journal over itself from window to window: making the file anew for each
    costs a quarter of a sweep. Databases with another kind of journal keep it."""
    (mode,) = connection.execute("PRAGMA journal_mode").fetchone()
    if mode == "delete":
        connection.execute("PRAGMA journal_mode = PERSIST")


def _drop_journal(connection: sqlite3.Connection) -> None:
    """Remove the kept journal: pages in it show rows as they were. After a crash, the next writer
    in the usual mode removes it, the product itself or we."""
    with suppress(sqlite3.Error):  # somebody else writes right now, and removes it afterwards
        (mode,) = connection.execute("PRAGMA journal_mode").fetchone()
        if mode == "persist":
            connection.execute("PRAGMA journal_mode = DELETE")


def _sqlite(url: URL, options: dict[str, Any], *, read_only: bool, limit: Limit) -> sa.Engine:
    # A URI, so that a wrong path is an error and not a new empty file.
    mode = "ro" if read_only else "rw"
    address = f"file:{quote(str(Path(url.database or '')))}?mode={mode}"

    def connect() -> sqlite3.Connection:
        connection = sqlite3.connect(
            address,
            uri=True,
            timeout=limit.lock_timeout_s,
            isolation_level=None,  # transactions are begun by us, see _begin
            check_same_thread=False,  # the pool gives it to one thread at a time
        )
        connection.execute("PRAGMA foreign_keys = ON")
        if not read_only:
            connection.execute("PRAGMA secure_delete = ON")  # what goes is overwritten
            _keep_journal(connection)
        sqlite_functions.register(connection)
        return connection

    made = sa.create_engine(url, creator=connect, **options)

    @sa.event.listens_for(made, "connect")
    def _connected(connection: Any, record: Any) -> None:
        deadline = _Deadline()
        record.info["deadline"] = deadline
        connection.set_progress_handler(deadline.passed, _PROGRESS_EVERY)

    @sa.event.listens_for(made, "close")
    def _closed(connection: sqlite3.Connection, _record: object) -> None:
        _drop_journal(connection)

    @sa.event.listens_for(made, "begin")
    def _begin(connection: sa.Connection) -> None:
        chosen = connection.get_execution_options()
        if not chosen.get("servanda_bare", False):
            writes = chosen.get("servanda_writes", False)
            connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    @sa.event.listens_for(made, "before_cursor_execute")
    def _clock(connection: sa.Connection, *_: object) -> None:
        # A stream is paced by its reader, so it has no deadline.
        streams = connection.get_execution_options().get("stream_results", False)
        seconds = float("inf") if streams else limit.statement_timeout_s
        connection.info["deadline"].at = time.monotonic() + seconds

    return made
