"""One row of a query that is asked hundreds of times a second: past Django's cursors, on its own
connection, so that errors, transactions and reconnecting are what they are everywhere.

PostgreSQL plans such a query once for each connection; SQLite's own module remembers it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import connection

from servanda.state.connection import guard


def one(sql: str, parameters: Sequence[Any]) -> tuple[Any, ...]:
    """`sql` has %s for each parameter, and always has one row."""
    with guard():
        connection.ensure_connection()
        raw: Any = connection.connection
        with connection.wrap_database_errors:
            if connection.vendor == "sqlite":
                found = raw.execute(sql.replace("%s", "?"), parameters).fetchone()
            else:
                found = _prepared(raw, sql, parameters)
    row: tuple[Any, ...] = found
    return row


def _prepared(raw: Any, sql: str, parameters: Sequence[Any]) -> Any:
    from psycopg import Cursor

    if (
        raw.prepare_threshold is None
    ):  # Django's own queries are bound by the client: never prepared
        raw.prepare_threshold = 5
    return Cursor(raw).execute(sql, parameters, prepare=True).fetchone()
