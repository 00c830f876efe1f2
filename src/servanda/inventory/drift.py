"""Is a store what the mapping says? Where it is not, we only read from it.

The harm: a product's upgrade renames a column, and a step written for the old shape deletes or
blanks the wrong thing. tests/inventory/test_drift.py and the renamed-column tests guard it.
"""

from __future__ import annotations

from servanda.inventory.tables import find, named
from servanda.kernel.digest import digest_of
from servanda.stores.mapping import Collection, StoreConfig
from servanda.stores.port import StoreShape, TableShape


def shape_digest(config: StoreConfig, shape: StoreShape) -> str:
    """Digest of the tables the mapping relies on: their columns, types and keys. Other tables,
    row counts and the folder's files may change without making a plan stale."""
    names = {name for c in config.collections if c.tabular for name in (c.source, *named(c))}
    return digest_of([[name, _table_data(find(shape, name))] for name in sorted(names)])


def missing(config: StoreConfig, shape: StoreShape) -> dict[str, str]:
    """Collections whose own table is not there, with a sentence each."""
    return {
        c.id: f'there is no table "{c.source}"'
        for c in config.collections
        if c.tabular and find(shape, c.source) is None
    }


def drifted(config: StoreConfig, shape: StoreShape) -> dict[str, str]:
    """Collections we may only read, with a sentence each. A fingerprint that is not met tells
    of an unknown version of the product, so then nothing in the store is written."""
    absent = missing(config, shape)
    unknown = [
        (c, lacking)
        for c in config.collections
        if c.tabular and c.id not in absent and (lacking := _lacking(shape, c))
    ]
    if unknown:
        first, columns = unknown[0]
        why = f"unknown version: {first.source} has no {', '.join(columns)}"
        return {c.id: absent.get(c.id, why) for c in config.collections}
    found = dict(absent)
    for collection in config.collections:
        if collection.tabular and collection.id not in absent:
            why = _differs(shape, collection)
            if why:
                found[collection.id] = why
    return found


def _lacking(shape: StoreShape, collection: Collection) -> list[str]:
    table = find(shape, collection.source)
    there = {name for name, _ in table.columns} if table else set()
    return sorted(set(collection.expect) - there)


def _differs(shape: StoreShape, collection: Collection) -> str:
    for name, columns in sorted(named(collection).items()):
        table = find(shape, name)
        if table is None:
            return f'there is no table "{name}"'
        absent = sorted(columns - {column for column, _ in table.columns})
        if absent:
            return f"{name} has no {', '.join(absent)}"
    return ""


def _table_data(table: TableShape | None) -> object:
    if table is None:
        return None
    return [table.name, [list(column) for column in table.columns], list(table.key)]
