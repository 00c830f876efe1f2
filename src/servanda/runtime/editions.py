"""Publish the policy of a workspace, look at what differs, and note that it was reviewed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from servanda.kernel.errors import UsageError
from servanda.policy.differing import Difference, reasons

if TYPE_CHECKING:
    from servanda.desk.editions import Pending
    from servanda.runtime.workspace import Workspace
    from servanda.state.models import Edition


@dataclass(frozen=True, slots=True)
class Draft:
    """policy.yaml against what is published. `newest`: None before the first edition. `earliest`:
    when it could bind if published now, for a material change and for any other."""

    newest: Edition | None
    current: Edition | None
    differences: tuple[Difference, ...]
    reasons: tuple[str, ...]
    same: bool
    earliest: datetime
    pending: Pending | None
    review_due: datetime | None
    reviewed: datetime | None

    @property
    def material(self) -> bool:
        return bool(self.reasons)


def draft(workspace: Workspace, now: datetime | None = None) -> Draft:
    """Where the published policy stands."""
    from servanda.desk import editions

    moment = now or datetime.now(UTC)
    newest = editions.newest()
    found = editions.since(workspace.policy)
    return Draft(
        newest,
        editions.current(moment),
        found,
        reasons(found),
        newest is not None and newest.digest == workspace.policy.digest,
        editions.earliest(workspace.policy, moment, material=bool(reasons(found))),
        editions.pending(moment),
        review_due(workspace),
        reviewed(),
    )


def publish(
    workspace: Workspace,
    *,
    by: str,
    material: bool,
    binds_at: datetime | None = None,
    overruled: str = "",
    note: str = "",
    rewritten: bool = False,
    now: datetime | None = None,
) -> Edition:
    """Render policy.yaml as it is now, and record it as the next edition."""
    from servanda.desk import editions
    from servanda.runtime import record, rendering

    moment = now or datetime.now(UTC)
    record.policy(workspace, moment)
    facts = editions.facts(workspace.policy, moment, binds_at, material=material)
    return editions.publish(
        workspace.policy,
        rendering.rendered(workspace, facts),
        by=by,
        binds_at=binds_at,
        material_confirmed=material,
        overruled=overruled,
        note=note,
        number=facts.number,
        rewritten=rewritten,
        now=now,
    )


def day(workspace: Workspace, text: str) -> datetime:
    """The midnight with which a day begins where the policy is at home."""
    try:
        found = datetime.strptime(text.strip(), "%Y-%m-%d")  # noqa: DTZ007
    except ValueError:
        raise UsageError(f'"{text[:20]}" is not a day', "write 2026-03-31") from None
    return found.replace(tzinfo=ZoneInfo(workspace.policy.zone)).astimezone(UTC)


# ── review ────────────────────────────────────────────────────────────────────────────────────


def reviewed() -> datetime | None:
    """When somebody last looked the policy through."""
    from servanda.ledger import history

    last = history.last("policy.reviewed")
    return last.at if last is not None else None


def review_due(workspace: Workspace) -> datetime | None:
    """By when it has to be looked through; None where that is not promised, or nothing is
    published yet."""
    from servanda.desk import editions

    changes = workspace.policy.changes
    if changes is None or changes.review is None:
        return None
    rows = editions.listed()
    since = reviewed() or (rows[-1].published_at if rows else None)
    return changes.review.after(since, workspace.zone) if since is not None else None


def review(workspace: Workspace, *, by: str, changes: bool, now: datetime | None = None) -> None:
    """Somebody looked the policy through. `changes`: it needs some, which come as an edition."""
    from servanda import ledger
    from servanda.desk.requests.book import need

    need(by)
    entry = {"kind": "policy.reviewed", "digest": workspace.policy.digest, "changes": changes}
    ledger.append([{**entry, "by": by}], now=now)
