"""Rows written many at a time, on SQLite and PostgreSQL alike."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from typing import Any

import orjson
from django.db import connection

_VARIABLES = 900


def insert(
    table: str, columns: Sequence[str], rows: Sequence[Sequence[Any]], conflict: str = ""
) -> None:
    """Within the caller's transaction. `conflict`: what is done where a row is there already.

    Some hundred rows a statement: a server would otherwise be asked once for each row.
    """
    quoted = ", ".join(map(connection.ops.quote_name, columns))
    one = f"({', '.join(['%s'] * len(columns))})"
    at_once = max(1, _VARIABLES // len(columns))
    with connection.cursor() as cursor:
        for start in range(0, len(rows), at_once):
            part = rows[start : start + at_once]
            cursor.execute(
                f"INSERT INTO {table} ({quoted}) VALUES {', '.join([one] * len(part))} {conflict}",
                [_plain(value) for row in part for value in row],
            )


@contextmanager
def piped() -> Iterator[None]:
    """Within a transaction: what is sent inside goes to the server at once, without waiting for the
    answer to each; a fetch waits for all before it. An error shows at the end, and undoes all."""
    if connection.vendor != "postgresql":
        yield
        return
    connection.ensure_connection()
    raw: Any = connection.connection
    with connection.wrap_database_errors, raw.pipeline():
        yield


def among(sql: str, values: Iterable[str]) -> Iterator[tuple[Any, ...]]:
    """Rows of `sql`, in which {among} stands for a list of these texts: one variable, however
    many there are. No text holds a line break."""
    if connection.vendor == "postgresql":
        given = "(SELECT unnest(string_to_array(%s, E'\\n')))"
        text = "\n".join(values)
    else:
        given, text = "(SELECT value FROM json_each(%s))", orjson.dumps(list(values)).decode()
    if not text or text == "[]":
        return
    with connection.cursor() as cursor:
        cursor.execute(sql.replace("{among}", given), [text])
        yield from cursor.fetchall()


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return connection.ops.adapt_datetimefield_value(value)
    if isinstance(value, date):
        return connection.ops.adapt_datefield_value(value)
    return value


def all_rows(sql: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return list(cursor.fetchall())
