"""Keeping copies: the records of an archive step, in a table that is there already.

Harm it could do: telling the caller that a copy is kept which is not, so that the original goes.
Guards: everything happens in one transaction, what was stored is read back and compared with what
was sent, record by record, and any difference undoes it and is refused.
Test: tests/connectors/sql/test_sink.py.

A batch that is sent again adds nothing: a record whose key is there is not added a second time.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any

import sqlalchemy as sa

from servanda.connectors.sql import constants, sources, values
from servanda.connectors.sql.constants import Unsayable
from servanda.connectors.sql.engine import Database
from servanda.connectors.sql.express import value
from servanda.connectors.sql.reflect import Mapped, kind, mapped
from servanda.kernel.errors import StoreRefused
from servanda.kernel.predicate import Scalar
from servanda.stores.mapping import Collection, Column
from servanda.stores.port import Row

_CHUNK = 500


def put(
    db: Database,
    collection: Collection | None,
    batch: str,
    header: Sequence[str],
    rows: Iterator[Row],
) -> str:
    """Store the rows in the collection's table; the SHA-256 (hex) of what was read back.

    The digest is over one line of JSON a record, in the order they were sent. StoreRefused when
    the table lacks a key or a column, or when a record cannot be kept exactly as it is.
    """
    if collection is None:
        raise StoreRefused(
            f'store "{db.name}" is a database and needs a table for copies',
            "write `archive_to: store.collection`",
        )
    here = mapped(db, collection)
    columns = [_column(here, name) for name in header]
    key = [columns.index(column) for column in _key(here, columns)]
    digest = hashlib.sha256()
    with db.writing() as connection:
        while chunk := list(islice(rows, _CHUNK)):
            _keep(connection, here, columns, key, [tuple(row) for row in chunk], digest)
    return digest.hexdigest()


def _column(here: Mapped, name: str) -> sa.Column[Any]:
    source = sources.source_of(here, name)
    clock = here.collection.clock_named(name)
    if clock is not None and not any(f.name == name for f in here.collection.fields):
        source = clock.source
    if not isinstance(source, Column):
        raise StoreRefused(
            f'{here.collection.id}: "{name}" is not a column and cannot be written', "map a column"
        )
    return sources.own_column(here, source.name)


def _key(here: Mapped, columns: Sequence[sa.Column[Any]]) -> Sequence[sa.Column[Any]]:
    key: Sequence[sa.Column[Any]] = sources.key_columns(here)
    if not key or not all(column in columns for column in key):
        raise StoreRefused(
            f"{here.collection.id}: copies need a key, and it must be among what is copied",
            "name the `key` of the archive's collection",
        )
    return key


def _keep(
    connection: sa.Connection,
    here: Mapped,
    columns: Sequence[sa.Column[Any]],
    key: Sequence[int],
    rows: list[Row],
    digest: Any,
) -> None:
    """Add those of the rows that are not there, and read all of them back."""
    ready = [
        tuple(_ready(here, column, each) for column, each in zip(columns, row, strict=True))
        for row in rows
    ]
    there = _read_back(connection, here, columns, key, ready)
    fresh: dict[tuple[Any, ...], tuple[Any, ...]] = {}
    for row, made in zip(rows, ready, strict=True):
        name = _name(row, key)
        if name not in there:
            fresh.setdefault(name, made)
    if fresh:
        insert = sa.insert(here.table)
        names = [column.name for column in columns]
        connection.execute(insert, [dict(zip(names, made, strict=True)) for made in fresh.values()])
        there = _read_back(connection, here, columns, key, ready)
    for row in rows:
        stored = there.get(_name(row, key))
        if stored is None or _line(stored) != _line(row):
            raise StoreRefused(
                f"{here.collection.id}: a copy read back differs from what was sent",
                "see that the archive's columns have the same types as the original's, and that"
                " its keys are not used for other records; nothing was kept",
            )
        digest.update(_line(stored).encode() + b"\n")


def _read_back(
    connection: sa.Connection,
    here: Mapped,
    columns: Sequence[sa.Column[Any]],
    key: Sequence[int],
    ready: Sequence[tuple[Any, ...]],
) -> dict[tuple[Any, ...], Row]:
    chosen = [values.selected(here, column) for column in columns]
    wanted = sa.or_(
        *(
            sa.and_(*(columns[n] == value(made[n]) for n in key))
            for made in dict.fromkeys(tuple(made) for made in ready)
        )
    )
    statement = sa.select(*(e.label(f"c{n}") for n, (e, _) in enumerate(chosen)))
    found: dict[tuple[Any, ...], Row] = {}
    for line in connection.execute(statement.select_from(here.table).where(wanted)):
        row = tuple(read(each) for (_, read), each in zip(chosen, line, strict=True))
        found[_name(row, key)] = row
    return found


def _ready(here: Mapped, column: sa.Column[Any], constant: Scalar) -> Any:
    if constant is None:
        return None
    try:
        return constants.fit(constant, kind(column), here.db.zone, here.db.dialect)
    except Unsayable:
        raise StoreRefused(
            f'{here.collection.id}: column "{column.name}" cannot hold a value of a record',
            "give the archive's column the type of the original's",
        ) from None


def _name(row: Row, key: Sequence[int]) -> tuple[Any, ...]:
    return tuple(_line((row[n],)) for n in key)


def _line(row: Sequence[Any]) -> str:
    """One record as JSON, the same however a store writes its values."""
    return json.dumps([_told(each) for each in row], ensure_ascii=False, separators=(",", ":"))


def _told(each: Scalar) -> Any:
    match each:
        case bool():
            return int(each)
        case bytes():
            return {"hex": each.hex()}
        case float() if each.is_integer():
            return int(each)
        case None | str() | int() | float():
            return each
        case _:
            return each.isoformat()
