"""The meaning of predicates on one record."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from servanda.kernel.evaluate import day_edge, evaluate
from servanda.kernel.predicate import (
    NOTHING,
    All,
    AnyOf,
    ClockBy,
    ClockMissing,
    Compare,
    Contains,
    Edge,
    Everything,
    Missing,
    Not,
    OneOf,
    Operator,
    Predicate,
    Scalar,
)

MOMENT = datetime(2025, 3, 1, 12, tzinfo=UTC)
FIELDS: dict[str, Scalar] = {
    "name": "Ada Lovelace",
    "blank": "  ",
    "null": None,
    "count": 7,
    "extension": "0200",
    "raw": b"caf\xe9",
    "when": MOMENT,
}
DAY = date(2025, 7, 1)
DUBLIN = ZoneInfo("Europe/Dublin")


def clock(event: str, edge: Edge) -> datetime | None:
    return {"at": MOMENT, "on": day_edge(DAY, edge, DUBLIN)}.get(event)


def holds(predicate: Predicate) -> bool:
    return evaluate(predicate, FIELDS.__getitem__, clock)


@pytest.mark.parametrize(
    ("field", "op", "value", "expected"),
    [
        ("name", "=", "Ada Lovelace", True),
        ("name", "=", "ada lovelace", False),
        ("name", "!=", "Grace", True),
        ("name", "<", "B", True),
        ("count", ">=", 7, True),
        ("count", "<", 7, False),
        ("count", "=", "7", True),
        ("extension", "=", 200, True),
        ("extension", "=", "200", False),
        ("name", "=", 200, False),
        ("name", "!=", 200, True),
        ("name", "<", 200, False),
        ("name", ">", 200, False),
        ("raw", "=", b"caf\xe9", True),
        ("when", "<=", MOMENT, True),
        ("when", "<", MOMENT, False),
        ("when", "=", MOMENT.isoformat(), True),
        ("null", "=", "x", False),
        ("null", "!=", "x", False),
        ("null", "=", None, False),
        ("blank", "=", "  ", True),
    ],
)
def test_compare(field: str, op: Operator, value: Scalar, expected: bool) -> None:
    assert holds(Compare(field, op, value)) is expected


def test_a_null_satisfies_no_comparison_but_its_negation_does() -> None:
    assert not holds(Compare("null", "=", "x"))
    assert holds(Not(Compare("null", "=", "x")))


def test_one_of() -> None:
    assert holds(OneOf("count", (1, 7)))
    assert not holds(OneOf("count", (1, 2)))
    assert not holds(OneOf("count", ()))
    assert not holds(OneOf("null", (None,)))


def test_contains_ignores_case_and_reads_bytes() -> None:
    assert holds(Contains("name", "LOVE"))
    assert not holds(Contains("name", "hopper"))
    assert holds(Contains("raw", "CAF"))
    assert holds(Contains("count", "7"))
    assert not holds(Contains("null", ""))


def test_missing_is_null_or_blank() -> None:
    assert holds(Missing("null"))
    assert holds(Missing("blank"))
    assert not holds(Missing("name"))
    assert not holds(Missing("count"))


def test_clocks() -> None:
    assert holds(ClockBy("at", MOMENT))
    assert not holds(ClockBy("at", MOMENT - timedelta(microseconds=1)))
    assert not holds(ClockBy("never", MOMENT))
    assert holds(ClockMissing("never"))
    assert not holds(ClockMissing("at"))


def test_a_date_counts_from_its_start_for_ceilings_and_its_end_for_floors() -> None:
    start = datetime(2025, 6, 30, 23, tzinfo=UTC)  # summer time
    assert day_edge(DAY, "start", DUBLIN) == start
    assert day_edge(DAY, "end", DUBLIN) == start + timedelta(days=1)
    assert holds(ClockBy("on", start, "start"))
    assert not holds(ClockBy("on", start + timedelta(hours=23), "end"))
    assert holds(ClockBy("on", start + timedelta(days=1), "end"))
    assert day_edge(date.max, "end", DUBLIN).year == 9999


def test_connectives() -> None:
    yes, no = Everything(), NOTHING
    assert holds(All(()))
    assert not holds(AnyOf(()))
    assert holds(All((yes, yes)))
    assert not holds(All((yes, no)))
    assert holds(AnyOf((no, yes)))
    assert not holds(AnyOf((no, no)))


def test_nothing_is_read_that_the_answer_does_not_need() -> None:
    def unread(_: str) -> Scalar:
        raise AssertionError("read a field for nothing")

    assert not evaluate(All((NOTHING, Missing("name"))), unread, clock)
    assert evaluate(AnyOf((Everything(), Missing("name"))), unread, clock)


ATOMS = st.sampled_from(
    [
        Everything(),
        NOTHING,
        Compare("name", "<", "B"),
        Compare("null", "!=", 1),
        Missing("blank"),
        Contains("name", "x"),
        ClockBy("at", MOMENT),
        ClockMissing("never"),
    ]
)
TREES: st.SearchStrategy[Predicate] = st.recursive(
    ATOMS,
    lambda inner: st.one_of(
        inner.map(Not),
        st.lists(inner, max_size=3).map(lambda parts: All(tuple(parts))),
        st.lists(inner, max_size=3).map(lambda parts: AnyOf(tuple(parts))),
    ),
    max_leaves=12,
)


@given(TREES, TREES)
def test_it_is_a_boolean_algebra(a: Predicate, b: Predicate) -> None:
    assert holds(Not(a)) is not holds(a)
    assert holds(Not(All((a, b)))) is holds(AnyOf((Not(a), Not(b))))
    assert holds(All((a, Not(a)))) is False
