"""Set arithmetic on packed keys agrees with Python's own on multisets."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from servanda.apply import keysets
from servanda.kernel.errors import StoreRefused
from servanda.stores.port import Keys


def i8(*numbers: int) -> Keys:
    return Keys("i8", b"".join(n.to_bytes(8, "big", signed=True) for n in numbers), len(numbers))


def numbers(keys: Keys) -> list[int]:
    return [int.from_bytes(m, "big", signed=True) for m in keysets.members(keys)]


some = st.lists(st.integers(-5, 5), max_size=12)


@given(some, some)
def test_agrees_with_multisets(one: list[int], other: list[int]) -> None:
    a, b = i8(*sorted(one)), i8(*sorted(other))
    assert numbers(keysets.union(a, b)) == sorted((Counter(one) | Counter(other)).elements())
    assert numbers(keysets.minus(a, b)) == sorted((Counter(one) - Counter(other)).elements())
    assert keysets.equal(a, b) == (Counter(one) == Counter(other))


def test_negative_keys_stay_in_numeric_order() -> None:
    assert numbers(keysets.union(i8(-3, 7), i8(-9, 2))) == [-9, -3, 2, 7]


def test_json_lines_with_and_without_a_last_newline_are_the_same_records() -> None:
    one = Keys("json", b'["a"]\n["b"]', 2)
    other = Keys("json", b'["a"]\n["b"]\n', 2)
    assert keysets.equal(one, other)
    assert keysets.minus(one, Keys("json", b'["a"]', 1)) == Keys("json", b'["b"]', 1)


def test_another_encoding_is_refused_not_guessed() -> None:
    with pytest.raises(StoreRefused, match="named in another way"):
        keysets.union(i8(1), Keys("sha256", b"x" * 32, 1))


def test_digest_depends_on_encoding_and_content() -> None:
    assert keysets.digest(i8(1)) != keysets.digest(i8(2))
    assert keysets.digest(Keys("i8", b"x" * 32, 4)) != keysets.digest(Keys("sha256", b"x" * 32, 1))
