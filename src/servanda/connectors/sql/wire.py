"""MariaDB's `DELETE … RETURNING` of one integer a row, taken from the wire in blocks.

The driver makes a Python object of every field of every row, which costs more than the deletion
itself. Here the key is returned as eight bytes, so that every row's packet is 13 bytes long (4 of
header, 1 of length, 8 of key), and what the driver's buffer holds is cut into keys by slices.
The first packet of any other kind, the answer's end or an error, is left to the driver.

The danger: taking something else for a key. Every packet must have exactly that form, and the
engine's caller compares the keys with what it knows; otherwise the window is rolled back.
Tests: tests/connectors/sql/test_windows_mariadb.py.
"""

from __future__ import annotations

from typing import Any

import pymysql
import sqlalchemy as sa

from servanda.connectors.sql import keys
from servanda.kernel.errors import StoreRefused
from servanda.stores.port import Keys

_ROW = 13
_NINE, _EIGHT = b"\x09", b"\x08"  # length of a row's packet, and of the key in it
_LOST = 2013


def packed(column: sa.ColumnElement[Any]) -> sa.ColumnElement[Any]:
    """An integer as eight bytes, big-endian, in MariaDB's words."""
    return sa.func.unhex(sa.func.lpad(sa.func.hex(column), 16, "0")).label("k")


def keys_of(connection: sa.Connection, statement: sa.Executable) -> Keys:
    """The keys that a statement returning `packed` gives."""
    result = connection.execute(
        statement.execution_options(stream_results=True)  # the answer stays on the wire
    )
    first = result.fetchone()  # SQLAlchemy has read one row already
    if first is None:
        return Keys("i8", b"", 0)
    data = bytearray(first[0])
    cursor: Any = result.cursor
    while block := _block(cursor.connection):
        data += _cut(block)
    if result.fetchone() is not None:
        raise _odd()
    return keys.packed_bytes(bytes(data), len(data) // 8)


def _block(driver: Any) -> bytes:
    """The packets of rows that are in the driver's buffer, whole; nothing at the answer's end."""
    buffer = driver._rfile
    try:
        seen = buffer.peek()
        if seen[:1] != _NINE:
            return b""
        whole = seen[: len(seen) // _ROW * _ROW]
        firsts = whole[::_ROW]
        rows = max(len(firsts) - len(firsts.lstrip(_NINE)), 1)
        block: bytes = buffer.read(rows * _ROW)
    except OSError as error:
        raise _lost(driver) from error
    if len(block) < rows * _ROW:
        raise _lost(driver)
    driver._next_seq_id = (driver._next_seq_id + rows) % 256
    return block


def _cut(block: bytes) -> bytearray:
    rows = len(block) // _ROW
    headed = block[::_ROW] == _NINE * rows and block[4::_ROW] == _EIGHT * rows
    if not headed or block[1::_ROW] + block[2::_ROW] != bytes(2 * rows):
        raise _odd()
    found = bytearray(8 * rows)
    for each in range(8):
        found[each::8] = block[5 + each :: _ROW]
    return found


def _lost(driver: Any) -> sa.exc.StatementError:
    driver._result.unbuffered_active = False  # it must not look for the answer's end
    driver._force_close()
    error = pymysql.err.OperationalError(_LOST, "the connection was lost")
    return sa.exc.DBAPIError.instance(None, None, error, pymysql.err.Error)


def _odd() -> StoreRefused:
    return StoreRefused("the store's answer has an unexpected form", "report this as a fault")
