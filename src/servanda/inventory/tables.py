"""Which tables and columns of a store a mapping names. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from servanda.stores.mapping import Child, Collection, Column, JsonPath, Lookup, Source
from servanda.stores.port import StoreShape, TableShape


def find(shape: StoreShape, name: str) -> TableShape | None:
    """The table of that name; `schema.table` also finds the table where a store leaves the
    schema out."""
    return shape.table(name) or shape.table(name.rpartition(".")[2])


def named(collection: Collection) -> dict[str, set[str]]:
    """Every table the mapping relies on, with the columns it relies on."""
    tables: dict[str, set[str]] = {collection.source: set(own_columns(collection))}

    def need(table: str, columns: Iterable[str]) -> None:
        tables.setdefault(table, set()).update(columns)

    for lookup in _lookups(collection):
        need(lookup.table, [theirs for theirs, _ in lookup.match])
        need(lookup.table, [lookup.column, *(column for column, _ in lookup.where)])
    for table, columns in _children(collection.children):
        need(table, columns)
    for counter in collection.counters:
        need(counter.table, [counter.column, *(theirs for theirs, _ in counter.match)])
    for detach in collection.detaches:
        need(detach.table, [detach.column])
    return tables


def going_along(collection: Collection) -> set[str]:
    """Tables whose rows go with the collection's, so that its rule covers them too."""
    return {table for table, _ in _children(collection.children)}


def own_columns(collection: Collection) -> set[str]:
    """Columns of the collection's own table that its mapping names."""
    sources = [f.source for f in collection.fields] + [c.source for c in collection.clocks]
    columns = {name for source in sources for name in _own(source)}
    columns.update(ours for lookup in _lookups(collection) for _, ours in lookup.match)
    columns.update(ours for child in collection.children for _, ours in child.match)
    for counter in collection.counters:
        columns.update(ours for _, ours in counter.match)
        columns.update(ours for ours, _ in counter.where)
    columns.update(detach.points_at for detach in collection.detaches)
    if collection.soft_delete:
        columns.add(collection.soft_delete.column)
    return columns


def _own(source: Source) -> Iterator[str]:
    match source:
        case Column(name):
            yield name
        case JsonPath(column):
            yield column
        case _:
            return


def _lookups(collection: Collection) -> Iterator[Lookup]:
    sources = [f.source for f in collection.fields] + [c.source for c in collection.clocks]
    yield from (source for source in sources if isinstance(source, Lookup))


def _children(children: Iterable[Child]) -> Iterator[tuple[str, set[str]]]:
    for child in children:
        columns = {column for column, _ in (*child.match, *child.where)}
        columns.update(ours for inner in child.children for _, ours in inner.match)
        yield child.table, columns
        yield from _children(child.children)
