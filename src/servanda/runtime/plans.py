"""Plan files: where they are put, and how one is read back."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from servanda.kernel.digest import is_digest
from servanda.kernel.errors import UsageError
from servanda.plan.file import dump, parse

if TYPE_CHECKING:
    from servanda.plan.steps import Plan
    from servanda.runtime.workspace import Workspace


def make(workspace: Workspace, now: datetime, only: tuple[str, ...] | None = None) -> Plan:
    """Build the plan for `now`. Records the policy in force and the inventory it looked at;
    changes nothing in any store."""
    from servanda import inventory, ledger
    from servanda.desk import editions, holds
    from servanda.plan.build import build
    from servanda.plan.holds import hold_predicates
    from servanda.runtime import record

    workspace.use_state()
    workspace.settings.check_lead(now, workspace.zone)
    record.policy(workspace, now)
    stores = workspace.stores  # once: one that comes back meanwhile must not count for half
    taken = inventory.take(workspace.policy, workspace.configs, stores, now)
    ledger.append([{"kind": "inventory", **taken.entry()}])
    _, in_force = holds.in_force(workspace.master)
    return build(
        workspace.policy,
        workspace.configs,
        stores,
        now,
        lead(workspace, now),
        mapping=workspace.mapping,
        held=hold_predicates(in_force, workspace.configs, stores),
        inventory=taken,
        tenants=workspace.tenants,
        only=only,
        older=editions.older(now, workspace.policy),
    )


def lead(workspace: Workspace, now: datetime) -> timedelta:
    """How early sweeps delete, as a duration from `now`."""
    return workspace.settings.schedule.lead.after(now, workspace.zone) - now


def write(workspace: Workspace, plan: Plan, path: Path | None = None, *, by: str = "") -> Path:
    """Put the plan into `path`, or into the workspace under its digest. Returns the path.
    `by`: who made it; kept on record, for with four eyes they may not be the one to approve it."""
    from servanda.desk import approvals

    if path is None:
        folder = _folder(workspace)
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = folder / f"{plan.digest[:12]}.json"
    try:
        path.write_bytes(dump(plan))
    except OSError as error:
        raise UsageError(f"{path} cannot be written ({error.strerror})") from None
    if by:
        approvals.made(plan.digest, by)
    return path


def named(workspace: Workspace, digest: str) -> Plan:
    """The plan of this workspace with that digest; UsageError where there is none."""
    if not is_digest(digest):
        raise UsageError("that is not the digest of a plan", "see the list of plans")
    plan = read(_folder(workspace) / f"{digest[:12]}.json")
    if plan.digest != digest:
        raise UsageError("there is no such plan here", "make a new one")
    return plan


def listed(workspace: Workspace) -> list[Plan]:
    """Every sound plan that lies in the workspace, the newest first."""
    found = []
    for path in _folder(workspace).glob("*.json"):
        with suppress(UsageError):
            found.append(read(path))
    return sorted(found, key=lambda plan: plan.made_at, reverse=True)


def newest(workspace: Workspace, limit: int = 30, skip: int = 0) -> list[Plan]:
    """As `listed`, of the files written last; only those are read."""
    paths = []
    for path in _folder(workspace).glob("*.json"):
        with suppress(OSError):
            paths.append((path.stat().st_mtime_ns, path))
    found = []
    for _, path in sorted(paths, reverse=True)[skip : skip + limit]:
        with suppress(UsageError):
            found.append(read(path))
    return sorted(found, key=lambda plan: plan.made_at, reverse=True)


def _folder(workspace: Workspace) -> Path:
    return workspace.folder / ".servanda" / "plans"


def read(path: Path) -> Plan:
    """The plan in a file; UsageError when it is not there or not sound."""
    try:
        return parse(path.read_bytes())
    except OSError as error:
        raise UsageError(
            f"{path} cannot be read ({error.strerror})", "make a plan: servanda plan -o FILE"
        ) from None
