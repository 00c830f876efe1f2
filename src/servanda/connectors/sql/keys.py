"""What names a record in evidence, and how it is packed and read back.

The harm a wrong key does: evidence that names another record than the one that went, or a resumed
run that takes a deleted record for one still there. So a key is packed from what the engine itself
returned, and read back into the same values. Guarded by tests/connectors/sql/test_windows_keys.py.
"""

from __future__ import annotations

import hashlib
import json
from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from functools import reduce
from itertools import islice
from operator import le
from typing import Any, Literal
from uuid import UUID

import sqlalchemy as sa

from servanda.connectors.sql import layout, reflect, sources
from servanda.connectors.sql.reflect import Mapped
from servanda.kernel.canonical import canonical
from servanda.kernel.errors import StoreRefused
from servanda.stores.port import Keys

_SAFE = 2**53  # canonical JSON writes no larger integer
_WIDE = 2**63


@dataclass(frozen=True, slots=True)
class Identity:
    """How the records of a collection are named. `columns` is empty for `sha256`."""

    encoding: Literal["i8", "json", "sha256"]
    columns: tuple[sa.Column[Any], ...]


def identity(mapped: Mapped) -> Identity:
    """The collection's key, else the table's own primary key, else the row's digest."""
    columns = sources.key_columns(mapped)
    if not columns:
        columns = tuple(mapped.table.columns[n] for n in mapped.table.info["primary_key"])
    if not columns:
        return Identity("sha256", ())
    if len(columns) == 1 and _always_integer(mapped, columns[0]):
        return Identity("i8", columns)
    return Identity("json", columns)


def _always_integer(mapped: Mapped, column: sa.Column[Any]) -> bool:
    about = reflect.about(column)
    if about.kind != "integer":
        return False
    if mapped.db.dialect == "sqlite":  # keeps what it is given, except in a row id's alias
        return layout.is_row_id(mapped, column)
    return not about.nullable


def selected(mapped: Mapped, found: Identity) -> list[sa.ColumnElement[Any]]:
    """What to select (or return) of a record so that `pack` can name it."""
    if found.encoding == "sha256":
        return [digest(mapped).label("servanda_digest")]
    return list(found.columns)


# ── packing ───────────────────────────────────────────────────────────────────────────────────


def pack(found: Identity, rows: Iterable[Sequence[Any]]) -> Keys:
    """The keys of rows as `selected` gave them."""
    match found.encoding:
        case "i8":
            return packed_integers(array("q", (_signed(row[0]) for row in rows)))
        case "json":
            lines = sorted(canonical([_to_json(each) for each in row]) for row in rows)
            return Keys("json", b"\n".join(lines), len(lines))
        case "sha256":
            parts = sorted(bytes(row[0]) for row in rows)
            return Keys("sha256", b"".join(parts), len(parts))


def packed_bytes(data: bytes, count: int) -> Keys:
    """Keys of eight bytes each as the engine packed them, in any order."""
    numbers = array("q")
    numbers.frombytes(data)
    numbers.byteswap()
    if len(numbers) != count:
        raise StoreRefused("the store returned fewer keys than rows", "report this as a fault")
    return Keys("i8", data, count) if _ascending(numbers) else packed_integers(numbers)


def packed_integers(numbers: array[int]) -> Keys:
    in_order = numbers[:] if _ascending(numbers) else array("q", sorted(numbers))
    in_order.byteswap()  # every machine we run on is little-endian
    return Keys("i8", in_order.tobytes(), len(in_order))


def _ascending(numbers: array[int]) -> bool:
    """Without a list of them: windows mostly give keys in order, and memory counts."""
    return all(map(le, numbers, islice(numbers, 1, None)))


def empty(found: Identity) -> Keys:
    return Keys(found.encoding, b"", 0)


def _signed(value: Any) -> int:
    number = int(value)
    if not -_WIDE <= number < _WIDE:
        raise StoreRefused("a key is greater than 2^63", "such a table cannot be worked on")
    return number


def _to_json(value: Any) -> Any:
    """A key's value as JSON; `_from_json` gives back what compares equal in the store."""
    match value:
        case None | bool() | str():
            return value
        case int():
            return value if abs(value) <= _SAFE else {"int": str(value)}
        case float():
            return {"float": repr(value)}
        case bytes() | bytearray() | memoryview():
            return {"hex": bytes(value).hex()}
        case datetime():
            return {"datetime": value.isoformat()}
        case date():
            return {"date": value.isoformat()}
        case Decimal():
            return {"decimal": str(value)}
        case UUID():
            return str(value)
        case time() | timedelta():
            return str(value)
        case _:
            return str(value)


def _from_json(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    ((kind, text),) = value.items()
    match kind:
        case "int":
            return int(text)
        case "float":
            return float(text)
        case "hex":
            return bytes.fromhex(text)
        case "datetime":
            return datetime.fromisoformat(text)
        case "date":
            return date.fromisoformat(text)
        case "decimal":
            return Decimal(text)
        case _:
            raise StoreRefused("a recorded key cannot be read", "it was made by a newer version")


def to_json(values: Sequence[Any]) -> list[Any]:
    """Values of a record as JSON data, for the bounds of windows."""
    return [_to_json(each) for each in values]


def from_json(values: Sequence[Any]) -> list[Any]:
    """Inverse of `to_json`."""
    return [_from_json(each) for each in values]


# ── reading back ──────────────────────────────────────────────────────────────────────────────


def unpack(keys: Keys) -> list[tuple[Any, ...]]:
    """The values of each key, ready to bind: a tuple as long as the key, or (digest,)."""
    match keys.encoding:
        case "i8":
            numbers = array("q")
            numbers.frombytes(keys.data)
            numbers.byteswap()
            return [(each,) for each in numbers]
        case "json":
            lines = keys.data.split(b"\n") if keys.data else []
            return [tuple(_from_json(each) for each in json.loads(line)) for line in lines]
        case "sha256":
            return [(keys.data[at : at + 32],) for at in range(0, len(keys.data), 32)]
        case "partition":
            return []


# ── the digest of a keyless row ───────────────────────────────────────────────────────────────


def digest(mapped: Mapped) -> sa.ColumnElement[bytes]:
    """SHA-256 over the row's values as text, columns in the order of their names. 32 bytes.

    In SQLite `prepare` must have been called on the connection.
    """
    columns = sorted(mapped.table.columns, key=lambda column: column.name)
    result: sa.types.TypeEngine[Any] = sa.types.NullType()
    match mapped.db.dialect:
        case "postgresql":
            text = sa.cast(sa.func.row(*columns), sa.Text())
            return sa.func.sha256(sa.func.convert_to(text, "UTF8"), type_=result)
        case "mariadb":
            parts = [
                sa.func.ifnull(sa.func.hex(sa.cast(c, sa.types.LargeBinary())), "~")
                for c in columns
            ]
            return sa.func.unhex(sa.func.sha2(sa.func.concat_ws(",", *parts), 256), type_=result)
        case "sqlite":
            # Joined, since a function takes no more than 127 arguments.
            quoted: list[sa.ColumnElement[Any]] = [sa.func.quote(c) for c in columns]
            comma = sa.literal(",")
            joined = reduce(lambda one, two: one.concat(comma).concat(two), quoted)
            return sa.func.sv_digest(joined, type_=result)


def prepare(connection: sa.Connection) -> None:
    """Make `digest` known to a connection of SQLite; nothing elsewhere."""
    if connection.dialect.name == "sqlite":
        raw = connection.connection.dbapi_connection
        assert raw is not None
        raw.create_function("sv_digest", 1, _digest, deterministic=True)


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).digest()
