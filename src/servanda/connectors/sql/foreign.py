"""Foreign keys that the mapping does not know of, found before anything is deleted."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import sqlalchemy as sa

from servanda.connectors.sql import reflect, sources
from servanda.connectors.sql.express import Condition
from servanda.connectors.sql.reflect import Mapped
from servanda.kernel.errors import StoreRefused
from servanda.stores.mapping import Child

Name = tuple[str | None, str]


@dataclass(frozen=True, slots=True)
class Tie:
    """A foreign key: `table` (`columns`) refers to the table whose rows go (`to`)."""

    name: str
    table: str
    columns: tuple[str, ...]
    to: tuple[str, ...]
    on_delete: str  # CASCADE, RESTRICT, NO ACTION, SET NULL, SET DEFAULT


@dataclass(frozen=True, slots=True)
class Undeclared:
    """A foreign key to a table whose rows go, that the mapping does not know of."""

    tie: Tie
    table: Name  # which refers
    to: str
    own: bool  # it refers to the collection's own table


def undeclared(mapped: Mapped) -> list[Undeclared]:
    """The keys that would destroy rows, or forbid that the collection's own go."""
    collection = mapped.collection
    own = (mapped.table.schema, mapped.table.name)
    ties = _ties(mapped)
    declared = list(_declared(mapped, own, collection.children))
    declared += [
        (_located(mapped, d.table), own, frozenset({d.column})) for d in collection.detaches
    ]
    seen = {own} | {child for child, _, _ in declared}
    return [
        Undeclared(tie, table, to[1], to == own)
        for to in seen
        for table, tie in ties.get(to, ())
        if (table, to, frozenset(tie.columns)) not in declared
        and tie.on_delete not in ("SET NULL", "SET DEFAULT")
        and (tie.on_delete == "CASCADE" or to == own)
    ]


def refuse_undeclared(mapped: Mapped, target: Condition) -> None:
    """Raise StoreRefused, naming the table, when deleting the rows would do more than declared.

    A key that cascades into a table which the mapping does not name would destroy rows nobody
    declared: always refused. One that forbids is refused when such rows stand in the way now.
    """
    for each in undeclared(mapped):
        if each.tie.on_delete == "CASCADE":
            raise cascades(mapped, each)
        with mapped.db.reading() as connection:
            refuse_in_the_way(connection, mapped, each, target)


def cascades(mapped: Mapped, found: Undeclared) -> StoreRefused:
    """The refusal to delete where a key would carry the deletion further."""
    tie = found.tie
    return StoreRefused(
        f'{mapped.collection.id}: deleting from "{found.to}" would also delete from'
        f' "{tie.table}" (foreign key {tie.name or "without a name"} cascades),'
        " which the mapping does not declare",
        f'declare "{tie.table}" under `children:` or `detaches:`',
    )


def refuse_in_the_way(
    connection: sa.Connection, mapped: Mapped, found: Undeclared, target: Condition
) -> None:
    """Raise StoreRefused when a row refers to a record that would go."""
    tie = found.tie
    if _in_the_way(connection, mapped, found.table, tie, target):
        raise StoreRefused(
            f'{mapped.collection.id}: rows of "{tie.table}" refer to records that would go'
            f" (foreign key {tie.name or 'without a name'})",
            f'declare "{tie.table}" under `children:` or `detaches:`',
        )


def _declared(
    mapped: Mapped, parent: Name, children: tuple[Child, ...]
) -> Iterator[tuple[Name, Name, frozenset[str]]]:
    for child in children:
        here = _located(mapped, child.table)
        # Where only some rows are declared, a key would take others too: it counts as undeclared.
        columns = frozenset() if child.where else frozenset(theirs for theirs, _ in child.match)
        yield here, parent, columns
        yield from _declared(mapped, here, child.children)


def _located(mapped: Mapped, name: str) -> Name:
    table = reflect.table(mapped.db, name)
    return table.schema, table.name


def _ties(mapped: Mapped) -> dict[Name, list[tuple[Name, Tie]]]:
    """Every foreign key of the schemas concerned, by the table it refers to."""
    found: dict[Name, list[tuple[Name, Tie]]] = {}
    with mapped.db.reading() as connection:
        inspector = sa.inspect(connection)
        default = inspector.default_schema_name
        if mapped.db.dialect == "postgresql":
            schemas: list[str | None] = [
                s if s != default else None
                for s in inspector.get_schema_names()
                if not s.startswith(("pg_", "information_schema"))
            ]
        else:
            schemas = [mapped.table.schema]
        for schema in schemas:
            for (_, table), keys in inspector.get_multi_foreign_keys(schema=schema).items():
                for key in keys:
                    to = (key["referred_schema"], key["referred_table"])
                    if to[0] == default and mapped.db.dialect != "sqlite":
                        to = (None, to[1])
                    rule = str(key.get("options", {}).get("ondelete") or "NO ACTION").upper()
                    shown = table if schema is None else f"{schema}.{table}"
                    tie = Tie(
                        key["name"] or "",
                        shown,
                        tuple(key["constrained_columns"]),
                        tuple(key["referred_columns"]),
                        rule,
                    )
                    found.setdefault(to, []).append(((schema, table), tie))
    return found


def _in_the_way(
    connection: sa.Connection, mapped: Mapped, name: Name, tie: Tie, target: Condition
) -> bool:
    """Whether a row refers to a record that would go. A record may refer to one that goes too."""
    shown = name[1] if name[0] is None else f"{name[0]}.{name[1]}"
    other = reflect.table(mapped.db, shown).alias()
    of = mapped.collection.id
    to = tie.to or mapped.table.info["primary_key"]
    tied = sa.and_(
        *(
            sources.table_column(other, theirs, of=of) == sources.own_column(mapped, ours)
            for theirs, ours in zip(tie.columns, to, strict=True)
        )
    )
    found = sa.select(1).select_from(other).select_from(mapped.table).where(tied, target).limit(1)
    return connection.execute(found).first() is not None
