"""Which keys say by themselves whose record it is: none that counting would give again."""

from __future__ import annotations

import pytest

from servanda.kernel.predicate import Scalar
from servanda.plan.requests.again import _speaking


@pytest.mark.parametrize(
    ("key", "speaks"),
    [
        (("a3f0c2de",), True),
        (("a3f0c2de", "inbox"), True),
        (("17",), False),
        ((17,), False),
        ((1001, 1), False),  # the first line of an order whose number is given again
        (("acme", 17), False),
        (("a3f0c2de", None), False),
    ],
)
def test_numbers_come_again(key: tuple[Scalar, ...], speaks: bool) -> None:
    assert _speaking(key) is speaks
