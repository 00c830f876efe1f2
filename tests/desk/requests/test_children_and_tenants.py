"""A child's data opens an erasure; a customer's goes to the customer."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from servanda.kernel.age import years
from servanda.kernel.errors import UsageError
from servanda.state.models import Request
from tests.desk.requests.desk_world import NOW, RECEIVED, entries, make, opened


@pytest.mark.parametrize(
    ("more", "opens"),
    [
        ({"age": 12}, True),
        ({"age": 13}, False),
        ({"age": 12, "parent_consents": True}, False),
        ({"born": date(2013, 3, 17)}, True),
        ({"born": date(2013, 3, 16)}, False),
        ({"age": 17, "place": "KE"}, True),
        ({"age": 18, "place": "KE"}, False),
        ({}, False),
    ],
)
def test_of_a_child_an_erasure_is_opened(
    sqlite_state: str, tmp_path: Path, more: dict[str, Any], opens: bool
) -> None:
    desk = make(tmp_path)
    ref = opened(desk, "access", **more)
    opened(desk, "access", "max@example.test")
    erasures = [each for each in desk.listed() if each.right == "erasure"]
    assert len(erasures) == opens
    assert bool(desk.get(ref).child) is opens
    for each in erasures:
        assert each.identities == (("email", "jo@example.test"),)
        assert f"request {ref}" in each.because[0]
        assert [entry["because"] for entry in entries("request.received")] == [None, "child", None]


def test_an_erasure_needs_no_second_one(sqlite_state: str, tmp_path: Path) -> None:
    desk = make(tmp_path)
    ref = opened(desk, "erasure", age=9)
    assert "under 13" in desk.get(ref).child
    assert Request.objects.count() == 1


@pytest.mark.parametrize(
    ("born", "on", "age"),
    [
        (date(2012, 2, 29), date(2025, 2, 28), 12),
        (date(2012, 2, 29), date(2025, 3, 1), 13),
        (date(2012, 3, 16), RECEIVED, 14),
        (date(2012, 3, 17), RECEIVED, 13),
    ],
)
def test_years(born: date, on: date, age: int) -> None:
    assert years(born, on) == age


def test_a_customers_data_is_the_customers(each_state: str, tmp_path: Path) -> None:
    desk = make(tmp_path, tenants=("harbour", "quay"))
    named, ours = opened(desk, "access", tenant="harbour"), opened(desk, "access")
    assert [desk.get(each).state for each in (named, ours)] == ["routed", "received"]
    desk.route(ours, "quay", by="ann", now=NOW)
    with pytest.raises(UsageError, match='did you mean "quay"'):
        desk.route(ours, "quai", by="ann", now=NOW)
    assert [(e["request"], e["tenant"]) for e in entries("request.routed")] == [
        (named, "harbour"),
        (ours, "quay"),
    ]
    with pytest.raises(UsageError, match="possible now"):
        desk.decide(named, "act", by="ann", now=NOW)
    desk.event(named, "customer_told", NOW.date(), "ann", now=NOW)
    desk.event(named, "instructed", NOW.date(), "ann", now=NOW)
    seen = desk.get(named)
    assert (seen.state, seen.tenant) == ("verified", "harbour")
    desk.decide(named, "act", by="ann", now=NOW)
    assert desk.get(ours).state == "routed"
    desk.close(ours, "answered_by_customer", by="ann", now=NOW)
