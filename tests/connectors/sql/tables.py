"""Tables in real databases for these tests, made and read without the connector."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC
from itertools import count
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from servanda.connectors.sql import connector
from servanda.connectors.sql.store import SqlStore
from servanda.stores.mapping import Clock, Collection, Column, Field, Limit
from tests.connectors.contract import Kind, Made, Record

KEYS: Mapping[Kind, tuple[str, ...]] = {
    "keyed": ("id",),
    "composite": ("branch", "number"),
    "text": ("code",),
    "keyless": (),
}


_NUMBERS = count()


@contextmanager
def engine_of(url: str) -> Iterator[sa.Engine]:
    """An engine of our own, which makes the file of a SQLite database when it is not there."""
    made = sa.create_engine(url)
    try:
        yield made
    finally:
        made.dispose()


def run(url: str, *statements: str) -> None:
    """Run statements from outside, committed."""
    with engine_of(url) as engine, engine.begin() as connection:
        for each in statements:
            connection.exec_driver_sql(each)


def fetch(url: str, statement: str) -> list[tuple[Any, ...]]:
    with engine_of(url) as engine, engine.connect() as connection:
        return [tuple(row) for row in connection.exec_driver_sql(statement)]


def sqlite_url(folder: Path) -> str:
    return f"sqlite:///{folder / f'store-{os.urandom(4).hex()}.db'}"


@contextmanager
def opened(
    url: str, *, zone: str = "UTC", read_only: bool = False, limit: Limit | None = None
) -> Iterator[SqlStore]:
    store = connector.open("store", url, zone=zone, read_only=read_only, limit=limit or Limit())
    try:
        yield store
    finally:
        store.close()


def collection(table: str, key: tuple[str, ...], **more: Any) -> Collection:
    names = dict.fromkeys((*key, "id", "person", "note"))
    fields = tuple(Field(name, Column(name)) for name in names)
    clocks = (Clock("recorded", Column("recorded")),)
    return Collection("store", "things", table, "calls", key, clocks, fields, **more)


@contextmanager
def made(url: str, kind: Kind, records: Sequence[Record]) -> Iterator[Made]:
    """A table `things 'quoted';` that holds the records, with a key of the kind."""
    name = f"things {next(_NUMBERS)} 'of' \"them\"; --"
    key = KEYS[kind]
    metadata = sa.MetaData()
    table = sa.Table(
        name,
        metadata,
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("branch", sa.Unicode(10), nullable=False, server_default="south"),
        sa.Column("number", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("code", sa.Unicode(40), nullable=False, server_default=""),
        sa.Column("recorded", sa.DateTime()),
        sa.Column("person", sa.Unicode(80)),
        sa.Column("note", sa.Unicode(200)),
        sa.Column("other", sa.LargeBinary()),
        *([sa.PrimaryKeyConstraint(*key)] if key else []),
    )
    rows = [
        {
            "id": r.id,
            "branch": "n'ü" if r.id % 2 else "south",
            "number": r.id // 2,
            "code": f"ключ-{r.id:03}'\\",
            "recorded": r.recorded and r.recorded.astimezone(UTC).replace(tzinfo=None),
            "person": r.person,
            "note": r.note,
            "other": bytes([r.id, 0, 255]),
        }
        for r in records
    ]
    with engine_of(url) as engine:
        metadata.create_all(engine)
        with engine.begin() as connection:
            if rows:
                connection.execute(sa.insert(table), rows)

        def raw() -> Mapping[int, object]:
            with engine.connect() as connection:
                return {row.id: tuple(row) for row in connection.execute(sa.select(table))}

        def read_only() -> SqlStore:
            return connector.open("store", url, zone="UTC", read_only=True, limit=Limit())

        try:
            with opened(url) as store:
                yield Made(store, collection(name, key), raw, read_only)
        finally:
            with engine.begin() as connection:
                table.drop(connection)
