"""Keys come back from evidence as what they were, whatever they are."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from servanda.connectors.sql import keys
from servanda.connectors.sql.keys import Identity
from servanda.kernel.errors import StoreRefused

I8, JSON, SHA256 = Identity("i8", ()), Identity("json", ()), Identity("sha256", ())
INTEGERS = st.integers(-(2**63), 2**63 - 1)
VALUES = st.one_of(
    st.none(),
    st.booleans(),
    INTEGERS,
    st.floats(allow_nan=False),
    st.text(st.characters(exclude_categories=["Cs"])),
    st.binary(),
    st.datetimes().map(lambda moment: moment.replace(fold=0)),  # no engine gives another
    st.dates(),
    st.decimals(allow_nan=False, allow_infinity=False),
)


@given(st.lists(INTEGERS))
def test_integers_are_packed_in_order_and_read_back(numbers: list[int]) -> None:
    found = keys.pack(I8, [(each,) for each in numbers])
    assert found.count == len(numbers)
    assert len(found.data) == 8 * len(numbers)
    assert [each[0] for each in keys.unpack(found)] == sorted(numbers)
    shuffled = b"".join(each.to_bytes(8, "big", signed=True) for each in numbers)
    assert keys.packed_bytes(shuffled, len(numbers)) == found


@given(st.lists(st.tuples(VALUES, VALUES)))
def test_any_values_are_read_back(rows: list[tuple[Any, Any]]) -> None:
    found = keys.pack(JSON, rows)
    assert found.count == len(rows)
    assert sorted(map(repr, keys.unpack(found))) == sorted(map(repr, rows))


def test_values_of_the_engines() -> None:
    row = (
        datetime(2024, 2, 29, 12, 30, 1, 5, tzinfo=UTC),
        date(2024, 2, 29),
        Decimal("12.50"),
        2**60,
        b"\x00\xff",
        "ü\n",
    )
    assert keys.unpack(keys.pack(JSON, [row])) == [row]
    assert keys.from_json(keys.to_json(row)) == list(row)
    assert keys.unpack(keys.pack(JSON, [(UUID(int=7),)])) == [(str(UUID(int=7)),)]


def test_digests_keep_their_repetitions() -> None:
    one, two = b"a" * 32, b"b" * 32
    found = keys.pack(SHA256, [(two,), (one,), (two,)])
    assert (found.data, found.count) == (one + two + two, 3)
    assert keys.unpack(found) == [(one,), (two,), (two,)]


def test_fewer_keys_than_rows_are_refused() -> None:
    with pytest.raises(StoreRefused, match="fewer keys"):
        keys.packed_bytes(bytes(8), 2)
    with pytest.raises(StoreRefused, match="greater than"):
        keys.pack(I8, [(2**63,)])
