"""Packed keys as predicates and as values: to read records again, and to search for traces."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, cast

from servanda.apply import keysets
from servanda.kernel.errors import StoreRefused
from servanda.kernel.predicate import Compare, OneOf, Predicate, Scalar, all_of, any_of
from servanda.stores.mapping import Collection
from servanda.stores.port import Keys

_AT_ONCE = 500


def values(keys: Keys) -> Iterator[tuple[Scalar, ...]]:
    """The key of each record; StoreRefused for records that are not named one by one."""
    if keys.encoding in ("sha256", "partition"):
        raise StoreRefused(
            "these records have no key, so they cannot be read one by one",
            "name the table's key in the mapping",
        )
    for packed in keysets.members(keys):
        if keys.encoding == "i8":
            yield (int.from_bytes(packed, "big", signed=True),)
        else:
            yield tuple(map(_scalar, json.loads(packed)))


def _scalar(value: Any) -> Scalar:
    """Values that JSON has no word for are written as `{kind: text}`."""
    if not isinstance(value, dict):
        return cast(Scalar, value)
    ((kind, text),) = value.items()
    match kind:
        case "int":
            return int(text)
        case "float":
            return float(text)
        case "hex":
            return bytes.fromhex(text)
        case "datetime":
            moment = datetime.fromisoformat(text)
            return moment if moment.tzinfo else str(text)  # the wall clock of its own store
        case "date" | "decimal":
            return str(text)
        case _:
            raise StoreRefused("a recorded key cannot be read", "it was made by a newer version")


def matching(collection: Collection, keys: Keys) -> Iterator[Predicate]:
    """Predicates that together are true of exactly these records of a keyed collection."""
    batch: list[tuple[Scalar, ...]] = []
    for each in values(keys):
        batch.append(each)
        if len(batch) == _AT_ONCE:
            yield any_key(collection.key, batch)
            batch = []
    if batch:
        yield any_key(collection.key, batch)


def any_key(fields: tuple[str, ...], rows: Sequence[tuple[Scalar, ...]]) -> Predicate:
    """True of the records whose `fields` equal one of the rows."""
    if any(len(row) != len(fields) for row in rows):
        raise StoreRefused(
            "the store names its records by another key than the mapping does",
            "name all columns of the table's key in the mapping",
        )
    if len(fields) == 1:
        return OneOf(fields[0], tuple(row[0] for row in rows))
    return any_of(
        all_of(Compare(f, "=", v) for f, v in zip(fields, row, strict=True)) for row in rows
    )
