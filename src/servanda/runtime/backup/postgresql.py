"""Our tables of a PostgreSQL database out of one moment, and back in within one transaction."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from typing import Any

import psycopg
from psycopg import Connection, sql

from servanda.kernel.errors import ServandaError, UsageError
from servanda.runtime.backup import schema

_OTHERS = """SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()
 AND application_name = 'servanda' AND pid <> pg_backend_pid()"""


class Moment:
    """A database as it is at one moment, for as long as this is open."""

    def __init__(self) -> None:
        from django.db import connection

        self._database: Connection[Any] = connection.get_new_connection(
            connection.get_connection_params()
        )
        self._database.autocommit = False
        self._database.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        self.tables = schema.tables(self._database)

    def rows(self, table: Mapping[str, Any]) -> Iterator[bytes]:
        """The rows as COPY writes them."""
        columns = sql.SQL(", ").join(sql.Identifier(each[0]) for each in table["columns"])
        name = sql.Identifier(table["name"])
        wanted = sql.SQL("COPY {} ({}) TO STDOUT").format(name, columns)
        with closing(self._database.cursor()) as cursor, cursor.copy(wanted) as copy:
            for block in copy:
                yield bytes(block)

    def entries(self) -> int:
        """How many entries the ledger has at this moment."""
        row = self._database.execute("SELECT size FROM servanda_tree").fetchone()
        return int(row[0]) if row else 0

    def close(self) -> None:
        self._database.close()


class Load:
    """Within the caller's transaction: what is there goes, what was copied comes."""

    def __init__(self, tables: Sequence[Mapping[str, Any]]) -> None:
        from django.db import connection

        connection.ensure_connection()
        self._database: Connection[Any] = connection.connection
        self._tables = {table["name"]: table for table in tables}
        if (self._database.execute(_OTHERS).fetchone() or (0,))[0]:
            raise UsageError(
                "something works on this workspace", "stop it (servanda serve, servanda run) first"
            )
        self._database.execute("SET LOCAL lock_timeout = '20s'")
        self._clear()
        for table in tables:
            self._database.execute(schema.create(table))

    def _clear(self) -> None:
        there = self._database.execute(
            "SELECT tablename FROM pg_tables WHERE schemaname = current_schema()"
        ).fetchall()
        gone = [name for (name,) in there if name in self._tables or name.startswith(schema.OURS)]
        if gone:
            names = sql.SQL(", ").join(sql.Identifier(name) for name in gone)
            self._database.execute(sql.SQL("DROP TABLE {}").format(names))

    def rows(self, name: str, blocks: Iterable[bytes]) -> None:
        table = self._tables[name]
        columns = sql.SQL(", ").join(sql.Identifier(each[0]) for each in table["columns"])
        wanted = sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(name), columns)
        with closing(self._database.cursor()) as cursor, cursor.copy(wanted) as copy:
            for block in blocks:
                copy.write(block)

    def finish(self) -> None:
        (name,) = self._database.execute("SELECT current_schema()").fetchone() or ("public",)
        for statement in schema.finish(list(self._tables.values()), name):
            self._database.execute(statement)


def explained(error: psycopg.Error) -> ServandaError:
    """The engine's own message may quote values of a row, so only its kind is told."""
    return ServandaError(
        f"the database did not take the backup ({error.sqlstate or type(error).__name__})",
        "nothing was changed there; check its version, its rights and its disk",
    )
