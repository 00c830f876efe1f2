"""Approvals: a person lets exactly one plan pass the circuit breaker; and four eyes.

The danger: one person alone who makes a plan, approves it and runs it. With `[web] four_eyes` a
plan that writes runs only where a member approved it who neither made nor runs it, and where two
members stand behind it in all. Only members of the console count: an account of the machine, or a
program's token, may be the same person again. What the schedule makes and runs itself is the
policy's doing, below the breaker's limits, and needs nobody. What guards it: `lacking` is asked by
`apply.validate` before anything is touched, whoever starts the run.

Why somebody approved is their own words, which may name people, so it stays in the state; the
ledger, which forgets nothing, learns the plan and who. Older entries hold the words as well.
Tests: tests/desk/test_four_eyes.py, tests/runtime/test_four_eyes.py.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime

from servanda import ledger, state
from servanda.desk.settings import SCHEDULE
from servanda.kernel.digest import is_digest
from servanda.kernel.errors import UsageError
from servanda.state.connection import guard
from servanda.state.models import Approval as Row
from servanda.state.models import MadePlan

REMEDY = "let another member look at it and approve it in the console"
_MEMBER = re.compile(r"member \d+")


@dataclass(frozen=True, slots=True)
class Approval:
    plan: str  # digest
    by: str
    at: datetime
    reason: str


def made(plan: str, by: str, *, now: datetime | None = None) -> None:
    """Keep who made the plan with this digest. The first one stays."""
    with state.transaction():
        MadePlan.objects.get_or_create(
            digest=plan, defaults={"by": by, "made_at": now or datetime.now(UTC)}
        )


def maker(plan: str) -> str | None:
    """Who made it; None where nobody is on record."""
    with guard():
        return MadePlan.objects.filter(digest=plan).values_list("by", flat=True).first()


def approve(
    plan: str, *, by: str, reason: str, four_eyes: bool = False, now: datetime | None = None
) -> Approval:
    """Record an approval of the plan with this digest, and say so in the ledger. The same person
    again changes nothing and gives the first one. UsageError without a name or a reason, and,
    with `four_eyes`, for whoever made the plan and for who is no member."""
    if not is_digest(plan):
        raise UsageError("that is not the digest of a plan", "see `servanda plan`")
    if not by.strip() or not reason.strip():
        raise UsageError("an approval needs who decided and why", "give --by and --reason")
    if four_eyes and not _MEMBER.fullmatch(by):
        raise UsageError("with four eyes only members approve", "approve it in the console")
    if four_eyes and maker(plan) == by:
        raise UsageError("you made this plan, so you may not approve it", REMEDY)
    moment = datetime.now(UTC) if now is None else now
    with state.transaction():
        row, new = Row.objects.get_or_create(
            plan_digest=plan, by=by, defaults={"at": moment, "reason": reason}
        )
        if new:
            entry = {"kind": "approval", "plan": plan, "by": by}
            ledger.append([entry], now=now)
    return Approval(row.plan_digest, row.by, row.at, row.reason)


def of(plan: str) -> list[Approval]:
    """All approvals of the plan with this digest, oldest first."""
    with guard():
        rows = list(Row.objects.filter(plan_digest=plan).order_by("at"))
    return [Approval(row.plan_digest, row.by, row.at, row.reason) for row in rows]


def lacking(plan: str, runner: str) -> str:
    """What four eyes miss before `runner` may run this plan, in words; blank where nothing."""
    author = maker(plan)
    if author is None:
        return "nobody is on record as having made this plan"
    if author == runner == SCHEDULE:
        return ""
    approvers = {each.by for each in of(plan) if _MEMBER.fullmatch(each.by)}
    if not approvers - {author, runner}:
        return "it needs the approval of a member who neither made it nor runs it"
    behind = {each for each in (author, runner, *approvers) if _MEMBER.fullmatch(each)}
    if len(behind) < 2:
        return "it was made outside the console, so two members must approve it"
    return ""
