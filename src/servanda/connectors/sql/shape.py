"""What the whole store holds right now, read in a few statements however many tables there are."""

from __future__ import annotations

import sqlalchemy as sa

from servanda.connectors.sql.engine import Database
from servanda.connectors.sql.reflect import type_text
from servanda.stores.port import StoreShape, TableShape

_NAMES = {"postgresql": "PostgreSQL", "sqlite": "SQLite"}


def shape(db: Database) -> StoreShape:
    """Tables of all schemas that belong to products; those outside the default as schema.table.

    Partitions are not tables of their own: their parent stands for them.
    """
    db.tables.forget()
    with db.reading() as connection:
        inspector = sa.inspect(connection)
        partitions = _partitions(db, connection)
        estimates = _estimates(db, connection)
        found: list[TableShape] = []
        for schema in _schemas(db, inspector):
            keys = inspector.get_multi_pk_constraint(schema=schema)
            for (_, name), columns in inspector.get_multi_columns(schema=schema).items():
                shown = name if schema is None else f"{schema}.{name}"
                if shown in partitions:
                    continue
                key = keys.get((schema, name))
                found.append(
                    TableShape(
                        shown,
                        tuple(sorted((c["name"], type_text(db, c["type"])) for c in columns)),
                        tuple(key["constrained_columns"]) if key else (),
                        estimates.get(shown),
                    )
                )
        product = _product(db, connection)
    return StoreShape(product, tuple(sorted(found, key=lambda each: each.name)))


def _schemas(db: Database, inspector: sa.Inspector) -> list[str | None]:
    """None stands for the default schema."""
    if db.dialect != "postgresql":
        return [None]
    system = ("pg_", "information_schema")
    others = [
        name
        for name in inspector.get_schema_names()
        if name != inspector.default_schema_name and not name.startswith(system)
    ]
    return [None, *others]


def _product(db: Database, connection: sa.Connection) -> str:
    version = ".".join(str(part) for part in connection.dialect.server_version_info or ())
    if db.dialect == "mariadb":
        is_mariadb = getattr(connection.dialect, "is_mariadb", False)
        return f"{'MariaDB' if is_mariadb else 'MySQL'} {version}"
    return f"{_NAMES[db.dialect]} {version}"


_PG_TABLES = sa.text(
    "SELECT CASE WHEN n.nspname = current_schema() THEN c.relname"
    " ELSE n.nspname || '.' || c.relname END, c.relispartition,"
    " CASE WHEN c.reltuples >= 0 THEN c.reltuples::bigint END"
    " FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace"
    " WHERE c.relkind IN ('r', 'p')"
)
_MY_TABLES = sa.text(
    "SELECT table_name, table_rows FROM information_schema.tables WHERE table_schema = DATABASE()"
)


def _partitions(db: Database, connection: sa.Connection) -> set[str]:
    if db.dialect != "postgresql":
        return set()
    return {name for name, is_partition, _ in connection.execute(_PG_TABLES) if is_partition}


def _estimates(db: Database, connection: sa.Connection) -> dict[str, int]:
    """The engine's own estimates; nothing is counted."""
    if db.dialect == "postgresql":
        return {name: rows for name, _, rows in connection.execute(_PG_TABLES) if rows is not None}
    if db.dialect == "mariadb":
        return {name: rows for name, rows in connection.execute(_MY_TABLES) if rows is not None}
    found: dict[str, int] = {}
    analysed = sa.text("SELECT 1 FROM sqlite_master WHERE name = 'sqlite_stat1'")
    if connection.execute(analysed).first():
        for name, stat in connection.execute(sa.text("SELECT tbl, stat FROM sqlite_stat1")):
            if stat:
                found[str(name)] = int(str(stat).split()[0])
    return found
