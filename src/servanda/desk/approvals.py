"""Approvals: a person lets exactly one plan pass the circuit breaker."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from servanda import ledger, state
from servanda.kernel.digest import is_digest
from servanda.kernel.errors import UsageError
from servanda.state.connection import guard
from servanda.state.models import Approval as Row


@dataclass(frozen=True, slots=True)
class Approval:
    plan: str  # digest
    by: str
    at: datetime
    reason: str


def approve(plan: str, *, by: str, reason: str, now: datetime | None = None) -> Approval:
    """Record an approval of the plan with this digest, and say so in the ledger. The same person
    again changes nothing and gives the first one. UsageError without a name or a reason."""
    if not is_digest(plan):
        raise UsageError("that is not the digest of a plan", "see `servanda plan`")
    if not by.strip() or not reason.strip():
        raise UsageError("an approval needs who decided and why", "give --by and --reason")
    moment = datetime.now(UTC) if now is None else now
    with state.transaction():
        row, new = Row.objects.get_or_create(
            plan_digest=plan, by=by, defaults={"at": moment, "reason": reason}
        )
        if new:
            entry = {"kind": "approval", "plan": plan, "by": by, "reason": reason}
            ledger.append([entry], now=now)
    return Approval(row.plan_digest, row.by, row.at, row.reason)


def of(plan: str) -> list[Approval]:
    """All approvals of the plan with this digest, oldest first."""
    with guard():
        rows = list(Row.objects.filter(plan_digest=plan).order_by("at"))
    return [Approval(row.plan_digest, row.by, row.at, row.reason) for row in rows]
