"""The tables of a PostgreSQL schema as statements, told by its catalogues: whatever is really
there, also of applications this process does not know."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from psycopg import Connection, sql

from servanda.kernel.errors import ServandaError

_TABLES = """SELECT c.oid, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
 WHERE n.nspname = current_schema() AND c.relkind = 'r' ORDER BY c.relname"""
_COLUMNS = """SELECT a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attidentity,
 pg_get_expr(d.adbin, d.adrelid),
 CASE WHEN a.attcollation <> t.typcollation THEN a.attcollation::regcollation::text END
 FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid
 LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
 WHERE a.attrelid = %s AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum"""
_CONSTRAINTS = """SELECT conname, contype::text, pg_get_constraintdef(oid) FROM pg_constraint
 WHERE conrelid = %s AND contype IN ('p', 'u', 'c', 'f') ORDER BY conname"""
_INDEXES = """SELECT pg_get_indexdef(i.indexrelid) FROM pg_index i WHERE i.indrelid = %s
 AND NOT EXISTS (SELECT 1 FROM pg_constraint c WHERE c.conindid = i.indexrelid
 AND c.contype IN ('p', 'u')) ORDER BY i.indexrelid"""
_ON = re.compile(r"^(CREATE (?:UNIQUE )?INDEX (?:\"(?:[^\"]|\"\")+\"|\S+) ON )(?:ONLY )?\S+?\.")

OURS = ("servanda_", "auth_", "django_", "account_", "mfa_", "socialaccount_", "usersessions_")
"""What the tables of our applications begin with."""


def tables(database: Connection[Any]) -> list[dict[str, Any]]:
    """Every table, with all that is needed to make it again."""
    found = []
    for oid, name in database.execute(_TABLES).fetchall():
        columns = [list(row) for row in database.execute(_COLUMNS, (oid,)).fetchall()]
        if any("nextval(" in (column[4] or "") for column in columns):
            raise ServandaError(f"table {name} counts in a way that cannot be copied yet")
        found.append(
            {
                "name": name,
                "columns": [[_text(each) for each in column] for column in columns],
                "constraints": [
                    [_text(each) for each in row]
                    for row in database.execute(_CONSTRAINTS, (oid,)).fetchall()
                ],
                "indexes": [row[0] for row in database.execute(_INDEXES, (oid,)).fetchall()],
                "counters": _counters(database, name, columns),
            }
        )
    return found


def _text(value: Any) -> Any:
    return value.decode() if isinstance(value, bytes) else value


def _counters(
    database: Connection[Any], table: str, columns: Sequence[Sequence[Any]]
) -> list[list[Any]]:
    found = []
    for column in columns:
        if _text(column[3]):
            (name,) = database.execute(
                "SELECT pg_get_serial_sequence(quote_ident(%s), %s)", (table, column[0])
            ).fetchone() or ("",)
            last, called = database.execute(
                sql.SQL("SELECT last_value, is_called FROM ") + sql.SQL(name)
            ).fetchone() or (1, False)
            found.append([column[0], last, called])
    return found


def create(table: Mapping[str, Any]) -> sql.Composed:
    """The table without constraints: they come after its rows."""
    columns = []
    for name, kind, needed, identity, default, collation in table["columns"]:
        part = sql.Identifier(name) + sql.SQL(f" {kind}")
        if collation:
            part += sql.SQL(f" COLLATE {collation}")
        if identity:
            always = "ALWAYS" if identity == "a" else "BY DEFAULT"
            part += sql.SQL(f" GENERATED {always} AS IDENTITY")
        elif default is not None:
            part += sql.SQL(f" DEFAULT {default}")
        columns.append(part + sql.SQL(" NOT NULL" if needed else ""))
    return sql.SQL("CREATE TABLE {} ({})").format(
        sql.Identifier(table["name"]), sql.SQL(", ").join(columns)
    )


def finish(found: Sequence[Mapping[str, Any]], schema: str) -> list[sql.Composed]:
    """Constraints, indexes and counters; what leads to other tables comes last."""
    first: list[sql.Composed] = []
    last: list[sql.Composed] = []
    for table in found:
        name = sql.Identifier(table["name"])
        for constraint, kind, definition in table["constraints"]:
            made = sql.SQL("ALTER TABLE {} ADD CONSTRAINT {} ").format(
                name, sql.Identifier(constraint)
            ) + sql.SQL(definition)
            (last if kind == "f" else first).append(made)
        for index in table["indexes"]:
            begin = _ON.match(index)
            if begin is None:
                raise ServandaError(f"an index of table {table['name']} cannot be made again")
            first.append(
                sql.SQL(begin[1]) + sql.Identifier(schema) + sql.SQL(f".{index[begin.end() :]}")
            )
        for column, value, called in table["counters"]:
            first.append(
                sql.SQL(
                    "SELECT setval(pg_get_serial_sequence(quote_ident({}), {}), {}, {})"
                ).format(
                    sql.Literal(table["name"]),
                    sql.Literal(column),
                    sql.Literal(value),
                    sql.Literal(called),
                )
            )
    return first + last
