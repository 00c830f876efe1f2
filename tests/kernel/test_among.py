"""Rows found by what they equal, in a time that does not grow with their number."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from servanda.kernel.comparing import compare
from servanda.kernel.evaluate import evaluate
from servanda.kernel.predicate import Among, OneOf, Scalar, from_data, to_data

NOON = datetime(2025, 6, 1, 12, tzinfo=UTC)
VALUES: tuple[Scalar, ...] = (
    None, True, False, 0, 1, 1.0, -5, 2**53 + 1, float(2**53), 2**70, "1", "01", "1.0", "true",
    "True", "anna", "Anna", "anna ", "", " ", "nan", "inf", float("inf"), "9007199254740993",
    b"anna", b"1", b"\xff", b"true", NOON, NOON.isoformat(), str(NOON), "2025-06-01T14:00:00+02:00",
    datetime(2025, 6, 1, 12), "2025-06-01 12:00:00",
)  # fmt: skip


def same(have: Scalar, want: Scalar) -> bool:
    return have is want if have is None or want is None else compare(have, "=", want)


@pytest.mark.parametrize("want", VALUES, ids=repr)
def test_found_is_whatever_equals(want: Scalar) -> None:
    for have in VALUES:
        alone = Among(("a",), ((want,),))
        assert alone.has([have]) is same(have, want), have
        assert OneOf("a", (want,)).has(have) is compare(have, "=", want), have


def test_every_field_counts_and_null_equals_null() -> None:
    rows = ((1, None), (2, "x"), (3, "y"))
    where = Among(("a", "b"), rows)
    for have in product((1, "2", 3, None), (None, "x", "")):
        record = dict(zip(("a", "b"), have, strict=True))
        meant = any(all(map(same, have, row)) for row in rows)
        assert evaluate(where, record.__getitem__, lambda *_: None) is meant, have
    assert where.may_have({1: "y"})
    assert not where.may_have({1: "z"})
    assert where.may_have({})


def test_no_rows_are_never_true_and_rows_must_fit() -> None:
    assert not Among(("a",), ()).has([None])
    with pytest.raises(ValueError, match="one value for each field"):
        Among(("a", "b"), ((1,),))
    with pytest.raises(ValueError, match="there is a field"):
        Among((), ((),))


scalars = st.none() | st.booleans() | st.integers() | st.text() | st.binary() | st.just(NOON)


@given(st.lists(st.tuples(scalars, scalars)), st.tuples(scalars, scalars))
def test_as_many_comparisons_would_say(
    rows: list[tuple[Scalar, Scalar]], have: tuple[Scalar, Scalar]
) -> None:
    where = Among(("a", "b"), tuple(rows))
    assert where.has(have) is any(all(map(same, have, row)) for row in rows)
    assert all(where.has(row) for row in rows)
    assert from_data(to_data(where)) == where
    assert hash(from_data(to_data(where))) == hash(where)
