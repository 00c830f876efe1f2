"""How a table lies in its engine: what orders its rows, and about how many there are."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from servanda.connectors.sql.reflect import Mapped, plain_name
from servanda.kernel.errors import StoreRefused

Columns = list[sa.ColumnElement[Any]]


class Tid(sa.types.UserDefinedType[str]):
    """PostgreSQL: the physical place of a row, `(page,item)`."""

    cache_ok = True

    def get_col_spec(self, **_: Any) -> str:
        return "tid"


def order_of(mapped: Mapped) -> Columns:
    """Columns (or row addresses) that order the rows totally, so that no two are equal.

    PostgreSQL: the place; SQLite: the row id, or the key of a table without one; MariaDB: the
    primary key, and nothing where there is none. May open a connection the first time.
    """
    match mapped.db.dialect:
        case "postgresql":
            return [place(mapped)]
        case "sqlite":
            alias = _row_id(mapped)
            return _primary(mapped) if alias is None else [alias]
        case "mariadb":
            return _primary(mapped)


def place(mapped: Mapped) -> sa.ColumnElement[Any]:
    """PostgreSQL: the row's physical place."""
    return _address(mapped, "ctid", Tid())


def estimate(connection: sa.Connection, mapped: Mapped) -> int:
    """About how many rows there are; cheap, and at worst wrong."""
    match mapped.db.dialect:
        case "postgresql":
            return int(
                connection.execute(_POSTGRESQL, {"name": plain_name(mapped.table)}).scalar() or 0
            )
        case "mariadb":
            named = {"schema": mapped.table.schema, "name": mapped.table.name}
            return int(connection.execute(_MARIADB, named).scalar() or 0)
        case "sqlite":
            counted = sa.select(sa.func.count()).select_from(mapped.table)
            return int(connection.execute(counted).scalar_one())


_POSTGRESQL = sa.text("""
    WITH RECURSIVE part AS (
        SELECT to_regclass(:name)::oid AS oid
        UNION
        SELECT i.inhrelid FROM pg_inherits i JOIN part ON i.inhparent = part.oid
    )
    SELECT sum(CASE
        WHEN c.relkind <> 'r' THEN 0
        WHEN c.reltuples > 0 AND c.relpages > 0 THEN c.reltuples / c.relpages
        ELSE 50 END * pg_relation_size(c.oid) / current_setting('block_size')::int)
    FROM part JOIN pg_class c ON c.oid = part.oid
""")
_MARIADB = sa.text("""
    SELECT table_rows FROM information_schema.tables
    WHERE table_schema = COALESCE(:schema, DATABASE()) AND table_name = :name
""")
_SQLITE = sa.text("SELECT type, wr FROM pragma_table_list WHERE name = :name AND schema = :schema")

_OWN_INDEX = sa.text("SELECT count(*) FROM pragma_index_list(:name, :schema) WHERE origin = 'pk'")


def _primary(mapped: Mapped) -> Columns:
    return [mapped.table.columns[name] for name in mapped.table.info["primary_key"]]


def is_row_id(mapped: Mapped, column: sa.Column[Any]) -> bool:
    """SQLite: whether the column is the row id under another name (INTEGER PRIMARY KEY), and so
    holds nothing but integers. May open a connection the first time."""
    if mapped.table.info["primary_key"] != (column.name,):
        return False
    about = mapped.table.info
    if "own_index" not in about:  # any other primary key has an index to itself
        with mapped.db.reading() as connection:
            about["own_index"] = connection.execute(_OWN_INDEX, _named(mapped)).scalar()
    return not about["own_index"] and _row_id(mapped) is not None


def _named(mapped: Mapped) -> dict[str, str]:
    return {"name": mapped.table.name, "schema": mapped.table.schema or "main"}


def _row_id(mapped: Mapped) -> sa.ColumnElement[Any] | None:
    """SQLite's row id, under a name that no column of the table hides; None where it has none."""
    about = mapped.table.info
    if "row_id" not in about:
        about["row_id"] = _find_row_id(mapped)
    name = about["row_id"]
    return None if name is None else _address(mapped, name, sa.types.NullType())


def _find_row_id(mapped: Mapped) -> str | None:
    table = mapped.table
    with mapped.db.reading() as connection:
        found = connection.execute(_SQLITE, _named(mapped)).one()
    if found.type == "view":
        raise StoreRefused(f'{mapped.collection.id}: "{table.name}" is a view', "map its table")
    taken = {column.name.lower() for column in table.columns}
    free = [name for name in ("rowid", "_rowid_", "oid") if name not in taken]
    return free[0] if free and not found.wr else None


def _address(mapped: Mapped, name: str, type_: sa.types.TypeEngine[Any]) -> sa.ColumnElement[Any]:
    """A column that every table of the engine has without saying so."""
    column = sa.column(name, type_)
    column.table = mapped.table
    return column
