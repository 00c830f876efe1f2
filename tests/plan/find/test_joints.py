"""Values join as their text says, and otherwise only as the store itself answers."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from servanda.kernel.predicate import All, OneOf, Scalar
from servanda.plan.find.joints import AT_ONCE, Asked, asking, joint, text_of


@pytest.mark.parametrize(
    ("value", "text"),
    [(7, "7"), ("7", "7"), (7.0, "7"), (7.5, "7.5"), (True, "1"), (b"\xff7", "\udcff7"),
     ("007", "007"), (datetime(2026, 1, 2, tzinfo=UTC), "2026-01-02T00:00:00+00:00")],
)  # fmt: skip
def test_as_text(value: Scalar, text: str) -> None:
    assert text_of(value) == text


@pytest.mark.parametrize("blank", [None, "", "  ", b""])
def test_blank_values_join_nothing(blank: Scalar) -> None:
    assert joint((1, blank), (0, 1)) is None
    assert joint((1, blank), (0,)) == ("1",)


def test_a_number_meets_every_spelling_of_it_and_text_only_itself() -> None:
    asked = Asked({("007",): ("007",), ("8",): (8,), ("b",): ("b",), ("nan",): ("nan",)})
    assert asked.of(("007",), ["007"]) == ("007",)
    assert asked.of(("7",), [7]) == ("007",)  # a number column was asked for "007"
    assert asked.of(("7",), ["7"]) is None
    assert asked.of(("008",), ["008"]) is None  # a folder "008" is not number 8
    assert asked.of(("b  ",), ["b  "]) == ("b",)
    assert asked.of(("9",), [9]) is None
    assert Asked({("0012.50",): ()}).of(("12.5",), [12.5]) == ("0012.50",)
    assert Asked({("7", "007"): ()}).of(("7", "7"), ["7", 7]) == ("7", "007")
    assert Asked({("007", "7"): ()}).of(("7", "7"), ["7", 7]) is None


def test_very_many_values_are_asked_in_several_reads() -> None:
    rows: list[tuple[Scalar, ...]] = [(n, n % 3) for n in range(AT_ONCE + 1)]
    first, second = asking(("a", "b"), rows)
    assert first == All((OneOf("a", tuple(range(AT_ONCE))), OneOf("b", (0, 1, 2))))
    assert second == All((OneOf("a", (AT_ONCE,)), OneOf("b", (AT_ONCE % 3,))))
    (alone,) = asking(("a",), [("x",), ("y",), ("x",)])
    assert alone == OneOf("a", ("x", "y"))
