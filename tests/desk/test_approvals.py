"""An approval is of exactly one plan, by somebody, for a reason."""

from __future__ import annotations

import json

import pytest

from servanda.desk import approvals
from servanda.kernel.errors import UsageError
from servanda.state.models import Leaf

ONE, TWO = "a" * 64, "b" * 64


def test_counts_for_its_plan_only(each_state: str) -> None:
    assert approvals.of(ONE) == []
    approvals.approve(ONE, by="alice", reason="looked at all 900")
    approvals.approve(ONE, by="bob", reason="so did I")
    assert [each.by for each in approvals.of(ONE)] == ["alice", "bob"]
    assert approvals.of(TWO) == []


def test_why_it_was_approved_stays_out_of_the_ledger(sqlite_state: str) -> None:
    """It is in somebody's own words, and the ledger forgets nothing."""
    approvals.approve(ONE, by="alice", reason="Ann Client asked for it")
    approvals.approve(TWO, by="alice", reason="Bob Client did not")
    assert [each.reason for each in approvals.of(ONE)] == ["Ann Client asked for it"]
    entries = [json.loads(bytes(leaf.entry)) for leaf in Leaf.objects.order_by("index")]
    assert [each["plan"] for each in entries] == [ONE, TWO]
    assert not any("reason" in each or "Client" in json.dumps(each) for each in entries)


def test_twice_is_once(sqlite_state: str) -> None:
    first = approvals.approve(ONE, by="alice", reason="looked")
    again = approvals.approve(ONE, by="alice", reason="another reason")
    assert again == first
    (leaf,) = Leaf.objects.all()
    entry = json.loads(bytes(leaf.entry))
    assert (entry["kind"], entry["plan"], entry["by"]) == ("approval", ONE, "alice")


def test_refuses_what_is_no_plan_and_nobody(sqlite_state: str) -> None:
    for plan, by, reason in (("a", "alice", "x"), (ONE, " ", "x"), (ONE, "alice", "")):
        with pytest.raises(UsageError):
            approvals.approve(plan, by=by, reason=reason)
    assert approvals.of(ONE) == []
