"""Small worlds of tables for the tests of finding: a few lines make collections, rows, stores."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from servanda.connectors.sql.store import SqlStore
from servanda.kernel.errors import StoreUnreachable
from servanda.kernel.predicate import Scalar
from servanda.plan.find import Branch, Subject, Tree, find
from servanda.stores.link import Link, LinkKind, Party
from servanda.stores.mapping import Collection, Column, Field, Limit, SetText
from servanda.stores.port import Store


def table(
    name: str,
    *fields: str,
    store: str = "crm",
    key: Sequence[str] = ("id",),
    identify: Mapping[str, Sequence[str]] | None = None,
    links: Sequence[Link] = (),
    parties: Mapping[str, Sequence[str]] | None = None,
    **changes: Any,
) -> Collection:
    """Every field but the key is personal and is erased to blank."""
    names = dict.fromkeys([*key, *fields])
    return Collection(
        store,
        name,
        name,
        "accounts",
        tuple(key),
        (),
        tuple(
            Field(each, Column(each), () if each in key else ("comms",), SetText(""))
            for each in names
        ),
        identify=tuple((kind, tuple(each)) for kind, each in (identify or {}).items()),
        links=tuple(links),
        parties=tuple(Party(each, tuple(fs)) for each, fs in (parties or {}).items()),
        **changes,
    )


def link(to: str, ours: str, theirs: str, as_: LinkKind, **changes: Any) -> Link:
    """`ours` and `theirs` may be several fields, apart by blanks."""
    return Link(to, tuple(zip(ours.split(), theirs.split(), strict=True)), as_, **changes)


@dataclass
class Town:
    """SQLite stores filled with rows, one file a store."""

    folder: Path
    collections: tuple[Collection, ...]
    rows: Mapping[str, Any]
    stores: dict[str, Store | StoreUnreachable] = field(default_factory=dict)

    def fill(self) -> None:
        for store in {each.store for each in self.collections}:
            path = self.folder / f"{store}.sqlite"
            with closing(sqlite3.connect(path)) as connection, connection:
                for each in self.collections:
                    if each.store == store:
                        self._table(connection, each)
            self.stores[store] = SqlStore(
                store, f"sqlite:///{path}", zone="UTC", read_only=True, limit=Limit()
            )

    def _table(self, connection: sqlite3.Connection, each: Collection) -> None:
        names = [f.name for f in each.fields]
        primary = f", PRIMARY KEY ({', '.join(each.key)})" if each.key else ""
        connection.execute(f"CREATE TABLE {each.name} ({', '.join(names)}{primary})")
        marks = ", ".join("?" * len(names))
        listed = list(self.rows.get(each.id, ()))
        connection.executemany(f"INSERT INTO {each.name} VALUES ({marks})", listed)

    def find(self, *emails: str, **options: Any) -> list[Tree]:
        subjects = [Subject(f"R-{n}", (("email", each),)) for n, each in enumerate(emails)]
        return find(subjects, self.collections, self.stores, **options)

    def one(self, *identities: tuple[str, str], **options: Any) -> Tree:
        (tree,) = find([Subject("R-1", identities, **options)], self.collections, self.stores)
        return tree

    def close(self) -> None:
        for store in self.stores.values():
            if not isinstance(store, StoreUnreachable):
                store.close()


@contextmanager
def town(
    folder: Path, collections: Iterable[Collection], rows: Mapping[str, Any]
) -> Iterator[Town]:
    made = Town(folder, tuple(collections), rows)
    made.fill()
    try:
        yield made
    finally:
        made.close()


def fates(tree: Tree) -> dict[tuple[str, Any], str]:
    """(collection, key): `goes`, `stays`, or `seen`."""
    return {
        (each.collection, key[0] if len(key) == 1 else key): "seen"
        if each.role == "accessor"
        else "goes"
        if each.goes
        else "stays"
        for each in tree.branches
        for key in each.keys
    }


def branch(tree: Tree, collection: str, *key: Scalar) -> Branch:
    """The branch that has this record."""
    (found,) = [b for b in tree.branches if b.collection == collection and key in b.keys]
    return found
