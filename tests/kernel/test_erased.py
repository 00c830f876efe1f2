"""A value counts as erased only in exactly the form that erasing gives."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from servanda.kernel.erased import is_erased
from servanda.kernel.evaluate import evaluate
from servanda.kernel.predicate import Erased, Not, Scalar, from_data, to_data

PSEUDONYM = "ps_" + "0123456789abcdef" * 2


@pytest.mark.parametrize(
    ("form", "erased", "plain"),
    [
        ("year", "2024-01-01", "2024-02-01"),
        ("year", datetime(2024, 1, 1, tzinfo=UTC), datetime(2024, 1, 1, 0, 0, 1, tzinfo=UTC)),
        ("month", "2024-05-01", "2024-05-02"),
        ("decade", "2020-01-01", "2021-01-01"),
        ("number:10", 40, 41),
        ("number:10", "40", "word"),
        ("ip", "203.0.113.0", "203.0.113.7"),
        ("ip", "203.0.113.0/32", "203.0.113.7/32"),  # as PostgreSQL writes an inet
        ("ip", "::/128", "203.0.113.0/24"),
        ("ip", "2001:db8:1::", "2001:db8:1:2::"),
        ("postcode", "BT1", "BT1 1AA"),
        ("postcode", "BT11", "BT11AA"),
        ("pseudonym", PSEUDONYM, "ops_team@example.test"),
        ("pseudonym", PSEUDONYM, PSEUDONYM + "0"),
    ],
)
def test_each_form_tells_erased_from_plain(form: str, erased: Scalar, plain: Scalar) -> None:
    assert is_erased(erased, form)
    assert not is_erased(plain, form)
    assert is_erased(None, form)
    assert is_erased(" ", form)


def test_the_predicate_evaluates_and_survives_a_file() -> None:
    predicate = from_data(to_data(Not(Erased("ip", "ip"))))
    assert predicate == Not(Erased("ip", "ip"))
    record = {"ip": "203.0.113.7"}
    assert evaluate(predicate, record.get, lambda clock, edge: None)
    record["ip"] = "203.0.113.0"
    assert not evaluate(predicate, record.get, lambda clock, edge: None)


def test_an_unknown_form_is_an_error() -> None:
    with pytest.raises(ValueError, match="unknown erased form"):
        is_erased("x", "rot13")
