"""Two people behind every plan that writes: who counts, who does not."""

from __future__ import annotations

import pytest

from servanda.desk import approvals
from servanda.desk.settings import SCHEDULE
from servanda.kernel.errors import UsageError
from servanda.ledger import history

pytestmark = pytest.mark.usefixtures("sqlite_state")

PLAN, OTHER = "1" * 64, "2" * 64
ANN, BOB, CID = "member 1", "member 2", "member 3"


def approve(by: str, plan: str = PLAN) -> None:
    approvals.approve(plan, by=by, reason="looked at it", four_eyes=True)


def test_the_first_maker_stays() -> None:
    approvals.made(PLAN, ANN)
    approvals.made(PLAN, BOB)
    approvals.made(OTHER, BOB)
    assert (approvals.maker(PLAN), approvals.maker(OTHER)) == (ANN, BOB)
    assert approvals.maker("3" * 64) is None


def test_who_made_it_may_not_approve_it() -> None:
    approvals.made(PLAN, ANN)
    with pytest.raises(UsageError):
        approve(ANN)
    assert approvals.of(PLAN) == [] and list(history.entries("approval")) == []
    approve(BOB)
    assert [each.by for each in approvals.of(PLAN)] == [BOB]
    approvals.approve(PLAN, by=ANN, reason="without the setting, she may")


@pytest.mark.parametrize("by", ["account ann", "ann", "token 4", "member", "member 1 ", "member x"])
def test_only_members_count(by: str) -> None:
    approvals.made(PLAN, ANN)
    with pytest.raises(UsageError):
        approve(by)
    approvals.approve(PLAN, by=by, reason="recorded before the setting was made")
    assert "neither made it nor runs it" in approvals.lacking(PLAN, ANN)


def test_who_runs_it_is_not_the_only_one_to_approve_it() -> None:
    approvals.made(PLAN, ANN)
    assert approvals.lacking(PLAN, ANN)
    approve(BOB)
    assert approvals.lacking(PLAN, ANN) == ""
    assert approvals.lacking(PLAN, CID) == ""
    assert approvals.lacking(PLAN, BOB)
    assert approvals.lacking(OTHER, ANN)  # another plan is another plan


def test_a_plan_made_outside_needs_two_members() -> None:
    approvals.made(PLAN, "account ann")
    approve(BOB)
    assert "two members" in approvals.lacking(PLAN, "account ann")
    assert approvals.lacking(PLAN, CID) == ""
    approve(CID)
    assert approvals.lacking(PLAN, "account ann") == ""


def test_a_plan_that_nobody_made_is_refused() -> None:
    approve(BOB)
    approve(CID)
    assert "nobody is on record" in approvals.lacking(PLAN, ANN)


def test_the_schedule_needs_nobody_for_its_own() -> None:
    approvals.made(PLAN, SCHEDULE)
    assert approvals.lacking(PLAN, SCHEDULE) == ""
    assert approvals.lacking(PLAN, ANN)  # a person who runs what waited
    approve(BOB)
    assert approvals.lacking(PLAN, ANN) == ""
    approvals.made(OTHER, ANN)
    assert approvals.lacking(OTHER, SCHEDULE)
