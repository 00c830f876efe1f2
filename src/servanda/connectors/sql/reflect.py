"""What tables look like in the engine right now: columns, kinds, keys.

Columns are given to the rest of the connector *without* SQLAlchemy types: values pass as the
driver has them, so no processor chokes on a zero date or a stray text, and the engine itself
decides the type of a bound value. What a column is stands in `kind(column)`.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

import sqlalchemy as sa
from sqlalchemy.dialects import mysql, postgresql
from sqlalchemy.engine.interfaces import ReflectedColumn

from servanda.kernel.errors import Drift
from servanda.stores.mapping import Collection

if TYPE_CHECKING:
    from servanda.connectors.sql.engine import Database

Kind: TypeAlias = Literal[
    "integer",
    "number",
    "boolean",
    "text",
    "char",
    "datetime",  # without a zone
    "instant",  # with one (or, in MariaDB, kept as UTC)
    "date",
    "json",
    "jsonb",
    "uuid",
    "inet",
    "bytes",
    "other",
]


@dataclass(frozen=True, slots=True)
class About:
    """One column as reflected. `length`: of text in characters, None where unlimited."""

    kind: Kind
    declared: str  # the type as the store says it
    length: int | None
    nullable: bool


@dataclass(frozen=True, slots=True)
class Mapped:
    """A collection laid over its table: what every function of this connector works with."""

    db: Database
    collection: Collection
    table: sa.Table


def mapped(db: Database, collection: Collection) -> Mapped:
    """Lay a collection over its table. Drift when table or a column of the key is not there."""
    return Mapped(db, collection, table(db, collection.source))


def about(column: sa.Column[object]) -> About:
    """What the store says of a column, also of a column of an alias of its table."""
    (base,) = column.base_columns
    found = base.info["about"]
    assert isinstance(found, About)
    return found


def kind(column: sa.Column[object]) -> Kind:
    return about(column).kind


def plain_name(table: sa.Table) -> str:
    """The table's name as PostgreSQL reads it from a value (`to_regclass`). SQLAlchemy's own
    quoting is for statements, where the driver takes each `%` twice."""
    names = [table.name] if table.schema is None else [table.schema, table.name]
    return ".".join('"' + name.replace('"', '""') + '"' for name in names)


class Tables:
    """The reflected tables of one store, each read once until `forget`."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: dict[str, sa.Table] = {}

    def get(self, name: str) -> sa.Table | None:
        with self._lock:
            return self._known.get(name)

    def keep(self, name: str, found: sa.Table) -> sa.Table:
        with self._lock:
            return self._known.setdefault(name, found)

    def forget(self) -> None:
        with self._lock:
            self._known.clear()


def table(db: Database, name: str) -> sa.Table:
    """The table of that name (optionally `schema.table`), reflected once. Drift when not there.

    Its columns have no SQLAlchemy type; see `about`. Its key, foreign keys and the rest are not
    on it: `table.info["primary_key"]` has its names, `table.info["unique"]` the columns that
    are unique by themselves.
    """
    known = db.tables.get(name)
    if known is not None:
        return known
    with db.reading() as connection:
        found = _reflect(db, connection, name)
    return db.tables.keep(name, found)


def _reflect(db: Database, connection: sa.Connection, name: str) -> sa.Table:
    inspector = sa.inspect(connection)
    schema, bare = _locate(inspector, name)
    if bare is None:
        raise Drift(
            f'store "{db.name}" has no table "{name}"',
            "compare stores.yaml with the store: `servanda inventory`",
        )
    reflected = inspector.get_columns(bare, schema=schema)
    primary = inspector.get_pk_constraint(bare, schema=schema)
    touched = _touched(db, connection, bare, schema)
    key = tuple(primary["constrained_columns"] if primary else ())
    columns = [
        sa.Column(
            sa.quoted_name(each["name"], quote=True),
            sa.types.NullType(),
            nullable=_nullable(db, each, key),
            info={
                "about": _about(db, each["type"], _nullable(db, each, key)),
                "touched_on_update": each["name"] in touched,
            },
        )
        for each in reflected
    ]
    return sa.Table(
        sa.quoted_name(bare, quote=True),
        sa.MetaData(),
        *columns,
        schema=None if schema is None else sa.quoted_name(schema, quote=True),
        info={
            "primary_key": key,
            "unique": _unique(db, inspector, bare, schema),
        },
    )


_TOUCHED = sa.text(
    "SELECT column_name FROM information_schema.columns WHERE table_name = :name"
    " AND table_schema = COALESCE(:schema, DATABASE()) AND extra LIKE '%on update%'"
)


def _touched(
    db: Database, connection: sa.Connection, name: str, schema: str | None
) -> frozenset[str]:
    """Columns of MariaDB that take the time of any change to their row."""
    if db.dialect != "mariadb":
        return frozenset()
    found = connection.execute(_TOUCHED, {"name": name, "schema": schema})
    return frozenset(found.scalars())


def _unique(
    db: Database, inspector: sa.Inspector, name: str, schema: str | None
) -> tuple[tuple[str | None, ...], ...]:
    """The columns of each unique index that stands on a single column."""
    hidden = {"include_auto_indexes": True} if db.dialect == "sqlite" else {}
    indexes = inspector.get_indexes(name, schema=schema, **hidden)
    constraints = inspector.get_unique_constraints(name, schema=schema)
    found = [tuple(i["column_names"]) for i in indexes if i["unique"]]
    found += [tuple(c["column_names"]) for c in constraints]
    return tuple(names for names in found if len(names) == 1)


def _locate(inspector: sa.Inspector, name: str) -> tuple[str | None, str | None]:
    """(schema, table) of a name; a dot may belong to the table's own name."""
    if inspector.has_table(sa.quoted_name(name, quote=True)):
        return None, name
    for at, letter in enumerate(name):
        if letter == ".":
            schema, bare = name[:at], name[at + 1 :]
            if inspector.has_table(
                sa.quoted_name(bare, quote=True), schema=sa.quoted_name(schema, quote=True)
            ):
                return schema, bare
    return None, None


def _nullable(db: Database, column: ReflectedColumn, key: tuple[str, ...]) -> bool:
    """SQLite calls the alias of its rowid nullable, which it never is."""
    alias = db.dialect == "sqlite" and key == (column["name"],)
    return column["nullable"] and not (alias and type_text(db, column["type"]) == "INTEGER")


def _about(db: Database, type_: sa.types.TypeEngine[object], nullable: bool) -> About:
    declared = type_text(db, type_)
    length = getattr(type_, "length", None)
    return About(_kind(db, type_), declared, length if isinstance(length, int) else None, nullable)


def type_text(db: Database, type_: sa.types.TypeEngine[object]) -> str:
    """The type's name as the store says it; a type nobody knows is `?`."""
    if isinstance(type_, sa.types.NullType):
        return "?"
    return type_.compile(dialect=db.engine.dialect)


def _kind(db: Database, type_: sa.types.TypeEngine[object]) -> Kind:
    match type_:
        case sa.Boolean():
            return "boolean"
        case sa.Integer() | mysql.YEAR():
            return "integer"
        case sa.Numeric() | sa.Float():
            return "number"
        case mysql.TIMESTAMP() if db.dialect == "mariadb":
            return "instant"
        case sa.DateTime():
            return "instant" if type_.timezone else "datetime"
        case sa.Date():
            return "date"
        case postgresql.JSONB():
            return "jsonb"
        case sa.JSON():
            return "json"
        case sa.Uuid():
            return "uuid"
        case postgresql.INET():
            return "inet"
        case sa.CHAR():
            return "char"
        case sa.String():
            return "text"
        case sa.LargeBinary() | sa.types._Binary():
            return "bytes"
        case _:
            return "other"
